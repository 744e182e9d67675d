"""One signature line of a note.

Guarantees that a line has exactly one meaning and one text: em dash, space, key name, space, canonical base64
of the 4-byte key ID and at least one byte of signature. Follows C2SP signed-note v1.0.0 ("Signatures").
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ledger.core import strict_base64
from ledger.core.vkey import KEY_ID_BYTES, check_key_name
from ledger.errors import NoteMalformed

_DASH: Final = "\u2014 "


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """Who signed (`name`, 4-byte `key_id`) and the raw signature bytes (`body`), not yet verified."""

    name: str
    key_id: bytes
    body: bytes

    def __post_init__(self) -> None:
        """Refuse a line that could not be read back: NoteMalformed."""
        check_key_name(self.name)
        if len(self.key_id) != KEY_ID_BYTES or not self.body:
            raise NoteMalformed("A signature needs a 4-byte key ID and at least one more byte", why=self.name)


def signature_line(signature: NoteSignature) -> str:
    """Write the line with its final newline."""
    return f"{_DASH}{signature.name} {strict_base64.encode(signature.key_id + signature.body)}\n"


def parse_signature_line(line: str, path: str = "") -> NoteSignature:
    """Read a line without its newline; raise NoteMalformed with `path` as the place."""
    words = line.removeprefix(_DASH).split(" ")
    if not line.startswith(_DASH) or len(words) != 2:
        raise NoteMalformed("A signature line is not '\u2014 <name> <base64>'", path=path)
    try:
        raw = strict_base64.decode(words[1])
        return NoteSignature(words[0], raw[:KEY_ID_BYTES], raw[KEY_ID_BYTES:])
    except ValueError as error:
        raise NoteMalformed("A signature is not canonical base64", why=str(error), path=path) from error
    except NoteMalformed as error:
        raise NoteMalformed(error.what, why=error.why, path=path) from error
