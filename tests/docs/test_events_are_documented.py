"""Every audit event that the product writes has a row in docs/events.md, and every row an event."""

from __future__ import annotations

from tests.docs.documents import first_column, strings_in_product

_AUDIT = r"[a-z_]+:[a-z_]+:[a-z_]+"


def _documented() -> set[str]:
    return {name for name in first_column("events.md") if name.count(":") == 2}


def test_every_event_name_is_documented() -> None:
    assert sorted(set(strings_in_product(_AUDIT)) - _documented()) == []


def test_no_documented_event_is_gone() -> None:
    assert sorted(_documented() - set(strings_in_product(_AUDIT))) == []


def test_the_scan_finds_what_is_known_to_be_there() -> None:
    assert "identity:person:created" in strings_in_product(_AUDIT)
