"""A bundle that lies at any place puts nothing back: no leaf, no row, no note, and the stream stays stopped."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import pytest

from ledger.core.entry_bundles import decode_entries, encode_entries
from ledger.core.envelope import Envelope, build, parse
from ledger.core.head_guard import GuardHead, GuardState, Receipted, encode
from ledger.core.types import Hash
from ledger.errors import IntegrityLost, LedgerError, StreamStopped
from ledger.models import Checkpoint, EventIndex, Leaf, Notice, Window
from ledger.selectors import leaves
from ledger.selectors.streams import StreamView
from ledger.services import refill as module
from ledger.services import spool
from ledger.services.refill import refill
from ledger.services.seal import seal_window
from ledger.services.streams import ensure_platform
from ledger.services.system_events import flush_spool
from ledger.storage import store, tile_key
from tests.support.clones import Clone
from tests.support.guarded import code_of, guard_directory, held, settled, snapshot
from tests.support.server import Server
from tests.support.streams import append, event, events, fresh, new_stream

pytestmark = pytest.mark.db
FIRST, END = 4, 10
"""The leaves that are lost: events 4 and 5, manifest 6, events 7 and 8, manifest 9."""
Lie = Callable[[list[bytes]], list[bytes]]
BESIDE = (Leaf, EventIndex, Notice, Window, Checkpoint)


@dataclass(frozen=True)
class Lost:
    """A stream that was put back to FIRST leaves, and what its entry bundles hold."""

    stream: StreamView
    entries: list[bytes]

    def told(self, entries: list[bytes]) -> None:
        """Have its one bundle in the store say that."""
        for key in list(store().keys(tile_key(self.stream.origin, "tile/entries"))):
            store().delete(key)
        store().put(tile_key(self.stream.origin, f"tile/entries/000.p/{len(entries)}"), encode_entries(entries))

    def refused(self, *errors: type[LedgerError]) -> LedgerError:
        """Nothing is put back, and the stream is refused as before."""
        before = [model.objects.filter(stream_id=self.stream.id).count() for model in BESIDE]
        with pytest.raises(errors or IntegrityLost) as told:
            refill(fresh(self.stream), dry_run=False)
        assert [model.objects.filter(stream_id=self.stream.id).count() for model in BESIDE] == before
        assert (fresh(self.stream).size, code_of(self.stream)) == (FIRST, "head_guard_ahead")
        assert isinstance(told.value, LedgerError)
        return told.value


@pytest.fixture
def lost(ledger_db: object, server: Server, db_clone: Clone) -> Iterator[Lost]:
    ensure_platform()
    made = new_stream()
    append(made, *events(range(2)))
    seal_window(made.id, reason="request")
    with snapshot(server, db_clone) as restore:
        append(made, *events("ab"))
        seal_window(made.id, reason="request")
        append(made, *events("cd"))
        seal_window(made.id, reason="request")
        (view,) = (key for key in store().keys(tile_key(made.origin, "tile/entries")) if key.endswith(f"/{END}"))
        entries = decode_entries(store().get(view), END)
        restore()
        yield Lost(fresh(made), entries)


def changed(raw: bytes, **fields: object) -> bytes:
    """The same leaf, saying something else in its own fields."""
    leaf = parse(raw)
    return build(
        leaf.kind,
        leaf.origin,
        leaf.index,
        leaf.prev,
        leaf.recorded,
        {**leaf.fields, **fields},  # type: ignore[dict-item]  # what the schema lets through
    ).raw


def otherwise(raw: bytes) -> bytes:
    """The same leaf with another content of its kind."""
    leaf = parse(raw)
    return changed(raw, type="t.forged") if leaf.kind == "event" else changed(raw, reason="age")


def forged(entries: list[bytes], at: int) -> list[bytes]:
    """A history of one's own from the leaf `at` on: every leaf names the one before it."""
    found = [*entries[:at], otherwise(entries[at])]
    for raw in entries[at + 1 :]:
        leaf, before = parse(raw), parse(found[-1])
        found.append(build(leaf.kind, leaf.origin, leaf.index, before.leaf_hash, leaf.recorded, leaf.fields).raw)
    return found


