"""The problem codes of the verifier: what each one does to the outcome, and what a person reads about it.

Guarantees that every code that a report can carry stands here once. `docs/problem-codes.md` holds one row for
each, and a test holds the two together. Codes are an interface: they are added, never renamed.
"""

from __future__ import annotations

from typing import Final

from ledger.core.codes_incomplete import INCOMPLETE, INPUT, NOTES
from ledger.core.codes_rejected import REJECTED
from ledger.core.codes_row import Code, Effect

__all__ = ["CODES", "RESERVED", "Code", "Effect", "code_of"]

CODES: Final[dict[str, Code]] = {code.name: code for code in (*REJECTED, *INCOMPLETE, *NOTES, *INPUT)}

RESERVED: Final = frozenset(
    {
        "anchor_mismatch",
        "anchor_signature_wrong",
        "anchor_chain_broken",
        "anchor_untrusted",
        "anchor_revocation_unknown",
        "own_witnesses_only",
    }
)
"""Codes of steps that are answered `not_evaluated` until anchors are read."""

_FORM: Final = "leaf_schema"


def code_of(name: str) -> Code:
    """The row of a code; an error whose code is not the verifier's own is one of form (`leaf_schema`)."""
    return CODES.get(name, CODES[_FORM])
