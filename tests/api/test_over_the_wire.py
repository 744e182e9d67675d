"""Bodies that lie, sent through a real server: what the WSGI tests assume of it is true."""

from __future__ import annotations

import contextlib
import json
import os
import select
import socket
import struct
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from console.front.bodies import DEFAULT_BOUNDS
from console.supervisor.programs import web_command
from governance.identity.core.roles import Role
from ledger.selectors.leaves import events_in
from tests.support.clones import Clone
from tests.support.counts import rows_of
from tests.support.world import Place, person, signed_in

ROOT = Path(__file__).resolve().parents[2]
EVENT = b'{"type":"t","payload":1}'
MEBIBYTE = 1024 * 1024


PATIENCE = 3.0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def port(request: pytest.FixtureRequest, acme: Place, ledger_db: Clone, tmp_path: Path) -> Iterator[int]:
    """The product's own web server on the clone; it waits three seconds for a body, or as long as a test says."""
    number = _free_port()
    environ = {
        **os.environ,
        "COUNTERSIGN_ENV": "test",
        "COUNTERSIGN_BODY_PATIENCE": str(getattr(request, "param", PATIENCE)),
        "DATABASE_URL": ledger_db.runtime_url,
        "COUNTERSIGN_HEAD_GUARD": ledger_db.guard_url,
        "DJANGO_SETTINGS_MODULE": "console.settings",
        "COUNTERSIGN_STATE_DIR": str(tmp_path),
    }
    with subprocess.Popen(web_command(number), cwd=ROOT, env=environ) as server:
        try:
            _wait(number)
            yield number
        finally:
            server.terminate()


def _wait(port: int) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    pytest.fail("the server did not begin to listen")


def _head(where: Place, headers: list[str], path: str = "", token: str = "") -> bytes:
    """A request up to its body; the content type is JSON unless given."""
    typed = any(one.startswith("Content-Type:") for one in headers)
    head = [f"POST {path or f'{where.path}events/'} HTTP/1.1", "Connection: close", *headers,
            *(() if typed else ("Content-Type: application/json",)),
            *((token,) if token else ("Host: localhost", f"Authorization: Bearer {where.token}")), "", ""]  # fmt: skip
    return "\r\n".join(head).encode()


def _get(port: int, path: str, *headers: str) -> int:
    lines = [f"GET {path} HTTP/1.1", "Host: localhost", "Connection: close", *headers, "", ""]
    with socket.create_connection(("127.0.0.1", port), timeout=30) as link:
        link.sendall("\r\n".join(lines).encode())
        return _read(link)[0]


def _events(where: Place) -> int:
    return len(events_in(where.stream, None, 500))


