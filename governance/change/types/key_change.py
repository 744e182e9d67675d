"""`key.enrol`, `key.rotate` and `key.revoke`: which decision and native keys of a person count."""

from __future__ import annotations

import uuid
from typing import cast

from governance.change.core.policy import Direction
from governance.change.errors import EffectRefused
from governance.change.types.base import Applying, Plain
from governance.change.types.checks import kid, uuid_text
from governance.change.types.people_documents import key_json, keys_of, keys_subject, person_row, sorted_keys
from governance.identity.actions.activate_person_key import activate_person_key
from governance.identity.actions.revoke_person_key import revoke_person_key
from governance.identity.core.governed import KEY_ENROL, KEY_REVOKE, KEY_ROTATE
from governance.identity.core.person_keys import Custody, KeyUse
from governance.identity.models import PersonKey
from governance.identity.models.person import actor_of
from governance.identity.selectors.person_keys import key_row
from ledger.core.fields import Schema, hex_hash, one_of, text
from ledger.core.types import JSON, JSONObject
from ledger.errors import NotThere

_KEY: Schema = {
    "person": uuid_text, "kid": kid, "public": hex_hash, "custody": one_of(*(one.value for one in Custody)),
    "use": one_of(*(one.value for one in KeyUse)),
}  # fmt: skip
"""A key stands whole in the body, so that its fingerprint is what people sign."""


class _OfKey(Plain):
    """What all three share: the document of a person's keys."""

    def subject(self, body: JSONObject) -> str:
        """One document per person."""
        return keys_subject(body["person"])

    def base(self, body: JSONObject, *, lock: bool) -> JSONObject:
        """The keys that count now; locked are the person, then their keys."""
        row = person_row(body["person"], lock=lock)
        if lock:
            list(PersonKey.objects.select_for_update(of=("self",)).filter(person=row).order_by("id"))
        _check_row(row.pk, body)
        return keys_of(row)

    def concerned(self, body: JSONObject) -> frozenset[str]:
        """The holder."""
        return frozenset({actor_of(uuid.UUID(str(body["person"])))})


class KeyEnrol(_OfKey):
    """A second person lets a registered key count."""

    name = KEY_ENROL
    words = "Let a person's key count"
    schema: Schema = _KEY

    def result(self, base: JSONObject, body: JSONObject) -> JSONObject:
        """With the key."""
        keys = cast("list[JSON]", base["keys"])
        if _kids(keys) & {str(body["kid"])}:
            raise EffectRefused("This key counts already", path="$.kid")
        return {"keys": sorted_keys([*keys, _named(body)])}

    def direction(self, base: JSONObject, result: JSONObject) -> Direction:
        """It gives power."""
        return Direction.LOOSENS

    def apply(self, base: JSONObject, body: JSONObject, *, context: Applying) -> None:
        """Identity's own action."""
        row = key_row(str(body["kid"]))
        activate_person_key(row, by=context.by, at=context.at, decision=context.decision)


class KeyRotate(KeyEnrol):
    """A key takes the place of another one of the same person and use."""

    name = KEY_ROTATE
    words = "Replace a person's key"
    schema: Schema = {**_KEY, "replaces": kid}

    def result(self, base: JSONObject, body: JSONObject) -> JSONObject:
        """With the new key and without the old one."""
        keys = cast("list[JSON]", base["keys"])
        if str(body["replaces"]) not in _kids(keys):
            raise EffectRefused("The key to be replaced does not count", path="$.replaces")
        return super().result({"keys": _without(keys, str(body["replaces"]))}, body)

    def direction(self, base: JSONObject, result: JSONObject) -> Direction:
        """Power moves to other bytes."""
        return Direction.LOOSENS

    def invalidates(self, base: JSONObject, body: JSONObject) -> list[str]:
        """What the old key said of open changes."""
        return [f"Open approvals by the key {body['replaces']}."]


class KeyRevoke(_OfKey):
    """It takes power away, at once where the policy's tier for it is emergency."""

    name = KEY_REVOKE
    words = "Revoke a person's key"
    schema: Schema = {"person": uuid_text, "kid": kid, "reason": text(500)}

    def result(self, base: JSONObject, body: JSONObject) -> JSONObject:
        """Without the key."""
        keys = cast("list[JSON]", base["keys"])
        if str(body["kid"]) not in _kids(keys):
            raise EffectRefused("This key does not count", path="$.kid")
        return {"keys": _without(keys, str(body["kid"]))}

    def direction(self, base: JSONObject, result: JSONObject) -> Direction:
        """It takes power."""
        return Direction.TIGHTENS

    def invalidates(self, base: JSONObject, body: JSONObject) -> list[str]:
        """What the key said of open changes, and the sessions of its holder."""
        return [f"Open approvals by the key {body['kid']}, and every session of its holder."]

    def apply(self, base: JSONObject, body: JSONObject, *, context: Applying) -> None:
        """Identity's own action."""
        row = key_row(str(body["kid"]))
        revoke_person_key(row, str(body["reason"]), by=context.by, at=context.at, decision=context.decision)


def _check_row(person: int, body: JSONObject) -> None:
    """The key is the person's, and exactly the one whose bytes stand in the body; raises EffectRefused."""
    try:
        row = key_row(str(body["kid"]))
    except NotThere as unknown:
        raise EffectRefused("There is no such key", path="$.kid") from unknown
    other = row.person_id != person or ("public" in body and key_json(row) != _named(body))
    if other or ("public" in body and (row.replaces is not None) is not ("replaces" in body)):
        raise EffectRefused("The key was registered as another one", path="$.kid")
    if "replaces" in body and (row.replaces is None or row.replaces.kid != body["replaces"]):
        raise EffectRefused("The key was registered to replace another one", path="$.replaces")


def _named(body: JSONObject) -> JSONObject:
    return {name: body[name] for name in ("custody", "kid", "public", "use")}


def _kids(keys: list[JSON]) -> set[str]:
    return {str(cast("JSONObject", one)["kid"]) for one in keys}


def _without(keys: list[JSON], kid_gone: str) -> list[JSON]:
    return [one for one in keys if cast("JSONObject", one)["kid"] != kid_gone]
