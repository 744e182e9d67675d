"""What came beside signed words, by the record alone: gestures of passkeys, and signatures by native keys.

Guarantees that a key which a passkey opens says nothing without its gesture, and that each passkey belongs to one key,
to one relying party, and counts on; that what was applied natively is what was decided, byte for byte but for what the
executor fixes; and that each native signature is one by a native key of the signer that counted where it was made, an
author's also where the change was carried out. Pure.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, cast

from governance.change.core.bounds import Bounds, signer_of
from governance.change.core.gestures import Gesture, gesture_in
from governance.change.core.native import AUTHOR, EXECUTOR, Declared, declarations
from governance.change.core.native_heard import made_of
from governance.change.core.people import Custody
from governance.change.core.replay import NATIVE, SUBMITTED
from governance.change.core.statement import Statement
from governance.change.core.verbs import Verb
from governance.change.errors import NativeDiffers, NativeKeyMissing, NativeMissing, SignatureRefused
from ledger.core.canonical import canonical
from ledger.core.dsse import pae, parse_envelope
from ledger.core.types import JSON, JSONObject
from ledger.errors import LedgerError

_INVALID: Final = "decision_invalid"
_CARRIED_OUT: Final = frozenset({"change:effect:executed", "change:effect:reverted"})


@dataclass
class Beside(Bounds):
    """`gestures` are the last ones by passkey, with their keys; `brought` the verified native signatures of a
    submission by change: the word that they came with, and the native key's id.
    """

    gestures: dict[str, tuple[str, Gesture]] = field(default_factory=dict)
    opened_by: dict[str, str] = field(default_factory=dict)
    """By key: its passkey."""
    brought: dict[str, tuple[Statement, str]] = field(default_factory=dict)
    artefacts: int = 0
    """Native artefacts whose signatures verified where they were made."""
    witnessed: int = 0
    """Words with a gesture that fits."""

    def take(self, index: int, kind: str, payload: JSONObject | None) -> None:
        """One more event; a submission may bring its author's native signatures."""
        super().take(index, kind, payload)
        if kind == SUBMITTED and payload is not None:
            self._bring(index, payload)

    def _verified(
        self, index: int, payload: JSONObject, verbs: tuple[Verb, ...]
    ) -> tuple[str, str, int, Verb] | None:  # fmt: skip
        said = super()._verified(index, payload, verbs)
        if said is not None:
            try:
                self._present(self.statements[index], payload)
            except LedgerError as error:
                self._object(_INVALID, index, f"Nobody is shown to have been there: {error}")
        return said

    def _present(self, statement: Statement, payload: JSONObject) -> None:
        """The gesture beside a word: needed where a passkey opens the key, and true wherever it is told."""
        kid, assertion = str(_of(statement, "signer")["key"]), payload.get("assertion")
        row = self._key(signer_of(statement), kid, statement)
        if assertion is None:
            if row["custody"] == Custody.PASSKEY.value:
                raise SignatureRefused("The gesture of the passkey that opens the key is missing")
            return
        envelope = parse_envelope(base64.b64decode(str(payload["envelope"])))
        gesture = gesture_in(assertion, pae(envelope.payload_type, envelope.payload))
        self._keep_gesture(kid, gesture)
        self.witnessed += 1

    def _keep_gesture(self, kid: str, gesture: Gesture) -> None:
        """Compare it with the last one of this passkey, and keep it."""
        holder, before = self.gestures.get(gesture.credential, (kid, None))
        self.gestures[gesture.credential] = kid, gesture
        if self.opened_by.setdefault(kid, gesture.credential) != gesture.credential or holder != kid:
            raise SignatureRefused("A passkey opens one key, and a key has one passkey")
        if before is not None and before.party != gesture.party:
            raise SignatureRefused("The gesture is of another relying party than the one before", why=gesture.party)
        if before is not None and not gesture.follows(before.count):
            why = f"{gesture.count:,} after {before.count:,}"
            raise SignatureRefused("The passkey's counter did not move on: there may be a copy of it", why=why)

    def _check_signed(self, index: int, kind: str, payload: JSONObject) -> None:
        super()._check_signed(index, kind, payload)
        statement = self.statement_of(index, payload)
        if statement is not None and kind in _CARRIED_OUT:
            try:
                self._natively(payload, statement)
            except LedgerError as error:
                self._object(_INVALID, index, f"What was to be signed natively was not: {error}")

    def _bring(self, index: int, payload: JSONObject) -> None:
        """The author's native signatures, verified under the key that counts here."""
        statement, change = self.statements.get(index), str(payload["change"])
        self.brought.pop(change, None)
        if statement is None:
            return
        try:
            kid = self._made(AUTHOR, payload.get("native"), statement)
        except LedgerError as error:
            self._object(_INVALID, index, f"What was to be signed natively was not: {error}")
        else:
            self.brought[change] = statement, kid

    def _natively(self, payload: JSONObject, statement: Statement) -> None:
        """Everything that the body lists was signed, by author and executor."""
        execution = payload.get("execution")
        beside = execution.get("native") if isinstance(execution, dict) else None
        self._made(EXECUTOR, beside, statement)
        if _asked(AUTHOR, statement):
            self._author_stands(str(payload["change"]), statement)

    def _author_stands(self, change: str, statement: Statement) -> None:
        """The author's signatures are over this very body, by a contributor whose native key still counts."""
        word, kid = self.brought.get(change, (None, ""))
        if word is None:
            raise NativeMissing("The author's native signature is missing")
        told, signed = (_of(one, "change") for one in (word, statement))
        if told["revision"] != signed["revision"] or canonical(told["body"]) != canonical(signed["body"]):
            raise NativeMissing("The author's native signature is over another revision")
        if signer_of(word) not in cast("list[JSON]", signed["contributors"]):
            raise NativeDiffers("Who signed it natively wrote none of it", why=signer_of(word))
        self._native_key(signer_of(word), kid)

    def _made(self, by: str, given: JSON, statement: Statement) -> str:
        """Verify what came beside a word of the author or the executor; the native key's id, '' where none is asked."""
        asked = _asked(by, statement)
        if not asked:
            if given is not None:
                raise NativeDiffers("This word carries native signatures, and signs nothing natively")
            return ""
        if not isinstance(given, dict):
            raise NativeMissing("The native signatures of this change are missing")
        kid = str(given.get("kid"))
        self.artefacts += len(made_of(asked, given, self._native_key(signer_of(statement), kid)))
        return kid

    def _native_key(self, person: str, kid: str) -> bytes:
        """The public half of a native key of theirs that counts here; raises NativeKeyMissing."""
        keys = cast("list[JSONObject]", self.documents.get(f"{person}/keys", {"keys": []})["keys"])
        found = [one for one in keys if one["kid"] == kid and one["use"] == NATIVE and person not in self.gone]
        if not found:
            raise NativeKeyMissing("This is no native key of theirs that counts", why=kid[:64])
        return bytes.fromhex(str(found[0]["public"]))


def _asked(by: str, statement: Statement) -> Sequence[Declared]:
    body = cast("JSONObject", _of(statement, "change")["body"])
    return [one for one in declarations(body) if one.by == by]


def _of(statement: Statement, name: str) -> JSONObject:
    return cast("JSONObject", statement.fields[name])
