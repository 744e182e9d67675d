"""Whatever is appended and sealed in whatever order: the stream verifies from its bytes alone.

The reach is counted: histories must have met repeated events, refused batches, crashes and several windows. Chance
alone does so almost always, which is not enough (three windows in a history came between seven and twenty-eight times
in fifty); three histories are therefore written down, and chance goes on from there.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ledger.core.event import RawEvent
from ledger.errors import EventConflict
from ledger.selectors.streams import StreamView
from ledger.services.seal import seal_window
from ledger.services.streams import create_stream
from tests.support.log_audit import audit
from tests.support.streams import ACTOR, append, fresh

pytestmark = pytest.mark.db

IDS = st.integers(0, 90).map(str)
PAYLOAD_KINDS = (b"0", b'{"a":"\xc3\xa4"}')
PAYLOADS = st.sampled_from([b"0", b"0", *PAYLOAD_KINDS])
BATCHES = st.lists(st.tuples(IDS, PAYLOADS), min_size=1, max_size=12)
SEALS = st.sampled_from([None, None, None, "S1", "S2", "S4"])
STEPS = st.lists(st.one_of(BATCHES, SEALS), min_size=4, max_size=16)
reach: Counter[str] = Counter()


def written_down(killed_at: str) -> list[object]:
    """Windows one after the other, a repeated event, a refused batch, nothing to seal, a crash and what resumes."""
    other = PAYLOAD_KINDS[1]
    return [
        [("1", b"0"), ("2", b"0")], None, [("1", b"0"), ("3", b"0")], killed_at, None,
        [("4", b"0"), ("1", other)], [("4", other)], None, None,
    ]  # fmt: skip


class Killed(BaseException):
    """A crash."""


@pytest.fixture
def _no_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    """A checkpoint a second would make a history last for minutes; files need no disk here."""
    monkeypatch.setattr("ledger.services.prepare.PACE", timedelta(0))
    monkeypatch.setattr("ledger.storage.files.os.fsync", lambda _handle: None)


@pytest.mark.usefixtures("_no_pace")
def test_any_history_verifies_from_its_bytes() -> None:
    reach.clear()
    _any_history()
    assert reach["histories"] >= 50
    for what in ("replayed", "conflict", "crash", "resumed", "empty seal", "several windows", "receipts"):
        assert reach[what] >= 3, reach


@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
@example(steps=written_down("S1"))
@example(steps=written_down("S2"))
@example(steps=written_down("S4"))
def _any_history(steps: list[object]) -> None:
    reach["histories"] += 1
    stream = create_stream("acme", f"h-{reach['histories']}", actor=ACTOR)
    model: dict[str, bytes] = {}
    for step in steps:
        if isinstance(step, list):
            _append(stream, step, model)
        else:
            _seal(stream, step if isinstance(step, str) else None)
    _seal(stream, None)
    found = audit(stream)
    assert sum(leaf.kind == "event" for leaf in found.leaves) == len(model) == found.receipts
    assert fresh(stream).size == len(found.leaves) == max(found.sizes)
    reach["several windows"] += len(found.windows) > 2
    reach["receipts"] += found.receipts > 0


def _append(stream: StreamView, batch: list[tuple[str, bytes]], model: dict[str, bytes]) -> None:
    """The model takes a batch only if no id of it is known with other content."""
    wanted = dict(model)
    conflict = any(wanted.setdefault(event_id, payload) != payload for event_id, payload in batch)
    events = [RawEvent(type="t", id=event_id, source="urn:x", payload=payload) for event_id, payload in batch]
    if conflict:
        reach["conflict"] += 1
        with pytest.raises(EventConflict):
            append(stream, *events)
        return
    answer = append(stream, *events)
    reach["replayed"] += any(one.replayed for one in answer.appended)
    assert sum(not one.replayed for one in answer.appended) == len(wanted) - len(model)
    model.update(wanted)


def _seal(stream: StreamView, killed_at: str | None) -> None:
    def reached(step: str) -> None:
        if step == killed_at:
            raise Killed

    before = fresh(stream)
    try:
        sealed = seal_window(stream.id, reason="request", reached=reached)
    except Killed:
        reach["crash"] += 1
        return
    reach["empty seal"] += sealed is None
    reach["resumed"] += sealed is not None and sealed.number == before.window_number
    if sealed is not None and sealed.number == before.window_number and fresh(stream).events_open:
        _seal(stream, None)
