"""docs/health.md says what the one table of the health paths says, and names every check of /ready."""

from __future__ import annotations

from console.health_checks import CHECKS
from ledger.health import ROWS
from tests.docs.documents import first_column, headings, text_of


def test_every_path_has_a_section_and_every_section_a_path() -> None:
    assert headings("health.md") == set(ROWS)


def test_rules_idle_meanings_and_next_steps_are_those_of_the_table() -> None:
    page = text_of("health.md")
    said = (text for row in ROWS.values() for text in (row.rule, row.idle, row.next_stale, row.next_fail))
    assert [text for text in said if text and text not in page] == []


def test_every_check_of_ready_is_named() -> None:
    assert first_column("health.md") == set(CHECKS)
