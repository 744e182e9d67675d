"""Cells of exported lists: what a spreadsheet would run as a formula is written as text (CWE-1236)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from console import words

STARTS = frozenset("=+-@\t\r\n＝＋－＠")  # noqa: RUF001  (spreadsheets take the full-width forms too)
GUARD = "'"


def cell(value: Any) -> str:
    """A value as a cell of CSV; a text that begins like a formula gets an apostrophe in front."""
    told = plain(value)
    text = "" if told is None else str(told)
    return f"{GUARD}{text}" if isinstance(told, str) and text[:1] in STARTS else text


def plain(value: Any) -> Any:
    """A value as JSON takes it: moments in RFC 3339, everything that is no number or text as text."""
    if isinstance(value, datetime):
        return words.machine_moment(value)
    return value if value is None or isinstance(value, int | str) else str(value)
