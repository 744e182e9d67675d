"""Processes that are killed at every durable point, and processes that write at once, on one real guard in files.

What must hold after each: every receipt that was given stands in the ledger, there is one history, and the guard
holds its newest leaf and checkpoint.
"""

from __future__ import annotations

import pytest

from ledger.errors import StreamUnknown
from ledger.selectors.streams import StreamView, stream
from ledger.services.seal import seal_window
from tests.support.clones import Clone
from tests.support.dying_writers import receipts_of, stand_in, writer
from tests.support.failpoints import APPENDING, CREATING, HALF_APPENDING, HALF_SEALING, SEALING
from tests.support.guarded import restarted, settled
from tests.support.ledger_writer import DEAD
from tests.support.streams import append, event, new_stream

pytestmark = pytest.mark.db
WRITERS = ("one", "two")
SECONDS = "4"


@pytest.mark.parametrize("point", [*APPENDING, *HALF_APPENDING, *SEALING, *HALF_SEALING])
def test_a_killed_process_has_promised_nothing_that_is_lost(ledger_db: Clone, point: str) -> None:
    made = new_stream()
    append(made, event("before"))
    process = writer(ledger_db, "die", point)
    given = receipts_of(process)
    assert process.returncode == DEAD
    assert len(given) == (point in {*SEALING, *HALF_SEALING})
    restarted(made)
    again = append(made, event("large", b"x" * 40_000)).appended[0]
    assert given in ({}, {again.index: again.leaf_hash.hex()})
    seal_window(made.id, reason="request")
    found = settled(made)
    assert stand_in(found, given)
    assert len(found.sizes) == 1
    assert [leaf.kind for leaf in found.leaves].count("event") == 2


@pytest.mark.parametrize("point", CREATING)
def test_a_killed_creation_is_repeated_or_found(db_clone: Clone, ledger_db: Clone, point: str) -> None:
    process = writer(db_clone, "die", point)
    assert (receipts_of(process), process.returncode) == ({}, DEAD)
    made = _created(point)
    restarted(made)
    append(made, event("a"))
    seal_window(made.id, reason="request")
    assert settled(made).sizes == [3]


def _created(point: str) -> StreamView:
    if point != "create":
        return stream("acme", "decisions")
    with pytest.raises(StreamUnknown):
        stream("acme", "decisions")
    return new_stream()


def test_two_processes_append_and_seal_at_once(ledger_db: Clone) -> None:
    made = new_stream()
    running = [writer(ledger_db, "run", SECONDS, name) for name in WRITERS]
    given = [receipts_of(process) for process in running]
    assert [process.returncode for process in running] == [0, 0]
    seal_window(made.id, reason="request")
    found = settled(made)
    assert all(stand_in(found, promised) for promised in given)
    assert given[0].keys() & given[1].keys() == set()
    assert sum(map(len, given)) == [leaf.kind for leaf in found.leaves].count("event") > len(WRITERS) * 10
    assert len(found.sizes) > 1


def test_a_process_that_is_killed_while_another_writes_leaves_one_history(ledger_db: Clone) -> None:
    made = new_stream()
    running = writer(ledger_db, "run", SECONDS, "lives")
    for point in ("D2", "D6", "D3", "D5"):
        receipts_of(writer(ledger_db, "die", point))
    given = receipts_of(running)
    restarted(made)
    seal_window(made.id, reason="request")
    found = settled(made)
    assert running.returncode == 0
    assert stand_in(found, given)
