"""One line asks the system ledger: qualifiers, times and words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from console.system_query import read
from ledger.core.system_words import system_words, words_of

NOW = datetime(2026, 11, 21, 9, 16, 58, tzinfo=UTC)


def test_qualifiers_are_read_and_the_rest_is_words() -> None:
    asked = read("actor:person:01a1 code:role_missing Type:console:* request:r-1 Denied", NOW).query
    assert (asked.actor, asked.code, asked.type, asked.request) == ("person:01a1", "role_missing", "console:*", "r-1")
    assert asked.words == ("denied",)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("after:24h", NOW - timedelta(hours=24)),
        ("after:7d", NOW - timedelta(days=7)),
        ("after:2026-11-20", datetime(2026, 11, 20, tzinfo=UTC)),
        ("after:2026-11-20T10:30Z", datetime(2026, 11, 20, 10, 30, tzinfo=UTC)),
        ('after:"2026-11-20 10:30"', datetime(2026, 11, 20, 10, 30, tzinfo=UTC)),
    ],
)
def test_a_time_is_a_day_a_moment_or_how_long_ago(text: str, moment: datetime) -> None:
    assert read(text, NOW).query.after == moment


def test_a_time_that_is_none_is_told_and_left_out() -> None:
    asked = read("after:yesterday code:x", NOW)
    assert asked.query.after is None
    assert asked.query.code == "x"
    assert "yesterday" in asked.problems[0]


def test_a_word_with_a_colon_that_is_no_qualifier_is_a_word() -> None:
    assert read("person:01a1", NOW).query.words == ("person:01a1",)


@pytest.mark.parametrize("text", ["", '"', "actor:", ":", "\0", '""', "after:9999999h", "after:99999d"])
def test_no_text_breaks_the_question(text: str) -> None:
    read(text, NOW)


def test_words_of_an_event_are_its_texts_as_a_whole_and_in_parts() -> None:
    found = system_words(
        "console:request:denied", {"code": "role_missing", "actor": "key:1", "asked": {"stream": "acme/x"}}
    )
    assert {"console:request:denied", "denied", "role_missing", "role", "acme/x", "acme", "key:1"} <= set(found.words)
    assert found.summary == "asked stream acme/x"
    assert words_of("  Two Words ") == ["two words", "two", "words"]
