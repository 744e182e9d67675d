"""Erasing content: the leaf first, then bytes, salts and blobs; everything else verifies as before."""

from __future__ import annotations

import pytest

from ledger.core.erasure import erasure_of
from ledger.errors import PayloadErased, RangeInvalid
from ledger.models import Bundle, EventIndex, LeafObject, Notice
from ledger.selectors import bundles, leaves, proofs, receipts
from ledger.selectors.streams import StreamView
from ledger.services.erasures import Asked, erase, finish_open
from ledger.services.seal import seal_window
from ledger.services.verify_store import verify_store
from ledger.storage import store
from tests.support.erasing import asked, exported, notes
from tests.support.failpoints import KilledError
from tests.support.guarded import restarted, settled
from tests.support.streams import append, event, fresh, new_stream

pytestmark = pytest.mark.db
STEPS = ("E1", "E2", "E3", "E4", "E5", "E6")
LARGE = b"x" * 40_000


@pytest.fixture
def stream(ledger_db: object) -> StreamView:
    """Six events, the third with a blob, sealed: leaves 1 to 6, a manifest at 7."""
    made = new_stream()
    append(made, *(event(n, LARGE if n == 2 else b'{"n":%d}' % n, subject=f"person-{n % 2}") for n in range(6)))
    seal_window(made.id, reason="request")
    return fresh(made)


def blobs() -> list[str]:
    return sorted(store().keys("blobs"))


def test_the_leaf_tells_what_why_who_and_until_when_backups_may_hold_it(stream: StreamView) -> None:
    done = erase(stream, Asked([(2, 3)], ["payload"], "order", "court order 7", "person:1", backup_days=10))
    leaf = leaves.leaf(fresh(stream), done.leaves[0])
    told = erasure_of(leaf.parsed)
    assert (done.events, done.replayed) == (2, False)
    assert (told.spans, told.parts, told.reason_code, told.reason, told.by) == (
        ((2, 3),), ("payload",), "order", "court order 7", "person:1",
    )  # fmt: skip
    assert told.backup_horizon > leaf.recorded


def test_bytes_salt_and_blob_are_gone_and_the_neighbours_stay(stream: StreamView) -> None:
    assert len(blobs()) == 1
    erase(stream, asked((3, 3)))
    found = leaves.event(fresh(stream), 3)
    assert (found.payload, found.payload_object, found.erased) == (None, None, True)
    assert found.attrs is not None
    assert blobs() == []
    assert leaves.event(fresh(stream), 4).payload == b'{"n":3}'


def test_erased_attributes_leave_the_search_columns_and_the_fingerprint_too(stream: StreamView) -> None:
    erase(stream, asked((2, 2), parts=("attrs",)))
    row = EventIndex.objects.get(stream_id=stream.id, index=2)
    assert (row.type, row.source, row.event_id, row.subject, row.claimed_time) == ("t.test", None, None, None, None)
    kept = LeafObject.objects.get(stream_id=stream.id, index=2)
    assert (kept.role, kept.fingerprint, kept.fingerprint_key) == ("payload", None, None)
    assert LeafObject.objects.get(stream_id=stream.id, index=3, role="payload").fingerprint is not None


def test_a_repeated_event_is_answered_erased(stream: StreamView) -> None:
    erase(stream, asked((2, 2)))
    with pytest.raises(PayloadErased):
        append(fresh(stream), event(1, b'{"n":1}', subject="person-1"))


def test_receipts_proofs_store_and_bundles_verify_before_and_after(stream: StreamView) -> None:
    before, receipt = exported(stream, 1, 6), receipts.receipt(fresh(stream), 2).to_bytes()
    assert before.outcome == "verified"
    erase(stream, asked((2, 3), parts=("attrs", "payload")))
    after = exported(stream, 1, 6)
    assert (after.outcome, "payload_erased" in notes(after)) == ("verified", True)
    assert receipts.receipt(fresh(stream), 2).to_bytes() == receipt
    assert proofs.inclusion(fresh(stream), 2).leaf_hash == leaves.leaf(stream, 2).hash
    report = verify_store(fresh(stream), "full", lambda _: None)
    assert (report.outcome, report.problems) == ("verified", ())
    settled(fresh(stream))


