"""Holds: what they cover is erased neither by request nor by retention, until their case is released."""

from __future__ import annotations

import pytest

from ledger.core.hold import hold_of
from ledger.errors import LedgerError, NotThere
from ledger.selectors import leaves
from ledger.selectors.notices import held_spans, spoken_of
from ledger.selectors.streams import StreamView
from ledger.services.erasures import Asked, Held, erase
from ledger.services.holds import place_hold, release_hold
from ledger.services.seal import seal_window
from tests.support.erasing import asked, exported, notes
from tests.support.guarded import settled
from tests.support.streams import append, event, fresh, new_stream

pytestmark = pytest.mark.db


@pytest.fixture
def stream(ledger_db: object) -> StreamView:
    """Six events of two subjects in turn: leaves 1 to 6."""
    made = new_stream()
    append(made, *(event(n, subject=f"person-{n % 2}") for n in range(6)))
    seal_window(made.id, reason="request")
    return fresh(made)


def held(stream: StreamView, *spans: tuple[int, int], case: str = "C-7") -> object:
    return place_hold(fresh(stream), spans, case=case, reason="court order", by="person:1")


def test_held_content_is_refused_with_the_case_that_holds_it(stream: StreamView) -> None:
    held(stream, (3, 4))
    with pytest.raises(Held, match="C-7") as refused:
        erase(fresh(stream), asked((2, 5)))
    assert refused.value.code == "held"
    assert leaves.event(fresh(stream), 2).payload is not None
    erase(fresh(stream), asked((1, 2), (5, 6)))
    assert leaves.event(fresh(stream), 3).payload is not None


def test_released_content_can_be_erased_and_another_case_still_holds_its_own(stream: StreamView) -> None:
    held(stream, (3, 4))
    held(stream, (4, 5), case="C-8")
    done = release_hold(fresh(stream), case="C-7", reason="closed", by="person:1")
    assert done.events == 2
    erase(fresh(stream), asked((3, 3)))
    with pytest.raises(Held, match="C-8"):
        erase(fresh(stream), asked((4, 4)))
    assert held_spans(stream.id) == {"C-8": [(4, 5)]}


def test_the_leaf_says_what_is_held_why_and_by_whom(stream: StreamView) -> None:
    placed = place_hold(stream, [(1, 1), (3, 5)], case="C-7", reason="court order", by="person:1")
    told = hold_of(leaves.leaf(fresh(stream), placed.leaves[0]).parsed)
    assert (told.spans, told.case, told.reason, told.by, told.released) == (
        ((1, 1), (3, 5)), "C-7", "court order", "person:1", False,
    )  # fmt: skip
    assert [one.told.case for one in spoken_of(fresh(stream), 4).holds] == ["C-7"]
    assert spoken_of(fresh(stream), 2).holds == ()


def test_what_a_case_covers_already_is_not_written_again(stream: StreamView) -> None:
    held(stream, (2, 3))
    size = fresh(stream).size
    again = place_hold(fresh(stream), [(2, 3)], case="C-7", reason="again", by="person:1")
    assert (again.leaves, again.events, fresh(stream).size) == ((), 2, size)
    more = place_hold(fresh(stream), [(2, 5)], case="C-7", reason="more", by="person:1")
    assert hold_of(leaves.leaf(fresh(stream), more.leaves[0]).parsed).spans == ((4, 5),)


def test_a_hold_tells_how_much_was_gone_before(stream: StreamView) -> None:
    erase(stream, asked((2, 2)))
    placed = place_hold(fresh(stream), [(1, 3)], case="C-7", reason="late", by="person:1")
    assert (placed.events, placed.erased) == (3, 1)


def test_nothing_is_released_that_is_not_held(stream: StreamView) -> None:
    with pytest.raises(NotThere):
        release_hold(stream, case="C-9", reason="closed", by="person:1")
    held(stream, (2, 3))
    release_hold(fresh(stream), case="C-7", reason="closed", by="person:1")
    with pytest.raises(NotThere):
        release_hold(fresh(stream), case="C-7", reason="closed", by="person:1")


@pytest.mark.parametrize("case", ["", " C-7", "x" * 257, "C\n7"])
def test_a_case_can_stand_in_a_leaf(stream: StreamView, case: str) -> None:
    with pytest.raises(LedgerError, match="A hold needs a case"):
        held(stream, (2, 3), case=case)


def test_bundles_tell_what_is_held_and_verify(stream: StreamView) -> None:
    held(stream, (3, 4))
    seal_window(stream.id, reason="request")
    found = exported(stream, 1, 6)
    assert (found.outcome, "held" in notes(found)) == ("verified", True)
    release_hold(fresh(stream), case="C-7", reason="closed", by="person:1")
    erase(fresh(stream), Asked([(3, 3)], ["payload"], "subject", "asked", "person:1"))
    found = exported(stream, 1, 6)
    assert (found.outcome, notes(found) & {"held", "payload_erased"}) == ("verified", {"payload_erased"})
    settled(fresh(stream))
