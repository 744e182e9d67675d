"""Native signatures as they came beside a word: read, held against what the change lists, and verified.

Guarantees that server and offline verifier ask the same: as many artefacts as the word has to sign, in order, each of
the listed kind, whole, with the fixed form that the body names, and signed by this very key. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from governance.change.core.native import Declared, NativeMade, check_made, fixed_form
from governance.change.errors import NativeDiffers, NativeMissing
from ledger.core.strict_base64 import decode
from ledger.core.types import JSON, JSONObject

MOST_TEXT: Final = 131_072
_MEMBERS: Final = {"kind", "payload", "signature", "detached"}


def made_of(asked: Sequence[Declared], given: JSONObject, public: bytes) -> tuple[NativeMade, ...]:
    """What `given` (`{"kid", "artefacts"}`) holds for each of `asked`, verified under `public` (32 bytes).

    Raises NativeMissing, NativeMalformed, NativeDiffers, or WeakKey for a key that proves nothing.
    """
    rows = given.get("artefacts")
    if not isinstance(rows, list) or len(rows) != len(asked):
        raise NativeMissing("Not every artefact of the change was signed", path="$.native.artefacts")
    return tuple(_one(listed, row, public, place) for place, (listed, row) in enumerate(zip(asked, rows, strict=True)))


def _one(listed: Declared, row: JSON, public: bytes, place: int) -> NativeMade:
    path = f"$.native.artefacts[{place}]"
    if not isinstance(row, dict) or row.keys() != _MEMBERS:
        raise NativeDiffers("Kind, payload, signature and detached are expected", path=path)
    detached = None if row["detached"] is None else _octets(row["detached"], path)
    made = NativeMade(
        str(row["kind"]), _octets(row["payload"], path), _octets(row["signature"], path), detached, public
    )
    if made.kind != listed.kind or not listed.names(fixed_form(made.kind, made.payload)):
        raise NativeDiffers("A native artefact is not the one that the change lists", path=path)
    check_made(made)
    return made


def _octets(value: JSON, path: str) -> bytes:
    try:
        return decode(value if isinstance(value, str) and len(value) <= MOST_TEXT else "?")
    except ValueError as error:
        raise NativeDiffers("Base64 is expected", why=str(error), path=path) from error
