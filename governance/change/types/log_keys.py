"""`log_key.rotate`, `.retire`, `.destroy` and `.recover`: a log's signing keys.

The document of a log's keys counts them by use and kind: how many were ever made, and how many are in force. A key that
does not exist yet has no name that could be signed; the `key` leaf that is written names it, and the decision.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from typing import cast

from governance.change.core.policy import Direction
from governance.change.errors import EffectRefused
from governance.change.types.base import Applying, Finding
from governance.change.types.streams import ORIGIN, OfStream, failed, passed, standing, stream_of
from ledger.core.fields import Schema, base64_of, one_of, text
from ledger.core.keys import ED25519, MLDSA44
from ledger.core.types import JSONObject
from ledger.errors import LedgerError
from ledger.models import KeyAlg, KeyUse
from ledger.selectors.keys import keys_of
from ledger.selectors.streams import StreamView
from ledger.services import key_recovery, keys
from ledger.storage.signer import RegisteredKey

KID = text(32)
OVERLAP = 2


class _OfKeys(OfStream):
    """A kind that changes which keys of a log are in force."""

    part = "keys"

    def base(self, body: JSONObject, *, lock: bool) -> JSONObject:
        """How many keys there are, by use and kind."""
        return counted(stream_of(body, lock=lock))

    def direction(self, base: JSONObject, result: JSONObject) -> Direction:
        """Neither gives power over evidence nor takes it: every signature is the log's own."""
        return Direction.NEUTRAL

    def way_back(self, base: JSONObject, body: JSONObject) -> JSONObject | None:
        """None: keys are not brought back; another change follows."""
        return None


class LogKeyRotate(_OfKeys):
    """A receipt or export key replaces the old one at once; a checkpoint key joins it until it is retired."""

    name = "log_key.rotate"
    words = "Give a log a new signing key"
    schema: Schema = {"stream": ORIGIN, "use": one_of(*KeyUse.values), "alg": one_of(*KeyAlg.values)}

    def result(self, base: JSONObject, body: JSONObject) -> JSONObject:
        """One more made; one more in force where the old one stays. Raises EffectRefused for an open overlap."""
        use, alg = str(body["use"]), str(body["alg"])
        if alg == MLDSA44 and use != KeyUse.CHECKPOINT:
            raise EffectRefused("ML-DSA-44 is a second line on checkpoints", path="$.alg")
        made, in_force = _of(base, f"{use} {alg}")
        joins = use == KeyUse.CHECKPOINT
        if joins and in_force >= OVERLAP:
            raise EffectRefused("A rotation is open: two keys sign already", path="$.use", next_step="Retire the old.")
        return _with(base, f"{use} {alg}", made + 1, in_force + joins)

    def invalidates(self, base: JSONObject, body: JSONObject) -> list[str]:
        """Which key signs nothing any more."""
        if body["use"] == KeyUse.CHECKPOINT:
            return []
        old = [key.kid for key in _in_force(stream_of(body)) if key.use == body["use"]]
        return [f"The {body['use']} key {kid} signs nothing behind the leaf; what it signed verifies." for kid in old]

    def preflight(self, base: JSONObject, body: JSONObject) -> list[Finding]:
        """Whether every key that must sign the leaf is there."""
        found = stream_of(body)
        return [standing(found), _tried(lambda: keys.rotate(
            found, str(body["use"]), alg=str(body["alg"]), actor="preflight", dry_run=True
        ))]  # fmt: skip

    def apply(self, base: JSONObject, body: JSONObject, *, context: Applying) -> None:
        """One `key` leaf, signed by old and new."""
        found = stream_of(body)
        keys.rotate(
            found, str(body["use"]), alg=str(body["alg"]), actor=context.by.actor, decision=context.decision
        )  # fmt: skip


class LogKeyRetire(_OfKeys):
    """From the next checkpoint on its line is gone."""

    name = "log_key.retire"
    words = "Retire an old checkpoint key"
    schema: Schema = {"stream": ORIGIN, "kid": KID, "alg": one_of(*KeyAlg.values)}

    def result(self, base: JSONObject, body: JSONObject) -> JSONObject:
        """One less in force; raises EffectRefused for the last Ed25519 key."""
        name = f"{KeyUse.CHECKPOINT} {body['alg']}"
        made, in_force = _of(base, name)
        if in_force < (OVERLAP if body["alg"] == ED25519 else 1):
            raise EffectRefused("A log keeps an Ed25519 checkpoint key", path="$.kid", next_step="Rotate first.")
        return _with(base, name, made, in_force - 1)

    def invalidates(self, base: JSONObject, body: JSONObject) -> list[str]:
        """What readers must hold."""
        return [f"A head that {body['kid']} alone signed is incomplete. Readers need the vkey of the key that stays."]

    def preflight(self, base: JSONObject, body: JSONObject) -> list[Finding]:
        """Whether it is such a key, and another one stays."""
        found, kid = stream_of(body), str(body["kid"])
        if _key(found, body).alg != body["alg"]:
            return [standing(found), failed("key_refused", f"{kid} is another kind of key.", "Look at its page.")]
        return [standing(found), _tried(lambda: keys.retire(found, kid, actor="preflight", dry_run=True))]

    def apply(self, base: JSONObject, body: JSONObject, *, context: Applying) -> None:
        """One `key` leaf."""
        keys.retire(stream_of(body), str(body["kid"]), actor=context.by.actor, decision=context.decision)


