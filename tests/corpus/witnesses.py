"""Wrong witness signatures: the classical mutation, for cosignatures of Ed25519 (0x04) and ML-DSA-44 (0x06).

Each is a line that stands under the witness's own name and key ID and does not verify over this checkpoint: taken
from another checkpoint, with a changed time, or with one bit flipped. A reader whose quorum needs the witness must
reject, whoever packed the bundle. Beside them stand the good cosignatures that the same reader accepts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ledger.core.bundle import note_name
from ledger.core.cosignature import cosign
from ledger.core.note import Note, NoteSignature
from tests.corpus.cases import NOW, Case, Input, Mutation, base, own
from tests.corpus.draft import Draft
from tests.corpus.keys import LOG, WITNESS, WITNESS_NAME, Key, PQKey
from tests.corpus.log import sample_log

HEAD = 34
PQ_WITNESS = PQKey("witness, post-quantum")
_TIME_AT, _SIGNATURE_AT = 7, 20
WITNESSES: dict[str, Key] = {"04": WITNESS, "06": PQ_WITNESS}
LACKING = frozenset({"not_evaluated"})
"""What is told where ML-DSA-44 cannot be verified: whether the quorum is met stays open."""


def vkey_of(form: str) -> object:
    witness = WITNESSES[form]
    return witness.vkey(WITNESS_NAME, 0x04 if form == "04" else 0x06)


def policy(form: str) -> bytes:
    return f"log {LOG.vkey()}\nwitness w {vkey_of(form)}\nquorum w\n".encode()


def line(form: str, note: Note, time: int = NOW - 60) -> NoteSignature:
    witness = WITNESSES[form]
    return cosign(note.text, witness.vkey(WITNESS_NAME, 0x04 if form == "04" else 0x06), time, witness.sign)


def flipped(at: int) -> Callable[[str, Note], NoteSignature]:
    def change(form: str, note: Note) -> NoteSignature:
        good = line(form, note)
        body = bytearray(good.body)
        body[at] ^= 1
        return replace(good, body=bytes(body))

    return change


def from_another_checkpoint(form: str, _note: Note) -> NoteSignature:
    return line(form, sample_log().notes[12])


WRONG: dict[str, tuple[str, Callable[[str, Note], NoteSignature]]] = {
    "borrowed": ("The witness's signature was taken from another checkpoint.", from_another_checkpoint),
    "time": ("The time of the witness's signature was moved by a second.", flipped(_TIME_AT)),
    "bit": ("One bit of the witness's signature was flipped.", flipped(_SIGNATURE_AT)),
}


def cosigned_by(form: str, made: Callable[[str, Note], NoteSignature]) -> Callable[[Draft], object]:
    def change(draft: Draft) -> None:
        note = draft.log.notes[HEAD]
        draft.files[note_name(HEAD)] = note.with_signatures(made(form, note)).to_bytes()

    return change


def good(form: str) -> Case:
    return Case(
        f"witness-{form}-good",
        f"The witness of the policy cosigned (0x{form}).",
        lambda: Input(own(base(), cosigned_by(form, line)), policy(form)),
        notes=frozenset({"policy_differs"}),
        needs="mldsa44" if form == "06" else "",
        without=LACKING,
    )


def wrong(form: str, name: str) -> Mutation:
    about, made = WRONG[name]
    return Mutation(
        f"witness-{form}-{name}",
        f"{about} (0x{form})",
        cosigned_by(form, made),
        frozenset({"witness_signature_wrong", "quorum_missing"}),
        notes=frozenset({"policy_differs"}),
        policy=policy(form),
        needs="mldsa44" if form == "06" else "",
        without=LACKING,
    )


CASES: list[Case] = [good(form) for form in WITNESSES]
MUTATIONS: list[Mutation] = [wrong(form, name) for form in WITNESSES for name in WRONG]
