"""A connection that breaks during a COMMIT: the database is asked what became of it, and nothing is guessed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from ledger.errors import CommitUnknown
from ledger.selectors.streams import StreamView
from ledger.services.append import IdempotencyKey
from ledger.services.committer import attempts, process
from ledger.services.committer.group_transaction import Group
from tests.support.guarded import reconnected, settled
from tests.support.lossy_proxy import LossyProxy, lossy
from tests.support.streams import append, event, events, fresh, new_stream

pytestmark = pytest.mark.db


@pytest.fixture
def stream(ledger_db: object) -> StreamView:
    return new_stream()


@pytest.fixture
def proxy(stream: StreamView) -> Iterator[LossyProxy]:
    """Between this process and its database."""
    settings = connections.settings["default"]
    before = {name: settings[name] for name in ("HOST", "PORT")}
    socket = str(Path(before["HOST"]) / f".s.PGSQL.{before['PORT'] or 5432}")
    reconnected()
    with lossy(socket, b"") as found:
        settings.update(HOST="127.0.0.1", PORT=str(found.port))
        append(stream, event("over the proxy"))
        yield found
        settings.update(before)
        reconnected()


@pytest.fixture
def breaking(proxy: LossyProxy, monkeypatch: pytest.MonkeyPatch) -> LossyProxy:
    """The connection breaks once, when a group is written with its COMMIT."""
    write, left = Group._write, [1]

    def armed(self: Group, *given: Any) -> None:
        if left:
            proxy.lose = left.pop()
        write(self, *given)

    monkeypatch.setattr(Group, "_write", armed)
    return proxy


@pytest.mark.parametrize("count", [1, process.LARGE])
def test_a_commit_whose_answer_was_lost_is_answered_with_its_receipts(
    stream: StreamView, breaking: LossyProxy, count: int
) -> None:
    answer = append(stream, *events(range(count)))
    assert (breaking.lost, answer.replayed) == (1, False)
    assert [one.index for one in answer.appended] == list(range(2, 2 + count))
    assert len(settled(stream).leaves) == 2 + count


@pytest.mark.parametrize("count", [1, process.LARGE])
def test_a_commit_that_never_arrived_is_made_again(stream: StreamView, breaking: LossyProxy, count: int) -> None:
    breaking.swallow = True
    answer = append(stream, *events(range(count)))
    assert (breaking.lost, answer.replayed) == (1, False)
    assert len(settled(stream).leaves) == 2 + count


def test_its_idempotency_key_is_kept_once(stream: StreamView, breaking: LossyProxy) -> None:
    key = IdempotencyKey("key", bytes(32))
    first = append(stream, event("a"), idempotency=key)
    again = append(stream, event("a"), idempotency=key)
    assert (breaking.lost, first.replayed, again.replayed) == (1, False, True)
    assert first.appended[0].receipt == again.appended[0].receipt


@pytest.mark.parametrize("swallow", [False, True])
def test_a_database_that_does_not_answer_leaves_it_open_until_the_retry(
    stream: StreamView, breaking: LossyProxy, monkeypatch: pytest.MonkeyPatch, *, swallow: bool
) -> None:
    breaking.swallow = swallow
    write = Group._write

    def gone(self: Group, *given: Any) -> None:
        breaking.refusing = True
        write(self, *given)

    monkeypatch.setattr(attempts, "ASK_SECONDS", 0.5)
    monkeypatch.setattr(Group, "_write", gone)
    with pytest.raises(CommitUnknown) as refused:
        append(stream, event("a"))
    assert "same ids" in refused.value.next_step
    monkeypatch.undo()
    _without_proxy()
    assert append(stream, event("a")).replayed is not swallow
    assert fresh(stream).size == 3
    settled(stream)


def _without_proxy() -> None:
    settings = connections.settings["owner"]
    connections.settings["default"].update(HOST=settings["HOST"], PORT=settings["PORT"])
    reconnected()
