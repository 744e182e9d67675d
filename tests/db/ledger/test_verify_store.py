"""`verify_store`: what it counts, what a sample is worth, how it is shared, and how it goes on after a kill."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from ledger.errors import JobConflict, NameInvalid
from ledger.models import StreamHead
from ledger.selectors.streams import StreamView
from ledger.services import store_segment, store_state
from ledger.services.seal import seal_window
from ledger.services.store_findings import StoreReport
from ledger.services.verify_store import Mode, VerifyOptions, state_folder, verify_store
from ledger.storage import store, tile_key
from tests.support.planting import Owner, plant
from tests.support.streams import append, event, events, fresh, new_stream

pytestmark = pytest.mark.db

FAKED = "convert_to(replace(convert_from(bytes, 'UTF8'), 't.test', 't.fake'), 'UTF8')"
LEAF = "UPDATE ledger_leaf SET bytes = {faked} WHERE index = {index}"
ALTERED_OBJECT = "UPDATE ledger_object SET data = '2' WHERE index = 5 AND role = 'payload'"
ALTERED_NOTE = "UPDATE ledger_checkpoint SET note = overlay(note placing 'x' from 1 for 1)"


@pytest.fixture
def stream(ledger_db: object) -> StreamView:
    """Genesis, 300 events, manifest 301, 2 events, manifest 304, 2 events unsigned."""
    made = new_stream()
    append(made, *events(range(300)))
    seal_window(made.id, reason="request")
    append(made, *events(("a", "b")))
    seal_window(made.id, reason="request")
    append(made, *events(("c", "d")))
    return fresh(made)


@pytest.fixture
def small_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    """Five segments of 64 leaves; tiles are left out, since they need whole ones."""
    monkeypatch.setattr(store_segment, "CHUNK", 16)
    monkeypatch.setattr(store_state, "SEGMENT", 64)
    monkeypatch.setattr(store_segment.Segment, "_tiles", lambda _self, _files: None)
    monkeypatch.setattr(store_segment.Segment, "_bundle", lambda self, _files: self._entries.clear())


def report(stream: StreamView, mode: Mode = "full", **options: Any) -> StoreReport:
    return verify_store(fresh(stream), mode, lambda _done: None, VerifyOptions(**options))


def altered(owner: Owner, index: int) -> None:
    plant(owner, LEAF.format(faked=FAKED, index=index))


def test_a_sound_store_is_verified_to_the_last_piece(stream: StreamView) -> None:
    seen: list[int] = []
    told = verify_store(stream, "full", seen.append)
    assert (told.outcome, told.problems) == ("verified", ())
    assert told.counts == {
        "leaves": 307, "windows": 2, "checkpoints": 2, "receipts": 302, "objects": 608, "tiles": 5,
        "indexed": 304, "heads": 1, "keys": 3, "policies": 1, "fingerprints": 304, "streams": 1,
    }  # fmt: skip
    assert seen[-1] == 307
    assert [one.suffix for one in state_folder().iterdir()] == [".lock"]


def test_quick_looks_at_the_tail_and_at_a_sample(stream: StreamView) -> None:
    seen: list[int] = []
    told = verify_store(stream, "quick", seen.append, VerifyOptions(sample=100))
    assert (told.outcome, told.problems) == ("verified", ())
    assert (told.counts["leaves"], told.counts["sampled"], told.counts["checkpoints"]) == (103, 100, 1)
    assert seen[-1] == 103


def test_a_sample_says_what_it_is_worth_and_can_be_repeated(stream: StreamView, owner_connection: Owner) -> None:
    sample = report(stream, "quick", sample=100, seed="known").facts["sample"]
    assert (sample["leaves"], sample["of"], sample["damaged"], sample["seed"]) == (100, 305, 4, "known@305")
    missed = 1.0
    for place in range(4):
        missed *= (305 - 100 - place) / (305 - place)
    assert sample["chance"] == pytest.approx(1 - missed)
    assert f"this sample of 100 would have met one with {100 * (1 - missed):.1f} %." in sample["sentence"]
    append(stream, *events(("e", "f")))
    seal_window(stream.id, reason="request")
    again = report(stream, "quick", sample=100, seed="known@305").facts["sample"]
    assert again == sample
    plant(owner_connection, ALTERED_OBJECT)
    outcomes = {seed: report(stream, "quick", sample=60, seed=seed).outcome for seed in "abcdefghijkl"}
    assert set(outcomes.values()) == {"verified", "rejected"}
    repeated = {seed: report(stream, "quick", sample=60, seed=seed).outcome for seed in outcomes}
    assert repeated == outcomes


def test_a_sample_of_everything_finds_everything(stream: StreamView, owner_connection: Owner) -> None:
    plant(owner_connection, ALTERED_OBJECT)
    told = report(stream, "quick", sample=1000)
    assert told.facts["sample"]["sentence"] == "All 305 published leaves were looked at."
    assert [(one.code, one.path) for one in told.problems] == [("payload_digest_mismatch", "payload 5")]


def test_a_seed_of_a_size_that_is_not_published_is_refused(stream: StreamView) -> None:
    with pytest.raises(NameInvalid):
        report(stream, "quick", seed="known@306")


@pytest.mark.parametrize(
    ("index", "code"), [(305, "chain_broken"), (306, "chain_broken"), (304, "range_root_mismatch")]
)
def test_quick_sees_every_leaf_since_the_last_checkpoint(
    stream: StreamView, owner_connection: Owner, index: int, code: str
) -> None:
    if index == 304:
        plant(owner_connection, "UPDATE ledger_leaf SET bytes = bytes || ' ' WHERE index = 304")
    else:
        altered(owner_connection, index)
    told = report(stream, "quick", sample=0)
    assert told.outcome == "rejected"
    assert code in told.totals


def test_quick_sees_a_note_that_does_not_verify(stream: StreamView, owner_connection: Owner) -> None:
    plant(owner_connection, ALTERED_NOTE)
    assert set(report(stream, "quick", sample=0).totals) == {"log_signature_wrong"}


def test_quick_sees_an_altered_edge(stream: StreamView) -> None:
    key = tile_key(stream.origin, "tile/0/001.p/49")
    data = store().get(key)
    store().delete(key)
    assert set(report(stream, "quick").totals) == {"file_missing"}
    store().put(key, bytes(32) + data[32:])
    assert "range_root_mismatch" in report(stream, "quick").totals


def test_a_head_that_was_moved_back_is_found(stream: StreamView) -> None:
    StreamHead.objects.filter(pk=stream.id).update(size=306)
    assert "leaf_unexpected" in report(stream, "quick", sample=0).totals


def test_what_is_appended_and_sealed_meanwhile_is_no_finding(
    stream: StreamView, small_segments: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def meanwhile(done: int) -> None:
        append(stream, event(f"more {done}"))
        if done == 160:
            seal_window(stream.id, reason="request")

    told = verify_store(stream, "full", meanwhile)
    assert (told.outcome, told.problems, told.facts["size"]) == ("verified", (), 307)


class Killed(BaseException):
    """What a kill looks like from inside."""


@pytest.mark.parametrize("at", range(0, 320, 32))
def test_a_run_that_was_killed_goes_on_and_ends_in_the_same_verdict(
    stream: StreamView, owner_connection: Owner, small_segments: None, at: int
) -> None:
    altered(owner_connection, 100)
    plant(owner_connection, ALTERED_OBJECT)
    plant(owner_connection, "DELETE FROM ledger_receipt WHERE index = 200")
    expected = report(stream)

    def killing(done: int) -> None:
        if done > at:
            raise Killed

    with pytest.raises(Killed):
        verify_store(stream, "full", killing)
    append(stream, event("later"))
    first: list[int] = []
    again = verify_store(fresh(stream), "full", first.append)
    assert (again.outcome, again.counts, again.totals) == (expected.outcome, expected.counts, expected.totals)
    assert again.problems == expected.problems
    assert (again.facts["size"], again.facts["resumed"]) == (307, 1)
    assert at < 64 or first[0] >= at // 64 * 64


def test_finished_segments_are_not_looked_at_again_unless_it_is_asked_for(
    stream: StreamView, owner_connection: Owner, small_segments: None
) -> None:
    def killing(done: int) -> None:
        if done > 150:
            raise Killed

    with pytest.raises(Killed):
        verify_store(stream, "full", killing)
    plant(owner_connection, ALTERED_OBJECT)
    assert report(stream).outcome == "verified"
    assert report(stream).outcome == "rejected"
    with pytest.raises(Killed):
        verify_store(stream, "full", killing)
    assert report(stream, restart=True).facts["resumed"] == 0


def test_a_state_of_another_history_is_thrown_away(
    stream: StreamView, owner_connection: Owner, small_segments: None
) -> None:
    def killing(done: int) -> None:
        if done > 300:
            raise Killed

    with pytest.raises(Killed):
        verify_store(stream, "full", killing)
    altered(owner_connection, 306)
    told = report(stream)
    assert (told.outcome, told.facts["resumed"]) == ("rejected", 0)


def test_a_second_full_run_is_refused_while_the_first_goes_on(stream: StreamView) -> None:
    def meanwhile(_done: int) -> None:
        with pytest.raises(JobConflict):
            report(stream)

    assert verify_store(stream, "full", meanwhile).outcome == "verified"


def test_processes_share_the_segments_and_find_the_same(
    stream: StreamView, owner_connection: Owner, small_segments: None
) -> None:
    altered(owner_connection, 100)
    plant(owner_connection, ALTERED_OBJECT)
    alone, shared = report(stream), report(stream, processes=3)
    assert (shared.outcome, shared.counts, shared.problems) == (alone.outcome, alone.counts, alone.problems)


def test_the_command_reports_and_exits_by_the_outcome(
    stream: StreamView, owner_connection: Owner, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, place = StringIO(), tmp_path / "report.json"
    call_command("ledger_verify", "acme/decisions", "--mode", "full", "--report", str(place), stdout=out)
    assert out.getvalue().startswith(f"verified: {stream.origin} (")
    assert json.loads(place.read_text())["outcome"] == "verified"
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert (lines[-1]["done"], lines[-1]["total"]) == (307, 307)
    store().delete(tile_key(stream.origin, "tile/0/000"))
    with pytest.raises(CommandError) as incomplete:
        call_command("ledger_verify", "acme/decisions", "--mode", "full", stdout=StringIO())
    assert incomplete.value.returncode == 2
    plant(owner_connection, ALTERED_OBJECT)
    told = StringIO()
    with pytest.raises(CommandError) as rejected:
        call_command("ledger_verify", "--mode", "full", "--json", stdout=told)
    assert rejected.value.returncode == 1
    found = json.loads(told.getvalue())
    assert {row["code"] for row in found["streams"][0]["problems"]} == {"payload_digest_mismatch", "file_missing"}


def test_the_command_prints_the_seed_and_the_worth_of_a_sample(stream: StreamView) -> None:
    out = StringIO()
    call_command("ledger_verify", "acme/decisions", "--sample", "30", "--seed", "known", stdout=out)
    assert "this sample of 30 would have met one with " in out.getvalue()
    assert "Seed known@305." in out.getvalue()
