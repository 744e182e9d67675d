"""Whom a genesis names, as a table: roles, groups, and the fingerprint of each key in the words that are read aloud."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from console.changes.rule_words import rule_sentences
from governance.change.core.policy_text import policy_of
from governance.change.core.possession import words_of
from governance.change.types.genesis import GENESIS
from governance.identity.core.roles import Role

if TYPE_CHECKING:
    from collections.abc import Mapping

    from governance.change.selectors.changes import ChangeView
    from ledger.core.types import JSON, JSONObject


def founders(change: ChangeView, names: Mapping[str, str]) -> dict[str, Any] | None:
    """Its people and the policy in sentences; None for every other kind."""
    if change.listed.type != GENESIS:
        return None
    body = change.current.body
    signed = {one.person for one in change.words if one.verb == "found" and one.revision == change.listed.revision}
    people = cast("list[JSONObject]", body["people"])
    rules = [(one.change, rule_sentences(one)) for one in policy_of(body["policy"]).rules]
    return {"people": [_row(one, names, signed) for one in people], "rules": rules, "signers": body["signers"]}


def named_in(change: ChangeView) -> set[str]:
    """Everybody whom it names, by `person:<uuid>`."""
    if change.listed.type != GENESIS:
        return set()
    return {f"person:{one['person']}" for one in cast("list[JSONObject]", change.current.body["people"])}


def _row(one: JSONObject, names: Mapping[str, str], signed: set[str]) -> dict[str, Any]:
    actor = f"person:{one['person']}"
    roles = cast("list[JSONObject]", one["roles"])
    return {
        "name": names.get(actor, actor),
        "roles": [Role(str(role["role"])).words for role in roles],
        "groups": cast("list[JSON]", one["groups"]),
        "unit": str(one.get("unit", "")),
        "keys": [_key(key) for key in cast("list[JSONObject]", one["keys"])],
        "signed": actor in signed,
    }


def _key(key: JSONObject) -> dict[str, str]:
    words = words_of(bytes.fromhex(str(key["public"])))
    return {"kid": str(key["kid"])[:8], "words": words, "custody": str(key["custody"]), "use": str(key["use"])}
