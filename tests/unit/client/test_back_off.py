"""Retries: what is tried again, after how long, and under which key."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from nacl.signing import SigningKey

import countersign_client as client
from ledger.core.note import make_vkey
from tests.support.live import Between, Exchange, listening

VKEY = str(make_vkey("example.org/log/acme/decisions", bytes(SigningKey(b"k" * 32).verify_key)))
NOW = 1_700_000_000.0


class Waits:
    """A clock that moves only when somebody waits."""

    def __init__(self) -> None:
        self.pauses: list[float] = []
        self.random = b"\0\0\0\0"

    def ambient(self) -> client.Ambient:
        return client.Ambient(
            now=lambda: NOW,
            monotonic=lambda: sum(self.pauses),
            wait=lambda _, pause: self.pauses.append(pause),
            random=lambda size: (self.random * size)[:size],
        )


def refuse(_environ: Any, _start: Any) -> list[bytes]:
    raise AssertionError("the script answers everything")


@pytest.fixture
def line() -> Iterator[tuple[Between, str]]:
    between = Between(refuse)
    with listening(between) as url:
        yield between, url


def waiting(root: Path, url: str, waits: Waits, **more: Any) -> client.Client:
    told = {"spool_dir": root, "vkey": VKEY, "ambient": waits.ambient(), **more}
    ours = client.Client(url, "acme", "decisions", "s3cret", **told)
    ours.append("t", 1)
    return ours


def always(status: int, **headers: str) -> Any:
    def answer(exchange: Exchange) -> None:
        exchange.status = status
        exchange.headers |= {name.replace("_", "-"): text for name, text in headers.items()}

    return answer


@pytest.mark.parametrize("status", [202, 408, 425, 429, 500, 502, 503, 507])
def test_what_may_pass_is_tried_again_under_one_key(tmp_path: Path, line: tuple[Between, str], status: int) -> None:
    line[0].before = always(status)
    waits = Waits()
    with waiting(tmp_path, line[1], waits) as ours, pytest.raises(client.Temporary, match=str(status)):
        ours.flush(timeout=20)
    assert waits.pauses == [0.25, 0.5, 1, 2, 4, 8]
    assert len(line[0].posts()) == 7
    assert len({(one.key, one.body) for one in line[0].posts()}) == 1


def test_the_key_outlives_the_process(tmp_path: Path, line: tuple[Between, str]) -> None:
    line[0].before = always(503)
    for _ in range(2):
        with waiting(tmp_path, line[1], Waits()) as ours, pytest.raises(client.Temporary):
            ours.flush(timeout=0)
    first, second = line[0].posts()
    assert (first.key, first.body) == (second.key, second.body)
    assert len(first.body.splitlines()) == 1
    assert json.loads((tmp_path / "state.json").read_bytes())["key"] == first.key


def test_a_server_that_is_away_is_tried_again(tmp_path: Path) -> None:
    waits = Waits()
    with (
        waiting(tmp_path, "http://127.0.0.1:1", waits) as ours,
        pytest.raises(client.Temporary, match="refused"),
    ):
        ours.flush(timeout=2)
    assert waits.pauses == [0.25, 0.5, 1]


def test_jitter_takes_up_to_half_and_a_minute_is_the_most(tmp_path: Path) -> None:
    waits = Waits()
    with waiting(tmp_path, "http://127.0.0.1:1", waits) as ours:
        least = [ours._pause(failures) for failures in (0, 3, 9, 1000)]
        waits.random = b"\xff"
        most = [ours._pause(failures) for failures in (0, 3, 9, 1000)]
    assert least == [0.25, 2, 30, 30]
    assert most == pytest.approx([0.5, 4, 60, 60])


@pytest.mark.parametrize(
    ("text", "pause"),
    [("7", 7), ("0", 0.25), ("-5", 0.25), ("soon", 0.25), ("\u00b2", 0.25), ("9999999", 3600),
     (format_datetime(datetime.fromtimestamp(NOW + 90, UTC), usegmt=True), 90)],
)  # fmt: skip
def test_retry_after_is_honoured(tmp_path: Path, line: tuple[Between, str], text: str, pause: float) -> None:
    line[0].before = always(429, Retry_After=text)
    waits = Waits()
    with waiting(tmp_path, line[1], waits) as ours, pytest.raises(client.Temporary):
        ours.flush(timeout=pause)
    assert waits.pauses[0] == pause


@pytest.mark.parametrize("status", [301, 307, 308, 401, 403, 404, 405, 415])
def test_what_will_not_pass_is_said_at_once_and_no_redirect_is_followed(
    tmp_path: Path, line: tuple[Between, str], status: int
) -> None:
    line[0].before = always(status, Location=f"{line[1]}/elsewhere")
    waits = Waits()
    with waiting(tmp_path, line[1], waits) as ours:
        with pytest.raises(client.Refused, match=str(status)):
            ours.flush()
        assert ours.status()["pending"] == 1
    assert (waits.pauses, len(line[0].seen)) == ([], 1)


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"half":', b"NaN", b'{"a":1,"a":1}'])
def test_half_an_answer_is_no_answer(tmp_path: Path, line: tuple[Between, str], body: bytes) -> None:
    def half(exchange: Exchange) -> None:
        exchange.status, exchange.answer = 201, body

    line[0].before = half
    with waiting(tmp_path, line[1], Waits()) as ours:
        with pytest.raises(client.Temporary, match="not JSON"):
            ours.flush(timeout=1)
        assert ours.status()["pending"] == 1


def test_a_key_that_stands_for_another_request_is_replaced(tmp_path: Path, line: tuple[Between, str]) -> None:
    def conflict(exchange: Exchange) -> None:
        problem = {"type": "urn:countersign:problem:idempotency_conflict", "code": "idempotency_conflict"}
        exchange.status, exchange.answer = 409, json.dumps(problem).encode()

    line[0].before = conflict
    with waiting(tmp_path, line[1], Waits(), ambient=client.Ambient(wait=lambda *_: None)) as ours:
        with pytest.raises(client.Temporary, match="new one"):
            ours.flush(timeout=0)
        with pytest.raises(client.Temporary, match="new one"):
            ours.flush(timeout=0)
        assert ours.status()["pending"] == 1
    assert len({one.key for one in line[0].posts()}) == 2


def test_the_token_is_sent_and_stays_out_of_every_file(tmp_path: Path, line: tuple[Between, str]) -> None:
    line[0].before = always(503)
    with waiting(tmp_path, line[1], Waits()) as ours, pytest.raises(client.Temporary):
        ours.flush(timeout=0)
    assert line[0].seen[0].token == "Bearer s3cret"
    assert not any(b"s3cret" in path.read_bytes() for path in tmp_path.iterdir())
