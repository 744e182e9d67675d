"""What a person reads is what is signed: every value, once, and nothing that the eye misses."""

from __future__ import annotations

from typing import Any

import pytest

from governance.change.core.rendering import as_text, lines, shown
from governance.change.core.statement import SCHEMA, built
from ledger.core.canonical import canonical
from tests.support.statements import bent, fields


def leaves(value: Any) -> list[str]:
    if isinstance(value, dict) and value:
        return [one for inner in value.values() for one in leaves(inner)]
    if isinstance(value, list) and value:
        return [one for inner in value for one in leaves(inner)]
    return [canonical(value).decode()]


def test_every_value_stands_in_one_line() -> None:
    found = lines(built(fields()))
    assert sorted(line.text for line in found) == sorted(leaves(fields()))
    assert len({line.path for line in found}) == len(found)


def test_the_verb_and_the_change_are_read_first() -> None:
    assert [line.path.split(".")[0] for line in lines(built(fields()))][:2] == ["verb", "change"]
    assert {line.path.split(".")[0] for line in lines(built(fields()))} == set(SCHEMA)


@pytest.mark.parametrize(
    ("hidden", "told"),
    [
        ("\u202e", "<U+202E>"),
        ("\u200b", "<U+200B>"),
        ("\u2066", "<U+2066>"),
        ("\u00a0", "<U+00A0>"),
        ("\ufeff", "<U+FEFF>"),
        ("\u2028", "<U+2028>"),
    ],
)
def test_what_the_eye_misses_is_written_out(hidden: str, told: str) -> None:
    line = next(line for line in lines(built(bent("change.reason", f"a{hidden}b"))) if line.path == "change.reason")
    assert (line.text, line.suspect) == (f'"a{told}b"', True)


@pytest.mark.parametrize(
    ("seen", "told"),
    [("<b>", "<b>"), ("p < 0.05", "p < 0.05"), ("<", "<"), ("<U+202E>", "<U+003C>U+202E>"), ("<<U+", "<<U+003C>U+")],
)
def test_what_the_eye_sees_is_not_told_to_be_unseen(seen: str, told: str) -> None:
    line = next(line for line in lines(built(bent("change.reason", f"a{seen}b"))) if line.path == "change.reason")
    assert (line.text, line.suspect) == (f'"a{told}b"', False)


def test_a_hidden_character_in_a_path_is_suspect_too() -> None:
    made = fields()
    made["effect"]["way_back"] = {"a\u200b": 1}
    assert [line.path for line in lines(built(made)) if line.suspect] == ['effect.way_back."a<U+200B>"']


def test_plain_words_stay_as_they_are() -> None:
    assert shown("Grüße, 世界 · 12 %") == "Grüße, 世界 · 12 %"
    assert not any(line.suspect for line in lines(built(fields())))


def test_different_statements_never_read_the_same() -> None:
    reasons = [
        "a",
        "A",
        "a ",
        "a\nb",
        "a\\nb",
        "<U+202E>",
        "\u202e",
        "<\u202e",
        "<<U+202E>",
        "<U+003C>U+202E>",
        "a\u200b",
        '"a"',
        "\u0430",
    ]
    read = {as_text(built(bent("change.reason", reason))) for reason in reasons}
    assert len(read) == len(reasons)


def test_names_that_imitate_a_path_are_quoted() -> None:
    made = fields()
    made["effect"]["way_back"] = {"a.b": 1, "a": {"b": 2}, "c[0]": 3, "c": [4]}
    found = {line.path: line.text for line in lines(built(made)) if "way_back" in line.path}
    assert found == {
        'effect.way_back."a.b"': "1",
        "effect.way_back.a.b": "2",
        'effect.way_back."c[0]"': "3",
        "effect.way_back.c[0]": "4",
    }


def test_paper_ends_with_the_code_of_the_screen() -> None:
    made = built(fields())
    assert as_text(made).endswith(f"short code: {made.code}\n")
