"""Signed notes: text and signature lines that have exactly one byte form.

Guarantees that `parse_note(note.to_bytes()) == note`, that what is refused is refused before any signature is
looked at, and that `verified` never returns a key whose signature was not checked over exactly this text.
Follows C2SP signed-note v1.0.0: a known (name, key ID) that fails rejects the whole note, an unknown one is
ignored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from re import compile as pattern
from typing import Final

from ledger.core.note_signature import NoteSignature, parse_signature_line, signature_line
from ledger.core.signature_check import ED25519_SIGNATURE_BYTES, SignatureCheck, Verdict, check_signature
from ledger.core.vkey import KeyType, VKey, make_vkey
from ledger.errors import LogSignatureWrong, NoteMalformed

__all__ = [
    "CheckedLine",
    "KeyType",
    "Note",
    "NoteSignature",
    "VKey",
    "Verdict",
    "check_signatures",
    "make_vkey",
    "note_to_sign",
    "parse_note",
    "parse_signature_line",
    "sign_note",
    "signature_line",
    "verified",
]

MAX_SIGNATURES: Final = 100
MAX_LINES_OF_A_KEY: Final = 8
"""Lines of one key in one note that are checked; a witness may have signed again, nobody signs that often."""

MAX_NOTE_BYTES: Final = 1_000_000
_CONTROL: Final = pattern(r"[\x00-\x09\x0b-\x1f]")


@dataclass(frozen=True, slots=True)
class Note:
    """A text (final newline included) and 1 to 100 signature lines, none of them verified yet."""

    text: str
    signatures: tuple[NoteSignature, ...]

    def __post_init__(self) -> None:
        """Refuse what could not be read back: NoteMalformed."""
        note_to_sign(self.text)
        if not 1 <= len(self.signatures) <= MAX_SIGNATURES:
            raise NoteMalformed("A note needs 1 to 100 signatures", why=f"{len(self.signatures)}")

    def to_bytes(self) -> bytes:
        """Write text, empty line and signature lines in UTF-8."""
        return (self.text + "\n" + "".join(map(signature_line, self.signatures))).encode()

    def with_signatures(self, *more: NoteSignature) -> Note:
        """Return the same note with the new ones among `more`; raise NoteMalformed above 100 lines."""
        new = [signature for signature in dict.fromkeys(more) if signature not in self.signatures]
        return Note(self.text, (*self.signatures, *new))


@dataclass(frozen=True, slots=True)
class CheckedLine:
    """A signature line whose (name, key ID) is that of `vkey`, and what came of checking it."""

    vkey: VKey
    signature: NoteSignature
    verdict: Verdict


def note_to_sign(text: str) -> bytes:
    """Return the bytes an Ed25519 note key signs; raise NoteMalformed where `text` cannot be a note's."""
    if not text.endswith("\n") or _CONTROL.search(text):
        raise NoteMalformed("A note text must end in a newline and have no other control character")
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise NoteMalformed("A note text has a lone surrogate", why=str(error)) from error


def parse_note(data: bytes) -> Note:
    """Split a note at its last empty line; raise NoteMalformed with the signature's number as `path`."""
    if len(data) > MAX_NOTE_BYTES:
        raise NoteMalformed("A note is longer than 1,000,000 bytes", why=f"{len(data)}")
    head, separator, tail = _decoded(data).rpartition("\n\n")
    lines = tail.split("\n")
    if not separator or lines.pop() != "":
        raise NoteMalformed("A note is not a text, an empty line and signature lines that each end in a newline")
    if len(lines) > MAX_SIGNATURES:
        raise NoteMalformed("A note has more than 100 signatures", why=f"{len(lines)}")
    parsed = (parse_signature_line(line, f"signature {number}") for number, line in enumerate(lines, 1))
    return Note(head + "\n", tuple(parsed))


def sign_note(text: str, vkey: VKey, sign: Callable[[bytes], bytes]) -> NoteSignature:
    """Make the Ed25519 (0x01) line of `vkey` over `text`; raise NoteMalformed before anything is signed.

    Cosignatures, and the ML-DSA-44 line of a log, are made by `ledger.core.cosignature.cosign`.
    """
    if vkey.key_type is not KeyType.ED25519:
        raise NoteMalformed("Only an Ed25519 note key signs the bare text", why=vkey.key_type.name)
    body = sign(note_to_sign(text))
    if len(body) != ED25519_SIGNATURE_BYTES:
        raise NoteMalformed("An Ed25519 signature is not 64 bytes", why=f"{len(body)}")
    return NoteSignature(vkey.name, vkey.key_id, body)


def check_signatures(
    note: Note, vkeys: Iterable[VKey], check: SignatureCheck = check_signature
) -> tuple[CheckedLine, ...]:
    """Check the lines of `note` that belong to one of `vkeys`, in the order of the note.

    Lines of unknown keys are left out. Where several of `vkeys` share name and key ID, the one that verifies
    owns the line. Behind the first wrong line of a key its lines are left out, and one beyond the limit is
    wrong without a look: a flood of lines costs no more than one.
    """
    known: dict[tuple[str, bytes], list[VKey]] = {}
    for vkey in dict.fromkeys(vkeys):
        known.setdefault((vkey.name, vkey.key_id), []).append(vkey)
    seen: dict[tuple[str, bytes], list[CheckedLine]] = {owner: [] for owner in known}
    found: list[CheckedLine] = []
    for line in note.signatures:
        before = seen.get((line.name, line.key_id))
        if before is None or (before and before[-1].verdict is Verdict.WRONG):
            continue
        candidates = known[line.name, line.key_id]
        if len(before) < MAX_LINES_OF_A_KEY:
            before.append(_checked(note.text, line, candidates, check))
        else:
            before.append(CheckedLine(candidates[0], line, Verdict.WRONG))
        found.append(before[-1])
    return tuple(found)


def verified(note: Note, vkeys: Iterable[VKey]) -> list[VKey]:
    """Return the keys that signed `note`, each once.

    Raises LogSignatureWrong if a known one fails or none is valid. Lines that cannot be evaluated here count
    neither way; `check_signatures` tells of them.
    """
    lines = check_signatures(note, vkeys)
    for line in lines:
        if line.verdict is Verdict.WRONG:
            raise LogSignatureWrong("A signature by a known key does not verify", why=str(line.vkey.name))
    valid = list(dict.fromkeys(line.vkey for line in lines if line.verdict is Verdict.VALID))
    if not valid:
        raise LogSignatureWrong("No known key signed this note", why=_names(note.signatures))
    return valid


def _decoded(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise NoteMalformed("A note is not UTF-8", why=str(error), path=f"byte {error.start}") from error


def _checked(text: str, line: NoteSignature, candidates: Sequence[VKey], check: SignatureCheck) -> CheckedLine:
    checked = [CheckedLine(vkey, line, check(vkey, text, line.body)) for vkey in candidates]
    order = (Verdict.VALID, Verdict.NOT_EVALUATED, Verdict.WRONG)
    return min(checked, key=lambda one: order.index(one.verdict))


def _names(signatures: Iterable[NoteSignature]) -> str:
    return "signed by " + ", ".join(f"{signature.name}+{signature.key_id.hex()}" for signature in signatures)
