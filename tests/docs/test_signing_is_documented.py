"""docs/signing.md names every command and every refusal of the signers."""

from __future__ import annotations

import re

from governance.sign import errors
from governance.sign.arguments import parser_of
from ledger.errors import LedgerError
from tests.docs.documents import first_column, text_of

PAGE = "signing.md"
OF_OTHERS = {"statement_malformed", "weak_key"}


def test_every_refusal_has_a_row() -> None:
    ours = {one.code for one in vars(errors).values() if isinstance(one, type) and issubclass(one, LedgerError)}
    told = {name for name in first_column(PAGE) if re.fullmatch(r"[a-z_]+", name)}
    assert ours - {"signer_refused", "refused"} <= told
    assert told >= OF_OTHERS


def test_every_command_is_shown() -> None:
    assert parser_of().prog in text_of(PAGE)
    for command in ("key new", "key show", "render", "sign", "verify"):
        assert f"python -m governance.sign {command} " in text_of(PAGE)
