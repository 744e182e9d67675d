"""The same (source, id): the first receipt again, a conflict, or gone."""

from __future__ import annotations

import pytest

from ledger.errors import EventConflict, PayloadErased
from ledger.models import LeafObject
from ledger.selectors.streams import StreamView
from tests.support.log_audit import audit
from tests.support.streams import append, event, events, fresh, new_stream

pytestmark = pytest.mark.db


@pytest.fixture
def stream(ledger_db: object) -> StreamView:
    return new_stream()


def test_a_repeated_event_gets_its_first_answer(stream: StreamView) -> None:
    first, again = append(stream, event("a")), append(stream, event("a"))
    assert again.replayed
    assert again.appended[0].replayed
    assert (again.appended[0].receipt, again.appended[0].leaf, again.appended[0].salts) == (
        first.appended[0].receipt, first.appended[0].leaf, first.appended[0].salts,
    )  # fmt: skip
    assert fresh(stream).size == 2


def test_known_and_new_events_of_one_batch_keep_the_order_of_the_request(stream: StreamView) -> None:
    append(stream, *events("ac"))
    answer = append(stream, *events("abcd"))
    assert [(one.index, one.replayed) for one in answer.appended] == [
        (1, True),
        (3, False),
        (2, True),
        (4, False),
    ]
    assert not answer.replayed


@pytest.mark.parametrize(
    "other",
    [
        event("a", b'{"a":2}'),
        event("a", type="t.other"),
        event("a", subject="s"),
        event("a", time="2026-11-21T09:16:58Z"),
        event("a", media_type="text/plain"),
        event("a", extensions={"x": "y"}),
    ],
)
def test_other_content_under_the_same_id_is_a_conflict(stream: StreamView, other: object) -> None:
    append(stream, event("a"))
    with pytest.raises(EventConflict) as refused:
        append(stream, event("b"), other)  # type: ignore[arg-type]  # events all
    assert (refused.value.code, refused.value.path) == ("event_conflict", "$[1]")
    assert fresh(stream).size == 2


def test_the_same_id_of_another_source_is_another_event(stream: StreamView) -> None:
    append(stream, event("a"))
    assert append(stream, event("a", source="urn:other")).appended[0].index == 2


def test_source_and_id_are_not_run_together(stream: StreamView) -> None:
    append(stream, event("bc", source="a"))
    assert not append(stream, event("c", source="ab")).replayed


def test_a_repetition_inside_a_batch_is_one_leaf(stream: StreamView) -> None:
    answer = append(stream, *events("aba"))
    assert [(one.index, one.replayed) for one in answer.appended] == [(1, False), (2, False), (1, True)]
    assert len({one.receipt for one in answer.appended}) == 2
    assert len(audit(stream).leaves) == 3


def test_a_contradiction_inside_a_batch_is_a_conflict(stream: StreamView) -> None:
    with pytest.raises(EventConflict) as refused:
        append(stream, event("a"), event("b"), event("a", b"2"))
    assert refused.value.path == "$[2]"
    assert fresh(stream).size == 1


@pytest.mark.parametrize("role", ["attrs", "payload"])
def test_a_repetition_of_what_was_erased_is_answered_gone(stream: StreamView, role: str) -> None:
    append(stream, event("a"))
    LeafObject.objects.filter(stream_id=stream.id, index=1, role=role).delete()
    with pytest.raises(PayloadErased):
        append(stream, event("a"))
    assert fresh(stream).size == 2


def test_two_streams_do_not_share_lookup_keys(stream: StreamView) -> None:
    other = new_stream("others")
    append(stream, event("a"))
    assert not append(other, event("a")).replayed
