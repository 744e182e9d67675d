"""Which characters a statement may hold, and which are written out: pinned tables, the same in every release."""

from __future__ import annotations

import unicodedata

import pytest

from governance.change.core.characters import is_assigned, written_out
from governance.change.core.statement import built
from governance.change.errors import StatementMalformed
from tests.support.statements import bent

EVERY = [chr(code) for code in range(0x110000) if not 0xD800 <= code <= 0xDFFF]
UNSEEN = {"Cc", "Cf", "Co", "Zl", "Zp"}


def test_what_no_release_yet_knows_is_refused() -> None:
    assert not is_assigned("\U0001fae8")
    assert is_assigned("Grüße, 世界 🙂")
    with pytest.raises(StatementMalformed, match="Unicode 14"):
        built(bent("change.reason", "shaking \U0001fae8"))


@pytest.mark.skipif(unicodedata.unidata_version != "14.0.0", reason="only this release holds the pinned tables' source")
def test_the_tables_are_those_of_unicode_14() -> None:
    assert [one for one in EVERY if is_assigned(one) == (unicodedata.category(one) == "Cn")] == []


def test_everything_unseen_is_written_out_in_every_release() -> None:
    seen = [
        one for one in EVERY if is_assigned(one) and unicodedata.category(one) in UNSEEN and written_out(one) == one
    ]
    assert seen == []


def test_of_blanks_only_the_space_stays() -> None:
    assert [one for one in EVERY if unicodedata.category(one) == "Zs" and written_out(one) == one] == [" "]


@pytest.mark.parametrize("filler", "\u034f\u115f\u17b4\u180b\u2800\u3164\ufe0f\uffa0\U000e0100")
def test_fillers_that_draw_nothing_are_written_out(filler: str) -> None:
    assert written_out(f"a{filler}b") == f"a<U+{ord(filler):04X}>b"


def test_letters_of_all_scripts_stay() -> None:
    letters = [one for one in EVERY if is_assigned(one) and unicodedata.category(one) in {"Lu", "Ll", "Nd", "Sm"}]
    assert [one for one in letters if written_out(one) != one] == []