def test_files_of_bundles_that_disclose_it_go_with_it_and_their_reports_stay(stream: StreamView) -> None:
    inside, beside = exported(stream, 1, 3), exported(stream, 4, 6)
    erase(stream, asked((2, 2)))
    assert [bool(bundles.bundle(one.public_id).file) for one in (inside, beside)] == [False, True]
    assert bundles.bundle(inside.public_id).outcome == "verified"
    assert inside.file not in set(store().keys("bundles"))


def test_a_file_that_a_killed_worker_left_without_its_row_goes_too(stream: StreamView) -> None:
    left, beside = exported(stream, 1, 3), exported(stream, 4, 6)
    Bundle.objects.filter(public_id__in=[left.public_id, beside.public_id]).update(file="", outcome=None)
    erase(stream, asked((2, 2)))
    assert list(store().keys("bundles")) == [beside.file]


def test_a_bundle_that_was_being_made_is_refused(stream: StreamView, monkeypatch: pytest.MonkeyPatch) -> None:
    from ledger.services import export_file  # noqa: PLC0415 - its step is watched

    packed = export_file._packed

    def during(*given: object) -> object:
        erase(fresh(stream), asked((2, 2)))
        return packed(*given)  # type: ignore[arg-type]  # handed through

    monkeypatch.setattr(export_file, "_packed", during)
    found = exported(stream, 1, 6)
    assert (found.file, found.outcome) == ("", None)


def test_the_same_request_again_adds_nothing(stream: StreamView) -> None:
    first = erase(stream, asked((2, 3)))
    size = fresh(stream).size
    again = erase(fresh(stream), asked((2, 3)))
    assert (again.leaves, again.replayed, fresh(stream).size) == (first.leaves, True, size)


def test_a_wider_request_names_what_was_still_there(stream: StreamView) -> None:
    erase(stream, asked((2, 3)))
    again = erase(fresh(stream), asked((1, 5)))
    assert erasure_of(leaves.leaf(fresh(stream), again.leaves[0]).parsed).spans == ((1, 1), (4, 5))


@pytest.mark.parametrize("spans", [[(90, 99)], [(7, 7)], [(0, 0)]])
def test_a_range_without_events_is_refused(stream: StreamView, spans: list[tuple[int, int]]) -> None:
    with pytest.raises(RangeInvalid):
        erase(stream, asked(*spans))
    assert fresh(stream).size == 8


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501])
def test_a_reason_is_needed(stream: StreamView, reason: str) -> None:
    with pytest.raises(Exception, match="A reason is needed"):
        erase(stream, asked((2, 2), reason=reason))


@pytest.mark.parametrize("step", STEPS)
def test_an_erasure_that_was_killed_is_finished_by_the_schedule(stream: StreamView, step: str) -> None:
    def reached(name: str) -> None:
        if name == step:
            raise KilledError

    with pytest.raises(KilledError):
        erase(stream, asked((2, 4), parts=("attrs", "payload")), reached=reached)
    restarted(stream)
    assert finish_open() == (step != "E6")
    assert not Notice.objects.filter(is_open=True).exists()
    assert not LeafObject.objects.filter(stream_id=stream.id, index__in=(2, 3, 4)).exists()
    assert blobs() == []
    assert erase(fresh(stream), asked((2, 4), parts=("attrs", "payload"))).replayed
    assert exported(stream, 1, 6).outcome == "verified"
    settled(fresh(stream))


@pytest.mark.parametrize("step", STEPS[:-1])
def test_an_erasure_that_was_killed_is_finished_by_the_same_request(stream: StreamView, step: str) -> None:
    def reached(name: str) -> None:
        if name == step:
            raise KilledError

    with pytest.raises(KilledError):
        erase(stream, asked((2, 4)), reached=reached)
    restarted(stream)
    done = erase(fresh(stream), asked((2, 4)))
    assert done.replayed
    assert [leaf.kind for leaf in leaves.leaves(fresh(stream), 0, fresh(stream).size)].count("erasure") == 1
    assert not LeafObject.objects.filter(stream_id=stream.id, index__in=(2, 3, 4), role="payload").exists()
