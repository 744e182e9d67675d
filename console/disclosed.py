"""Attributes and payload of an event as its page shows them: opened against the leaf, or told to be altered."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ledger.errors import CommitmentMismatch, RequestError
from ledger.selectors import leaves
from ledger.services.alterations import opened_or_recorded

if TYPE_CHECKING:
    from collections.abc import Collection

    from ledger.selectors.leaves import LeafView, ObjectView
    from ledger.selectors.streams import StreamView

SHOWN_BYTES = 16 * 1024
HANDED_BYTES = 64 * 1024
"""Bytes up to which the browser gets an object whole, so as to open its commitment by itself."""
DOOR = "page:event"
_NAMES = {"attrs": "Attributes", "payload": "Payload"}
_ERASED = "Erased. The proof of the leaf still holds; its content is gone."
_MISSING = "the content is not there, and no erasure leaf says why."
_NOT_SHOWN = "Not shown: your roles let you see that it is there, not what it says."


@dataclass(frozen=True, slots=True)
class Disclosed:
    """Bytes behind a commitment; `why` where there is nothing to show, `altered` where they do not open it, and
    `missing` where they are gone without an erasure leaf.

    `salt` and `octets` are for the browser, and empty for whoever may not read or where they are too many.
    """

    role: str
    media_type: str = ""
    size: int = 0
    text: str = ""
    cut: bool = False
    why: str = ""
    altered: str = ""
    opened: bool = False
    missing: str = ""
    salt: str = ""
    octets: str = ""

    @property
    def name(self) -> str:
        """`Attributes` or `Payload`."""
        return _NAMES[self.role]

    @property
    def handed(self) -> bool:
        """Whether the browser can open the commitment with what stands in the page."""
        return bool(self.salt)


def disclosed(
    stream: StreamView, leaf: LeafView, erased: Collection[str] = (), *, may_read: bool, request_id: str = ""
) -> tuple[Disclosed, ...]:
    """Both objects of an event. They are opened for every reader, and shown to those who may read.

    `erased` names the parts that erasure leaves took away; what is missing without one is told as a fault.
    """
    held = leaves.objects_at(stream, [leaf.index]).get(leaf.index, (None, None))
    pairs = zip(_NAMES, held, strict=True)
    found = (_shown(stream, leaf, role, one, may_read=may_read, request_id=request_id) for role, one in pairs)
    return tuple(_missing(one, erased) if one.why and not one.opened and not one.altered else one for one in found)


def _missing(gone: Disclosed, erased: Collection[str]) -> Disclosed:
    return gone if gone.role in erased else Disclosed(gone.role, missing=f"{gone.name}: {_MISSING}")


def _shown(
    stream: StreamView, leaf: LeafView, role: str, held: ObjectView | None, *, may_read: bool, request_id: str
) -> Disclosed:
    if held is None:
        return Disclosed(role, why=_ERASED)
    altered = ""
    try:
        octets = opened_or_recorded(stream, leaf, role, held, door=DOOR, request_id=request_id)
    except CommitmentMismatch as wrong:
        octets, altered = held.data, f"{wrong.what}."
    except RequestError as gone:
        return Disclosed(role, held.media_type, held.size, why=str(gone))
    if not may_read:
        return Disclosed(role, held.media_type, held.size, why=_NOT_SHOWN, altered=altered, opened=not altered)
    handed = len(octets) <= HANDED_BYTES
    return Disclosed(
        role,
        held.media_type,
        len(octets),
        _text(octets[:SHOWN_BYTES]),
        cut=len(octets) > SHOWN_BYTES,
        altered=altered,
        opened=not altered,
        salt=held.salt.hex() if handed else "",
        octets=base64.b64encode(octets).decode() if handed else "",
    )


def _text(octets: bytes) -> str:
    try:
        return json.dumps(json.loads(octets), ensure_ascii=False, indent=2, allow_nan=False)
    except ValueError:
        return octets.decode(errors="replace")
