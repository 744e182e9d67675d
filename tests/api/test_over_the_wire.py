"""Bodies that lie, sent through a real server: what the WSGI tests assume of it is true."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.clones import Clone
from tests.support.counts import rows_of
from tests.support.world import Place

ROOT = Path(__file__).resolve().parents[2]
EVENT = b'{"type":"t","payload":1}'
MEBIBYTE = 1024 * 1024


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def port(acme: Place, ledger_db: Clone, tmp_path: Path) -> Iterator[int]:
    """The product's own web server on the clone."""
    number = _free_port()
    command = [
        sys.executable,
        "-m",
        "granian",
        "--interface",
        "wsgi",
        "--host",
        "127.0.0.1",
        "--port",
        str(number),
    ]
    environ = {
        **os.environ,
        "COUNTERSIGN_ENV": "test",
        "DATABASE_URL": ledger_db.runtime_url,
        "DJANGO_SETTINGS_MODULE": "console.settings",
        "COUNTERSIGN_STATE_DIR": str(tmp_path),
    }
    with subprocess.Popen([*command, "console.wsgi:application"], cwd=ROOT, env=environ) as server:
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


def send(port: int, where: Place, headers: list[str], *parts: bytes, close: bool = False) -> tuple[int, bytes]:
    """The status and body of the answer to exactly these bytes."""
    head = [f"POST {where.path}events/ HTTP/1.1", "Host: localhost", f"Authorization: Bearer {where.token}",
            "Content-Type: application/json", "Connection: close", *headers, "", ""]  # fmt: skip
    with socket.create_connection(("127.0.0.1", port), timeout=30) as link:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            link.sendall("\r\n".join(head).encode())
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


def test_a_chunked_body_is_taken(port: int, acme: Place) -> None:
    chunks = b"%x\r\n%b\r\n" % (10, EVENT[:10]) + b"%x\r\n%b\r\n0\r\n\r\n" % (len(EVENT) - 10, EVENT[10:])
    status, body = send(port, acme, ["Transfer-Encoding: chunked"], chunks)
    assert status == 201, body


def test_a_chunked_body_stops_at_the_limit(port: int, acme: Place) -> None:
    before = rows_of("acme")
    chunk = b"100000\r\n" + b" " * MEBIBYTE + b"\r\n"
    status, body = send(port, acme, ["Transfer-Encoding: chunked"], *[chunk] * 33, b"0\r\n\r\n")
    assert (status, json.loads(body)["code"]) == (413, "body_too_large")
    assert rows_of("acme") == before


def test_an_announced_excess_is_answered_without_its_body(port: int, acme: Place) -> None:
    status, body = send(port, acme, [f"Content-Length: {33 * MEBIBYTE}"])
    assert status == 413
    assert json.loads(body)["code"] == "body_too_large"


def test_a_body_that_ends_early_has_no_effect(port: int, acme: Place) -> None:
    before = rows_of("acme")
    status, _ = send(port, acme, [f"Content-Length: {len(EVENT) + 10}"], EVENT, close=True)
    assert status == 400
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
