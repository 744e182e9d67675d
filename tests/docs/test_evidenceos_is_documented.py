"""docs/evidenceos.md holds exactly the codes of the readers and checks, each with its own words."""

from __future__ import annotations

import inspect

from governance.evidenceos import errors
from governance.evidenceos.core.codes import CODES
from tests.docs.documents import names_in, rows_of

PAGE = "evidenceos.md"


def test_each_code_has_one_row_with_its_effect_meaning_comparison_and_next_step() -> None:
    documented = [(names_in(row[0])[0], *row[1:]) for row in rows_of(PAGE) if len(row) == 5 and names_in(row[0])]
    assert documented == [(code.name, code.effect, code.meaning, code.compared, code.next) for code in CODES.values()]


def test_every_code_says_what_to_do_in_a_sentence() -> None:
    for code in CODES.values():
        assert code.meaning.endswith(".")
        assert code.next.endswith(".")
        assert "|" not in code.meaning + code.compared + code.next


def test_every_refusal_has_its_row_with_the_same_next_step() -> None:
    told = {one.code: one.default_next for one in errors.EvidenceOSRefused.__subclasses__()}
    assert len(told) == len([one for _, one in inspect.getmembers(errors, inspect.isclass)]) - 2
    assert {name: CODES[name].next for name in told} == told
