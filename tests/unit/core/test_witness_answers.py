"""What a witness said is taken from a note of this log alone, under the log's key, and dated by the witness's own."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ledger.core.merkle import leaf_hash
from ledger.core.note import Note, NoteSignature, VKey
from ledger.core.witness_answers import WitnessAnswer, answers_in
from ledger.core.witness_policy import parse_policy
from ledger.errors import LedgerError, LogSignatureWrong, NoteMalformed
from tests.corpus.cases import NOW
from tests.corpus.keys import ATTACKER, LOG, ORIGIN, OTHER_ORIGIN, WITNESS, witness_vkey
from tests.corpus.log import cosignature, cosigned, sample_log

POLICY = parse_policy(f"log {LOG.vkey()}\nwitness w {witness_vkey()}\nquorum w\n")
SIZE = 34


def note() -> Note:
    return sample_log().notes[SIZE]


def read(given: Note, origin: str = ORIGIN) -> tuple[WitnessAnswer, ...]:
    def keys(size: int) -> list[VKey]:
        return [LOG.vkey()] if size == SIZE else []

    return answers_in(given.to_bytes(), origin, keys, POLICY)


def test_a_cosigned_note_says_who_saw_which_head_when() -> None:
    (found,) = read(cosigned(cosigned(note(), NOW, WITNESS), NOW, ATTACKER))
    assert (found.name, found.head.size, found.timestamp) == ("w", SIZE, NOW)


@pytest.mark.parametrize(
    ("given", "error"),
    [
        (note, LogSignatureWrong),
        (lambda: cosigned(note(), NOW, ATTACKER), LogSignatureWrong),
        (lambda: cosigned(note(), 0, WITNESS), NoteMalformed),
        (lambda: cosigned(sample_log().note(SIZE, keys=[ATTACKER], head=leaf_hash(b"x")), NOW, WITNESS),
         LogSignatureWrong),
        (lambda: Note(note().text, (note().signatures[0], _of_another_text())), LogSignatureWrong),
        (lambda: Note(note().text, (cosignature(note(), NOW, WITNESS),)), LogSignatureWrong),
    ],
)  # fmt: skip
def test_anything_else_says_nothing(given: Callable[[], Note], error: type[LedgerError]) -> None:
    with pytest.raises(error):
        read(given())


def test_a_note_of_another_log_says_nothing() -> None:
    with pytest.raises(NoteMalformed, match="another log"):
        read(cosigned(note(), NOW, WITNESS), OTHER_ORIGIN)


def _of_another_text() -> NoteSignature:
    log = sample_log()
    smaller = min(log.notes)
    return cosignature(log.notes[smaller], NOW, WITNESS)