def send(port: int, where: Place, headers: list[str], *parts: bytes, close: bool = False) -> tuple[int, bytes]:
    """The status and body of the answer to exactly these bytes."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as link:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            link.sendall(_head(where, headers))
            for part in parts:
                link.sendall(part)
            if close:
                link.shutdown(socket.SHUT_WR)
        return _read(link)


def _read(link: socket.socket) -> tuple[int, bytes]:
    answer = b""
    with contextlib.suppress(ConnectionResetError):
        while part := link.recv(65_536):
            answer += part
    head, _, body = answer.partition(b"\r\n\r\n")
    return (int(head.split()[1]) if head else 0), body


LINES = b"".join(b'{"type":"t","id":"%d","payload":1}\n' % number for number in range(2))
FIRST_CHUNK = b"%x\r\n%b\r\n" % (len(LINES), LINES)


@pytest.mark.parametrize(
    ("rest", "end"),
    [
        (b"", "half-closed"),
        (b"not a length\r\n", "open"),
        (b"", "closed"),
        (b"", "reset"),
        (b"0\r\n\r\n", "open"),
    ],
    ids=["half-closed", "malformed next chunk", "closed", "reset", "whole"],
)
def test_a_chunked_body_is_never_taken_torn_or_whole(port: int, acme: Place, rest: bytes, end: str) -> None:
    before = rows_of("acme")
    headers = ["Transfer-Encoding: chunked", "Content-Type: application/x-ndjson"]
    with socket.create_connection(("127.0.0.1", port), timeout=30) as link:
        link.sendall(_head(acme, headers) + FIRST_CHUNK + rest)
        if end == "half-closed":
            link.shutdown(socket.SHUT_WR)
        elif end == "reset":
            link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if end in {"half-closed", "open"}:
            status, body = _read(link)
            told = json.loads(body)
            assert (status, told["code"], told["path"]) == (411, "length_required", "$.headers['content-length']")
    status, told = send(port, acme, [f"Content-Length: {len(EVENT)}"], EVENT)
    assert status == 201, told
    assert rows_of("acme") != before
    assert _events(acme) == 1


@pytest.mark.parametrize("first", ["Content-Length: 24", "Transfer-Encoding: chunked"])
def test_a_length_beside_chunks_is_refused_in_either_order(port: int, acme: Place, first: str) -> None:
    before = rows_of("acme")
    both = ["Content-Length: 24", "Transfer-Encoding: chunked"]
    headers = [first, *(one for one in both if one != first)]
    status, body = send(port, acme, headers, b"18\r\n" + EVENT + b"\r\n0\r\n\r\n")
    assert status in {400, 411}
    assert not body or json.loads(body)["code"] in {"length_ambiguous", "length_required"}
    assert rows_of("acme") == before


@pytest.mark.parametrize("port", [60.0], indirect=True)
def test_bodies_that_stand_still_hold_nobody_up(port: int, acme: Place) -> None:
    before = rows_of("acme")
    cookie = signed_in(person("dev@acme.test", Role.TENANT_DEVELOPER, acme.tenant)).session.session_key
    name = settings.SESSION_COOKIE_NAME
    with contextlib.ExitStack() as links:
        stalled = [links.enter_context(socket.create_connection(("127.0.0.1", port), timeout=30)) for _ in range(104)]
        for link in stalled[:64]:
            link.sendall(_head(acme, [f"Content-Length: {len(EVENT)}"]) + EVENT[:-1])
        for link in stalled[64:]:
            link.sendall(_head(acme, ["Content-Length: 1000"], "/api/v1/verify/", "Host: localhost") + b"{")
        time.sleep(0.3)
        assert _get(port, "/health") == 200
        assert _get(port, "/streams/", f"Cookie: {name}={cookie}") == 200
        assert send(port, acme, [f"Content-Length: {len(EVENT)}"], EVENT)[0] == 201
        answered, _, _ = select.select(stalled, [], [], 0)
        assert not {*answered} & {*stalled[:64]}, "they stand still all the while"
        refused = [_read(link) for link in answered]
    assert {(status, json.loads(body)["code"]) for status, body in refused} <= {(503, "busy")}
    assert len(refused) >= len(stalled) - 64 - 2 * DEFAULT_BOUNDS.verifying, "each process lets 16 wait at verify/"
    assert _events(acme) == 1
    assert rows_of("acme") != before


def test_a_body_that_comes_in_drops_is_given_up(port: int, acme: Place) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=30) as link:
        link.sendall(_head(acme, ["Content-Length: 1000"]))
        began = time.monotonic()
        with contextlib.suppress(OSError):
            while time.monotonic() - began < 8 * PATIENCE:
                link.sendall(b" ")
                link.settimeout(0.5)
                with contextlib.suppress(TimeoutError):
                    if first := link.recv(65_536):
                        break
        assert first.split()[1] == b"408"
        assert time.monotonic() - began < 8 * PATIENCE, "long before the last drop"


def test_a_header_that_is_not_ascii_is_refused_and_not_lost(port: int, acme: Place) -> None:
    before = rows_of("acme")
    context = ["ce-specversion: 1.0", "ce-type: t", "ce-id: 1", "ce-source: s", "ce-subject: \u00e4"]
    status, body = send(port, acme, [f"Content-Length: {len(EVENT)}", *context], EVENT)
    assert (status, json.loads(body)["path"]) == (400, "$.headers['ce-subject']")
    assert rows_of("acme") == before


def test_another_host_gets_a_page_or_a_problem_of_ours(port: int) -> None:
    for path, words in (("/streams/", b"This request cannot be read."), ("/api/v1/streams/", b'"code":"host_unknown"')):
        with socket.create_connection(("127.0.0.1", port), timeout=30) as link:
            link.sendall(f"GET {path} HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n".encode())
            status, body = _read(link)
        assert (status, words in body, b"evil.example" in body) == (400, True, False)


def test_an_announced_excess_is_answered_without_its_body(port: int, acme: Place) -> None:
    status, body = send(port, acme, [f"Content-Length: {33 * MEBIBYTE}"])
    assert status == 413
    assert json.loads(body)["code"] == "body_too_large"


def test_a_body_that_ends_early_has_no_effect(port: int, acme: Place) -> None:
    before = rows_of("acme")
    status, body = send(port, acme, [f"Content-Length: {len(EVENT) + 10}"], EVENT, close=True)
    assert (status, json.loads(body)["code"]) == (400, "body_truncated")
    assert rows_of("acme") == before


def test_a_length_that_is_too_short_has_no_effect(port: int, acme: Place) -> None:
    before = rows_of("acme")
    status, _ = send(port, acme, ["Content-Length: 10"], EVENT)
    assert status == 422
    assert rows_of("acme") == before


def test_two_lengths_that_differ_have_no_effect(port: int, acme: Place) -> None:
    before = rows_of("acme")
    status, _ = send(port, acme, [f"Content-Length: {len(EVENT)}", "Content-Length: 5"], EVENT)
    assert status == 400
    assert rows_of("acme") == before
