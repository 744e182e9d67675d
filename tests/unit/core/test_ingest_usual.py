"""Usual events, which are looked at at once, are what the rules make of them one by one."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st

from ledger.core.event import RawEvent
from ledger.core.ingest import Defaults, from_plain
from ledger.errors import EventInvalid

DEFAULTS = Defaults(id="fresh-id", source="scoring key")
TEXTS = st.one_of(st.text(max_size=6), st.sampled_from(["", "x" * 64, "x" * 65, "a\n", "é", "2026-11-21T09:16:58Z"]))
TIMES = st.sampled_from(["2026-11-21T09:16:58Z", "2026-02-31T00:00:00Z", "2026-11-21t09:16:58.5+01:00", "now", ""])
VALUES = st.one_of(TEXTS, st.none(), st.integers(), st.booleans())
PLAIN = st.fixed_dictionaries(
    {"type": VALUES},
    optional={
        "payload": st.none(), "id": VALUES, "source": VALUES, "time": TIMES | VALUES, "subject": VALUES,
        "sequence": VALUES, "other": st.none(),
    },
)  # fmt: skip


def told(value: Any) -> RawEvent | tuple[str, str]:
    try:
        return from_plain(value, DEFAULTS)
    except EventInvalid as error:
        return error.what, error.path


@given(PLAIN)
def test_both_ways_say_the_same(value: dict[str, Any]) -> None:
    with patch("ledger.core.ingest._usual", lambda *_: None):
        by_rule = told(value)
    assert told(value) == by_rule
