"""docs/problem-codes.md holds exactly the codes of the verifier and of the store, each with its own words."""

from __future__ import annotations

from ledger.core.codes import CODES, RESERVED
from ledger.services.store_codes import STORE_CODES
from tests.docs.documents import names_in, rows_of, text_of

PAGE = "problem-codes.md"


def test_each_code_has_one_row_with_its_meaning_comparison_and_next_step() -> None:
    rows = [row for row in rows_of(PAGE) if len(row) == 4 and names_in(row[0])]
    documented = [(names_in(row[0])[0], row[0].endswith("*"), *row[1:]) for row in rows]
    expected = [
        (code.name, code.name in RESERVED, code.meaning, code.compared, code.next)
        for code in (*CODES.values(), *STORE_CODES.values())
    ]
    assert documented == expected


def test_every_code_says_what_to_do_in_a_sentence() -> None:
    for code in (*CODES.values(), *STORE_CODES.values()):
        assert code.meaning.endswith(".")
        assert code.next.endswith(".")
        assert code.compared
        assert "|" not in code.meaning + code.compared + code.next


def test_every_mutation_of_the_page_has_a_known_code() -> None:
    table = text_of(PAGE).partition("| mutation |")[2].split("\n\n")[0]
    named = [name for line in table.splitlines() for name in names_in(line)]
    assert len(named) == 8
    assert set(named) <= set(CODES)
