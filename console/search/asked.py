"""What somebody typed into the search box, read every way it can be meant. Pure."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from uuid import UUID

LONGEST = 256
HASH_BYTES = 32
_NAME = "_?[a-z0-9-]{1,63}"
_STREAM = re.compile(f"({_NAME})/({_NAME})")
_LEAF = re.compile(rf"({_NAME})/({_NAME})(?:[/@ ]| leaf )([0-9][0-9,]{{0,20}})")
_NUMBER = re.compile(r"(?:leaf )?([0-9][0-9,]{0,20})")
_KID = re.compile("[0-9a-f]{32}")
_ACTOR = re.compile("(?:person|key|machine):[A-Za-z0-9._:-]{1,120}|system")
_ASKED_ACTOR = re.compile("actor:([!-~]{1,128})")
_LARGEST = 2**53 - 1


@dataclass(frozen=True, slots=True)
class Asked:
    """The readings of one text; what it cannot be is None. Any text may be the id or type of an event."""

    text: str
    stream: tuple[str, str] | None = None
    index: int | None = None
    hash: bytes | None = None
    kid: str | None = None
    uuid: UUID | None = None
    actor: str | None = None


def read(text: str) -> Asked:
    """Read `text`, cut to 256 characters; raises nothing."""
    told = " ".join(text[:LONGEST].replace("\0", "").split())
    lower = told.lower()
    leaf, number, named = _LEAF.fullmatch(lower), _NUMBER.fullmatch(lower), _STREAM.fullmatch(lower)
    return Asked(
        text=told,
        stream=leaf.group(1, 2) if leaf else named.group(1, 2) if named else None,  # type: ignore[arg-type]  # two groups
        index=_index(leaf.group(3)) if leaf else _index(number.group(1)) if number else None,
        hash=_hash(told),
        kid=lower if _KID.fullmatch(lower) else None,
        uuid=_uuid(told),
        actor=_actor(told),
    )


def _actor(text: str) -> str | None:
    """An actor as it is written everywhere, or any text behind `actor:`, as the system ledger is asked."""
    asked = _ASKED_ACTOR.fullmatch(text)
    return asked.group(1) if asked else text if _ACTOR.fullmatch(text) else None


def _index(digits: str) -> int | None:
    index = int(digits.replace(",", ""))
    return index if index <= _LARGEST else None


def _hash(text: str) -> bytes | None:
    """32 bytes in hex, or in base64 of either alphabet, with or without its padding."""
    bare = text.removeprefix("sha256:").rstrip("=")
    try:
        if len(bare) == 2 * HASH_BYTES:
            return bytes.fromhex(bare)
        if len(bare) == 43:
            return base64.b64decode(bare.replace("-", "+").replace("_", "/") + "=", validate=True)
    except (ValueError, binascii.Error):
        return None
    return None


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if len(text) in {32, 36} else None
    except ValueError:
        return None