def put(entries: list[bytes], at: int, raw: bytes) -> list[bytes]:
    return [*entries[:at], raw, *entries[at + 1 :]]


@pytest.mark.parametrize("at", range(FIRST, END))
def test_a_leaf_that_says_something_else(lost: Lost, at: int) -> None:
    lost.told(put(lost.entries, at, otherwise(lost.entries[at])))
    lost.refused()


@pytest.mark.parametrize("at", range(FIRST, END))
def test_another_history_that_is_chained_as_it_should_be(lost: Lost, at: int) -> None:
    lost.told(forged(lost.entries, at))
    assert "head guard" in str(lost.refused())


@pytest.mark.parametrize("at", range(FIRST, END - 1))
def test_two_leaves_in_the_wrong_order(lost: Lost, at: int) -> None:
    found = list(lost.entries)
    found[at], found[at + 1] = found[at + 1], found[at]
    lost.told(found)
    lost.refused()


@pytest.mark.parametrize("at", range(FIRST, END))
def test_a_leaf_that_stands_there_twice_or_not_at_all(lost: Lost, at: int) -> None:
    lost.told([*lost.entries[:at], lost.entries[at - 1], *lost.entries[at + 1 :]])
    lost.refused()
    lost.told([*lost.entries[:at], *lost.entries[at + 1 :]])
    lost.refused(LedgerError)


