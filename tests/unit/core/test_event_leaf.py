"""What the one match takes, the strict parser takes with the same fields; whatever else, it leaves alone."""

from __future__ import annotations

import pytest

from ledger.core.canonical import canonical, parse_canonical
from ledger.core.envelope import parse
from ledger.core.event_leaf import usual_event
from ledger.core.fields import check_fields
from ledger.core.schemas import SCHEMAS
from ledger.core.types import JSON
from ledger.errors import LeafSchema, LedgerError, NotCanonical
from tests.unit.core.leaves import leaf

USUAL = leaf("event").raw


def changed(**fields: JSON) -> bytes:
    return canonical({**leaf("event").fields, **fields})


def strictly(raw: bytes) -> JSON:
    """What the strict parser reads; None where it refuses."""
    try:
        value = parse_canonical(raw)
        assert isinstance(value, dict)
        check_fields(value, SCHEMAS["event"])
    except LedgerError:
        return None
    return value


def test_a_usual_leaf_is_read_with_the_same_fields() -> None:
    assert usual_event(USUAL) == leaf("event").fields
    assert list(usual_event(USUAL) or {}) == sorted(leaf("event").fields)


def test_no_changed_byte_is_taken_that_the_strict_parser_refuses() -> None:
    taken = 0
    for place in range(len(USUAL)):
        for byte in (*b'"\\{}:,-+.e \n\0\x1f\x7f\x80\xff0179aAfFgGtTzZ', USUAL[place] ^ 1, USUAL[place] ^ 32):
            raw = USUAL[:place] + bytes([byte]) + USUAL[place + 1 :]
            found = usual_event(raw)
            if found is not None:
                assert found == strictly(raw)
                taken += 1
    assert taken > len(USUAL)


@pytest.mark.parametrize("place", range(0, len(USUAL) + 1, 7))
def test_nothing_more_and_nothing_less_is_taken(place: int) -> None:
    for raw in (USUAL[:place], USUAL[:place] + b" " + USUAL[place:], USUAL + USUAL[:place], USUAL + b"\n"):
        assert raw == USUAL or usual_event(raw) in (None, strictly(raw))


@pytest.mark.parametrize(
    "fields",
    [
        {"index": 10**15 - 1}, {"origin": "o" * 255}, {"type": "t" * 256}, {"type": " !#[]~"}, {"type": "a/b"},
        {"recorded": "2028-02-29T23:59:59.999999Z"},
    ],
)  # fmt: skip
def test_the_edges_of_the_usual_form_are_inside(fields: dict[str, JSON]) -> None:
    found = usual_event(changed(**fields))
    assert found is not None
    assert found == strictly(changed(**fields))
    assert parse(changed(**fields)).fields == found


@pytest.mark.parametrize(
    "fields",
    [
        {"index": 10**15}, {"index": 0}, {"type": "é"}, {"type": 'a"b'}, {"type": "a\\b"}, {"type": "\x7f"},
        {"type": ""}, {"type": "t" * 257}, {"origin": "o" * 256}, {"origin": ""},
        {"recorded": "2026-02-31T09:16:58.000001Z"}, {"recorded": "2026-11-21T09:16:58.00001Z9"},
        {"attrs": "AA" * 32}, {"prev": None}, {"kind": "gap"},
        {"v": "countersign/2"}, {"index": 4.5}, {"index": -4},
    ],
)  # fmt: skip
def test_what_lies_outside_is_left_to_the_strict_parser(fields: dict[str, JSON]) -> None:
    assert usual_event(changed(**fields)) is None


def test_the_strict_parser_names_the_fault() -> None:
    with pytest.raises(NotCanonical):
        parse(USUAL.replace(b',"kind"', b', "kind"'))
    with pytest.raises(LeafSchema):
        parse(changed(recorded="2026-02-31T09:16:58.000001Z"))
