"""A policy's text beside a statement: its digest is the one signed, and its rule for the change is the one signed."""

from __future__ import annotations

import hashlib
from typing import Any, cast

from governance.change.core.statement import Statement
from governance.sign.errors import PolicyDiffers
from ledger.core.canonical import parse_canonical
from ledger.core.types import JSON, JSONObject
from ledger.errors import LedgerError

MERGED = " + "
"""Between the names of rules that were merged into the strictest of all (`governance.change.core.policy`)."""


def check_policy(statement: Statement, text: bytes) -> None:
    """Raises PolicyDiffers unless the text has the digest that the statement binds, and the rule that it shows.

    A rule merged of several (a policy change falls under the old and the new one) is in no text as a whole.
    """
    bound: Any = statement.fields["policy"]
    found = hashlib.sha256(text.removesuffix(b"\n")).hexdigest()
    if found != bound["digest"]:
        raise PolicyDiffers("The statement binds another policy", why=f"{bound['digest']}, not {found}")
    rule = bound["rule"]
    name = str(rule.get("name", ""))
    if MERGED not in name and _rules_in(text).get(name) != rule:
        raise PolicyDiffers("The policy has no such rule", why=ascii(name[:80]), path="policy.rule")


def _rules_in(text: bytes) -> dict[str, JSON]:
    try:
        policy = cast("JSONObject", parse_canonical(text.removesuffix(b"\n")))
        rules = cast("list[JSONObject]", policy["rules"])
        return {str(rule["name"]): rule for rule in rules}
    except (LedgerError, KeyError, TypeError, AttributeError) as error:
        raise PolicyDiffers("This is no policy's text", why=str(error)[:120]) from error