def rewritten(raw: bytes, **common: object) -> bytes:
    """The same leaf with another origin, index, `prev` or `recorded`."""
    return json.dumps({**json.loads(raw), **common}, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


@pytest.mark.parametrize(
    "common",
    [
        {"origin": "other.example/log/acme/decisions"},
        {"index": FIRST + 1},
        {"index": FIRST - 1},
        {"prev": "00" * 32},
        {"recorded": "2020-01-01T00:00:00.000000Z"},
    ],
    ids=str,
)
def test_a_leaf_of_another_place_chain_or_time(lost: Lost, common: dict[str, object]) -> None:
    lost.told(put(lost.entries, FIRST, rewritten(lost.entries[FIRST], **common)))
    error = lost.refused()
    assert ("does not continue" in str(error), error.why) == (True, f"leaf {FIRST}")


def test_a_time_that_goes_back_between_two_lost_leaves(lost: Lost) -> None:
    """Chained and told by the guard, as by a guard that was written by whoever wrote the bundle."""
    early = rewritten(lost.entries[FIRST + 1], recorded="2020-01-01T00:00:00.000000Z")
    entries = [*lost.entries[: FIRST + 1], early]
    last = parse(early)
    root = Checkpoint.objects.get(stream_id=lost.stream.id, size=FIRST).root
    guard_says(lost.stream, GuardState(Receipted(len(entries), last.leaf_hash), GuardHead(FIRST, Hash(bytes(root)))))
    lost.told(entries)
    assert "does not continue" in str(lost.refused())


def guard_says(stream: StreamView, state: GuardState) -> None:
    path = guard_directory() / f"{sha256(stream.origin.encode()).hexdigest()}.json"
    path.write_bytes(encode(stream.origin, state))


@pytest.mark.parametrize("size", [7, END])
def test_a_root_that_is_not_the_guards(lost: Lost, size: int) -> None:
    """The newest leaf is the guard's, and its checkpoint is another one's: two histories, whatever the leaves say."""
    state = held(lost.stream)
    guard_says(lost.stream, replace(state, head=GuardHead(size, Hash(b"\7" * 32))))
    assert f"{size} leaves" in str(lost.refused().why)


def test_a_leaf_behind_the_newest_checkpoint_is_the_one_that_was_receipted(lost: Lost) -> None:
    """No root covers it: the guard's hash alone says which it was."""
    last = parse(lost.entries[-1])
    fields = {"type": "t.receipted", "attrs": "11" * 32, "payload": "22" * 32}
    true = build("event", last.origin, END, last.leaf_hash, last.recorded, fields)  # type: ignore[arg-type]  # an index
    guard_says(lost.stream, replace(held(lost.stream), receipted=Receipted(END + 1, true.leaf_hash)))
    lost.told([*lost.entries, changed(true.raw, type="t.forged")])
    assert f"{END + 1} leaves" in str(lost.refused().why)
    lost.told([*lost.entries, true.raw])
    assert refill(fresh(lost.stream), dry_run=False).leaves == END + 1 - FIRST


def test_a_history_that_ends_before_the_guards(lost: Lost) -> None:
    lost.told(lost.entries[: END - 1])
    assert "9 to 9" in str(lost.refused(LedgerError).why)


def test_a_folder_that_lies_is_believed_no_more_than_the_store(lost: Lost, tmp_path: Path) -> None:
    (tmp_path / "leaf").mkdir()
    lost.told(lost.entries[:6])
    for index in range(6, END):
        (tmp_path / "leaf" / str(index)).write_bytes(lost.entries[index])
    (tmp_path / "leaf" / "8").write_bytes(otherwise(lost.entries[8]))
    with pytest.raises(IntegrityLost):
        refill(fresh(lost.stream), folder=tmp_path, dry_run=False)
    lost.refused(LedgerError)
    (tmp_path / "leaf" / "8").write_bytes(lost.entries[8])
    assert refill(fresh(lost.stream), folder=tmp_path, dry_run=False).code == ""
    seal_window(lost.stream.id, reason="request")
    settled(lost.stream)


@pytest.mark.parametrize("at", [FIRST, 6, END - 1])
def test_a_bundle_that_lies_only_the_second_time_it_is_read(
    lost: Lost, at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was proved is proved again under the lock: between the two somebody may have written to the store."""
    proved = module._proved

    def then_altered(*given: object) -> object:
        found = proved(*given)  # type: ignore[arg-type]  # as it was called
        lost.told(forged(lost.entries, at))
        return found

    flush_spool()
    assert spool.is_empty()
    monkeypatch.setattr(module, "_proved", then_altered)
    lost.refused()
    assert not spool.is_empty(), "the system ledger is told before the first leaf"


def test_a_stream_that_grew_meanwhile_is_not_overwritten(lost: Lost, monkeypatch: pytest.MonkeyPatch) -> None:
    proved = module._proved

    def then_refilled(*given: object) -> object:
        found = proved(*given)  # type: ignore[arg-type]  # as it was called
        with monkeypatch.context() as once:
            once.setattr(module, "_proved", proved)
            refill(fresh(lost.stream), dry_run=False)
        return found

    monkeypatch.setattr(module, "_proved", then_refilled)
    with pytest.raises(StreamStopped, match="grown meanwhile"):
        refill(lost.stream, dry_run=False)
    monkeypatch.undo()
    assert (fresh(lost.stream).size, code_of(lost.stream)) == (END, "")
    seal_window(lost.stream.id, reason="request")
    settled(lost.stream)


def test_the_truth_is_put_back_after_every_lie(lost: Lost) -> None:
    lost.told(forged(lost.entries, FIRST))
    lost.refused()
    lost.told(lost.entries)
    assert refill(fresh(lost.stream), dry_run=False).leaves == END - FIRST
    seal_window(lost.stream.id, reason="request")
    assert [view.bytes for view in leaves.leaves(fresh(lost.stream), 0, END)] == lost.entries
    append(lost.stream, event("after"))
    settled_after_seal(lost.stream)


def settled_after_seal(stream: StreamView) -> None:
    seal_window(stream.id, reason="request")
    settled(stream)


def test_a_leaf_that_is_rewritten_keeps_its_form(lost: Lost) -> None:
    """Else every lie above were only a malformed leaf."""
    for raw in lost.entries[1:]:
        assert rewritten(raw) == raw
        assert isinstance(parse(rewritten(raw, index=99)), Envelope)
