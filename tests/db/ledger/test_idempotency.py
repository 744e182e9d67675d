"""Idempotency-Key: one effect for one request, whatever its timing."""

from __future__ import annotations

from functools import partial
from hashlib import sha256

import pytest
from django.db import connection

from ledger.errors import EventConflict, IdempotencyConflict, RequestError
from ledger.models import Idempotency
from ledger.selectors.streams import StreamView
from ledger.services.append import IdempotencyKey
from ledger.services.housekeeping import tidy
from tests.support.log_audit import audit
from tests.support.streams import append, at_once, event, events, fresh, new_stream

pytestmark = pytest.mark.db


def key(name: str = "k", body: bytes = b"body") -> IdempotencyKey:
    return IdempotencyKey(name, sha256(body).digest())


@pytest.fixture
def stream(ledger_db: object) -> StreamView:
    return new_stream()


def test_the_same_request_replays_the_answer(stream: StreamView) -> None:
    first = append(stream, *events("ab"), idempotency=key())
    again = append(stream, *events("xy"), idempotency=key())  # ids made anew by the server, as an absent id is
    assert again.replayed
    assert [one.receipt for one in again.appended] == [one.receipt for one in first.appended]
    assert fresh(stream).size == 3


def test_another_request_under_the_same_key_is_refused(stream: StreamView) -> None:
    append(stream, event("a"), idempotency=key())
    with pytest.raises(IdempotencyConflict):
        append(stream, event("b"), idempotency=key(body=b"other"))
    assert fresh(stream).size == 2


def test_the_same_key_for_another_stream_is_refused(stream: StreamView) -> None:
    append(stream, event("a"), idempotency=key())
    with pytest.raises(IdempotencyConflict):
        append(new_stream("others"), event("a"), idempotency=key())


def test_namespaces_do_not_share_keys(stream: StreamView) -> None:
    append(stream, event("a"), idempotency=key())
    assert not append(new_stream(namespace="bcme"), event("a"), idempotency=key()).replayed


def test_a_refused_request_leaves_its_key_free(stream: StreamView) -> None:
    append(stream, event("a"))
    with pytest.raises(EventConflict):
        append(stream, event("a", b"2"), idempotency=key())
    assert not Idempotency.objects.exists()
    assert not append(stream, event("b"), idempotency=key(body=b"corrected")).replayed


def test_two_identical_requests_at_once_have_one_effect(stream: StreamView) -> None:
    calls = [partial(append, stream, *events((f"{who}-1", f"{who}-2")), idempotency=key()) for who in range(8)]
    answers = [done.result() for done in at_once(calls)]
    assert [one.replayed for one in answers].count(False) == 1
    assert {tuple(one.index for one in done.appended) for done in answers} == {(1, 2)}
    assert len(audit(stream).leaves) == 3


def test_two_different_requests_at_once_under_one_key_let_one_through(stream: StreamView) -> None:
    calls = [partial(append, stream, event(who), idempotency=key(body=str(who).encode())) for who in range(8)]
    outcomes = [done.exception() for done in at_once(calls)]
    assert outcomes.count(None) == 1
    assert sum(isinstance(one, IdempotencyConflict) for one in outcomes) == 7
    assert fresh(stream).size == 2


def test_a_key_is_free_again_after_a_day(stream: StreamView) -> None:
    append(stream, event("a"), idempotency=key())
    _age("25 hours")
    assert not append(stream, event("b"), idempotency=key(body=b"other")).replayed
    assert append(stream, event("b"), idempotency=key(body=b"other")).replayed


def test_a_key_is_kept_for_a_day_and_then_forgotten(stream: StreamView) -> None:
    append(stream, event("a"), idempotency=key())
    _age("23 hours")
    assert tidy() == 0
    _age("2 hours")
    assert tidy() == 1


@pytest.mark.parametrize("name", ["", "x" * 256, "ä", "a\n"])
def test_a_key_that_is_not_printable_ascii_is_refused(name: str) -> None:
    with pytest.raises(RequestError):
        key(name)


def _age(how_much: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_idempotency SET created = created - %s::interval", [how_much])
