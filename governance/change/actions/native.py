"""Native signatures beside a word: what a signer is given, what came back, and what an effect is applied with.

Guarantees that a word over a change that lists artefacts counts only with every signature that its verb asks for, each
verified over bytes whose fixed form the body names, under a native key of the same person that counts at this index
of the record and has rested as long as the rule asks of a decision key; and that at execution all of them are verified
once more from the stored bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from governance.change.core.native import (
    AUTHOR,
    Declared,
    NativeMade,
    declarations,
    read_artefact,
    read_either,
)
from governance.change.core.native_heard import made_of
from governance.change.core.policy_text import rule_of
from governance.change.core.verbs import Verb
from governance.change.errors import NativeDiffers, NativeKeyMissing, NativeMissing, PersonBarred
from governance.change.models import Change, Revision, Word
from governance.change.types import change_type
from governance.change.types.base import ChangeType
from governance.change.types.native import Native, NativeSigner
from governance.identity.core.person_keys import KeyState, KeyUse
from governance.identity.selectors.people import person_row
from governance.identity.selectors.person_keys import PersonKeyView, key_by_kid, keys_of
from ledger.core.strict_base64 import encode
from ledger.core.types import JSON, JSONObject


def given_beside(row: Change, revision: Revision, verb: Verb, person: str, now: int) -> JSONObject | None:
    """What the signer gets beside the statement: the artefacts that the change lists, whole where this word signs them.

    None where it lists none. Raises NativeKeyMissing, EffectRefused.
    """
    listed = declarations(revision.body)
    if not listed:
        return None
    signs = any(one.is_signed_with(verb) for one in listed)
    signer = _signer(person) if signs else None
    kind = _native(change_type(row.type))
    payloads = kind.payloads(revision.base, revision.body, signer=signer, at=now if signs else 0)
    rows: list[JSON] = [
        {"kind": one.kind, "payload": encode(_fitting(one, verb, data))}
        for one, data in zip(listed, payloads, strict=True)
    ]
    return {"kid": signer.kid if signer is not None else None, "artefacts": rows}


def heard_beside(
    row: Change, revision: Revision, verb: Verb, person: str, given: JSONObject | None, *, index: int, now: int
) -> tuple[NativeMade, ...]:
    """The native signatures that came with a word, verified; raises the refusal of the first that does not hold."""
    asked = [one for one in declarations(revision.body) if one.is_signed_with(verb)]
    if not asked:
        if given is not None:
            raise NativeDiffers("This word carries native signatures, and signs nothing natively")
        return ()
    if given is None:
        raise NativeMissing("The native signatures of this change are missing")
    signer = _counting(str(given.get("kid")), person, index)
    _check_rested(signer, rule_of(revision.rule).cool_down_s, now)
    made = made_of(asked, given, signer.public)
    _native(change_type(row.type)).check_native(revision.base, revision.body, made, signer=signer, at=now)
    return made


def stored(made: Sequence[NativeMade], given: JSONObject | None) -> JSONObject | None:
    """What the row and the record keep of them: what came, without anything beside it."""
    if not made or given is None:
        return None
    return {"kid": given["kid"], "artefacts": [_row(one) for one in made]}


def all_made(row: Change, revision: Revision, index: int, now_made: Sequence[NativeMade]) -> tuple[NativeMade, ...]:
    """Author's and executor's signatures in the order of the change's list; the author's are verified once more.

    Raises NativeMissing, NativeDiffers or NativeKeyMissing.
    """
    listed = declarations(revision.body)
    if not listed:
        return ()
    authors, executors = iter(_authors(row, revision, listed, index)), iter(now_made)
    found = [next(authors if one.by == AUTHOR else executors, None) for one in listed]
    if any(one is None for one in found):
        raise NativeMissing("A native signature that the change lists is missing")
    return tuple(one for one in found if one is not None)


def signs_natively(body: JSONObject, verb: Verb) -> bool:
    """Whether a word with this verb over this body carries native signatures."""
    return any(one.is_signed_with(verb) for one in declarations(body))


def _authors(row: Change, revision: Revision, listed: Sequence[Declared], index: int) -> tuple[NativeMade, ...]:
    asked = [one for one in listed if one.by == AUTHOR]
    if not asked:
        return ()
    word = Word.objects.filter(change=row, revision=revision.number, verb=Verb.SUBMIT.value).order_by("-index").first()
    if word is None or word.native is None:
        raise NativeMissing("The author's native signature is missing", next_step="Edit the draft and submit it again.")
    native = cast("JSONObject", word.native)
    return made_of(asked, native, _counting(str(native.get("kid")), word.person, index).public)


def _row(made: NativeMade) -> JSONObject:
    return {
        "kind": made.kind, "payload": encode(made.payload), "signature": encode(made.signature),
        "detached": encode(made.detached) if made.detached is not None else None,
    }  # fmt: skip


def _fitting(listed: Declared, verb: Verb, data: bytes) -> bytes:
    """The payload as this word shows it, held against the body before anybody sees it; raises NativeDiffers."""
    artefact = read_either(listed.kind, data)
    if not listed.names(artefact.fixed):
        raise NativeDiffers("The kind gives another artefact than its body lists", why=listed.kind)
    if listed.is_signed_with(verb):
        return read_artefact(listed.kind, data).payload
    return artefact.fixed


def _native(kind: ChangeType) -> Native:
    if not isinstance(kind, Native):
        raise NativeDiffers("This kind of change has no native artefacts", why=kind.name)
    return kind


def _signer(person: str) -> NativeSigner:
    """The newest native key of a person that counts; raises NativeKeyMissing."""
    live = [key for key in keys_of(person_row(person.partition(":")[2])) if _is_live(key)]
    if not live:
        raise NativeKeyMissing("You have no native key that counts")
    return NativeSigner(person, live[-1].kid, live[-1].public)


def _counting(kid: str, person: str, index: int) -> NativeSigner:
    key = key_by_kid(kid)
    if key is None or f"person:{key.person}" != person or not _is_live(key) or (key.since or 0) > index:
        raise NativeKeyMissing("This is no native key of theirs that counts", why=kid[:64])
    if not person_row(str(key.person)).is_active:
        raise NativeKeyMissing("The person whose native key this is has left", why=person)
    return NativeSigner(person, key.kid, key.public)


def _check_rested(signer: NativeSigner, cool_down_s: int, now: int) -> None:
    """A native key that is too young makes nothing, like a decision key; raises PersonBarred."""
    begun = cast("PersonKeyView", key_by_kid(signer.kid)).active_from
    left = cool_down_s - (now - int(begun.timestamp())) if begun is not None else 0
    if left > 0:
        raise PersonBarred("This native key is too young", why=f"{signer.person}: {left:,} seconds are left")


def _is_live(key: PersonKeyView) -> bool:
    return key.use is KeyUse.NATIVE and key.state is KeyState.ACTIVE