class LogKeyDestroy(_OfKeys):
    """The public half stays and verifies for ever."""

    name = "log_key.destroy"
    words = "Destroy the private half of a retired key"
    schema: Schema = {"stream": ORIGIN, "kid": KID}

    def subject(self, body: JSONObject) -> str:
        """One document per key."""
        return f"stream:{body['stream']}/keys/{body['kid']}/private_half"

    def base(self, body: JSONObject, *, lock: bool) -> JSONObject:
        """Whether it is there."""
        return {"private_half": _key(stream_of(body, lock=lock), body).sealed is not None}

    def result(self, base: JSONObject, body: JSONObject) -> JSONObject:
        """Gone; raises EffectRefused where it is."""
        if not base["private_half"]:
            raise EffectRefused("There is no private half any more", path="$.kid")
        return {"private_half": False}

    def direction(self, base: JSONObject, result: JSONObject) -> Direction:
        """One less that could be stolen."""
        return Direction.TIGHTENS

    def invalidates(self, base: JSONObject, body: JSONObject) -> list[str]:
        """That it is for ever."""
        return [f"{body['kid']} never signs again. There is no way back."]

    def preflight(self, base: JSONObject, body: JSONObject) -> list[Finding]:
        """Whether it owes a signature."""
        found = stream_of(body)
        owed = keys.owes(found, _key(found, body))
        if owed:
            return [standing(found), failed("key_refused", f"The private key is still needed: {owed}.", "Seal first.")]
        return [standing(found), passed("owes_nothing", "Every signature that it owes is stored.")]

    def apply(self, base: JSONObject, body: JSONObject, *, context: Applying) -> None:
        """One row."""
        keys.destroy(stream_of(body), str(body["kid"]), actor=context.by.actor, decision=context.decision)


class LogKeyRecover(_OfKeys):
    """The recovery key of genesis signed the proposal elsewhere; `proposal` and `signature` are base64."""

    name = "log_key.recover"
    words = "Bring a log a new key by its recovery key"
    schema: Schema = {"stream": ORIGIN, "proposal": base64_of(), "signature": base64_of(64)}

    def subject(self, body: JSONObject) -> str:
        """One document per proposal."""
        return f"stream:{body['stream']}/keys/recovery/{hashlib.sha256(_bytes(body, 'proposal')).hexdigest()}"

    def base(self, body: JSONObject, *, lock: bool) -> JSONObject:
        """Whether the keys that it brings are the log's; raises EffectRefused where it cannot be read."""
        try:
            publics = key_recovery.read_publics(_bytes(body, "proposal"))
        except LedgerError as error:
            raise EffectRefused("This is no proposal of a recovery", why=str(error), path="$.proposal") from error
        known = {key.public for key in keys_of(stream_of(body, lock=lock).id)}
        return {"recovered": publics <= known}

    def result(self, base: JSONObject, body: JSONObject) -> JSONObject:
        """They are; raises EffectRefused where they were."""
        if base["recovered"]:
            raise EffectRefused("The log has these keys already", path="$.proposal")
        return {"recovered": True}

    def direction(self, base: JSONObject, result: JSONObject) -> Direction:
        """A key that the log's own keys did not sign for."""
        return Direction.LOOSENS

    def invalidates(self, base: JSONObject, body: JSONObject) -> list[str]:
        """The lost keys."""
        return ["The keys that are lost are retired; what they signed is accepted up to the last cosigned head."]

    def apply(self, base: JSONObject, body: JSONObject, *, context: Applying) -> None:
        """One `key` leaf."""
        proposal, signature = _bytes(body, "proposal"), _bytes(body, "signature")
        key_recovery.apply(stream_of(body), proposal, signature, actor=context.by.actor, decision=context.decision)


def counted(stream: StreamView) -> JSONObject:
    """`{"<use> <alg>": [ever made, in force]}` for every use and kind that the log has."""
    found: dict[str, list[int]] = {}
    for key in keys_of(stream.id):
        row = found.setdefault(f"{key.use} {key.alg}", [0, 0])
        row[0], row[1] = row[0] + 1, row[1] + (not key.is_retired)
    return {name: [*row] for name, row in sorted(found.items())}


def _of(document: JSONObject, name: str) -> tuple[int, int]:
    made, in_force = cast("list[int]", document.get(name, [0, 0]))
    return made, in_force


def _with(document: JSONObject, name: str, made: int, in_force: int) -> JSONObject:
    return {**document, name: [made, in_force]}


def _in_force(stream: StreamView) -> list[RegisteredKey]:
    return [key for key in keys_of(stream.id) if not key.is_retired]


def _key(stream: StreamView, body: JSONObject) -> RegisteredKey:
    try:
        return keys.key_of(stream, str(body["kid"]))
    except LedgerError as error:
        raise EffectRefused(error.what, why=error.why, path="$.kid") from error


def _bytes(body: JSONObject, name: str) -> bytes:
    return base64.b64decode(str(body[name]))


def _tried(act: Callable[[], object]) -> Finding:
    try:
        act()
    except LedgerError as error:
        return failed(error.code, str(error), error.next_step)
    return passed("keys_ready", "Every key that signs the leaf is there.")
