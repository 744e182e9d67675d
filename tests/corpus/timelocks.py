"""Time locks by the times of witnesses: proved, not proved, and contradicted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from governance.change.core.policy import Tier
from ledger.core.bundle import note_name
from ledger.core.note import Note
from tests.corpus.cases import Case, Input, Mutation
from tests.corpus.decisions import TRUST, export
from tests.corpus.draft import Draft
from tests.corpus.governed import DECISIONS, LOCK, ORIGIN, founded, proposal
from tests.corpus.keys import ATTACKER, OTHER_ORIGIN, WITNESS, Key, witness_vkey
from tests.corpus.log import START, Log, cosigned

MUTATIONS: list[Mutation] = []
BEGIN = int(START.timestamp())
SECOND, THIRD = Key("second witness"), Key("third witness")
ONE = f"log {DECISIONS.vkey(ORIGIN)}\nwitness w {witness_vkey()}\nquorum w\n".encode()
NAMES = {"a": WITNESS, "b": SECOND, "c": THIRD}
TWO_OF_THREE = (
    f"log {DECISIONS.vkey(ORIGIN)}\n"
    + "".join(f"witness {name} {witness_vkey(key)}\n" for name, key in NAMES.items())
    + "group g 2 a b c\nquorum g\n"
).encode()


@dataclass(frozen=True)
class Times:
    """Seconds behind the approvals at which each witness cosigned the checkpoint over them, the note inside the
    execution, and the head. The quorum is complete at second 0; the execution is recorded at second 660.
    """

    above: tuple[tuple[Key, int], ...] = ((WITNESS, 60),)
    below: tuple[tuple[Key, int], ...] = ((WITNESS, 60 + LOCK),)
    head: tuple[tuple[Key, int], ...] = ((WITNESS, 720),)
    note: Callable[[Note], Note] = field(default=lambda note: note)
    early: bool = False
    """The checkpoint above was made before the last approval."""
    tier: Tier = Tier.HIGH
    inside: bool = True


def signed(note: Note, lines: tuple[tuple[Key, int], ...], begin: int) -> Note:
    for key, after in lines:
        note = cosigned(note, begin + after, key)
    return note


def build(times: Times, policy: bytes) -> Input:
    """A change of the tier high, and what witnesses signed around it."""
    record = founded(times.tier)
    change = proposal(record).submitted()
    first = change.approved("ben")
    seal = record.sealed() if times.early else None
    words = [first, change.approved("cyd", "timelocked")]
    begin = BEGIN + record.minute * 60
    covering = seal or record.sealed()
    size = max(record.log.notes)
    record.log.notes[size] = signed(covering, times.above, begin)
    told = {"witnessed": times.note(signed(covering, times.below, begin)).to_bytes().decode()} if times.inside else {}
    change.executed(words, told=told)

    def cosign_head(draft: Draft) -> None:
        head = max(record.log.notes)
        draft.files[note_name(head)] = signed(record.log.notes[head], times.head, begin).to_bytes()

    return Input(export(record, cosign_head), policy, TRUST, BEGIN + 86_400, "governance")


def of_another_log(_: Note) -> Note:
    log = Log(origin=OTHER_ORIGIN)
    log.genesis()
    log.events(0, 3)
    return signed(log.seal(), ((WITNESS, 600),), BEGIN)


def damaged(note: Note) -> Note:
    """The cosignature's time was moved by a second."""
    *rest, line = note.signatures
    body = bytearray(line.body)
    body[7] ^= 1
    return replace(note, signatures=(*rest, replace(line, body=bytes(body))))


def case(
    name: str, about: str, times: Times, *codes: str, policy: bytes = ONE, notes: tuple[str, ...] = ()
) -> Case:  # fmt: skip
    return Case(f"governance-lock-{name}", about, lambda: build(times, policy), frozenset(codes), frozenset(notes))


PROVED = ("timelock_proved",)
EVERY = ((WITNESS, 720), (SECOND, 720), (THIRD, 720))
LONG = 2_000

CASES: list[Case] = [
    case("proved", "Approvals seen, and a cosignature of after the lock inside the execution.", Times(), notes=PROVED),
    case("proved-of-medium", "The same where no proof is demanded.", Times(tier=Tier.MEDIUM), notes=PROVED),
    case("short", "One second too little lies between.", Times(below=((WITNESS, 59 + LOCK),)), "timelock_unproven"),
    case("nothing-below", "The execution holds no note.", Times(inside=False), "timelock_unproven"),
    case("nothing-above", "No checkpoint between approvals and execution was cosigned.", Times(above=()),
         "timelock_unproven"),
    case("above-too-early", "The cosigned checkpoint holds one approval of two.", Times(early=True),
         "timelock_unproven"),
    case("below-by-nobody", "The note inside has no cosignature.", Times(below=()), "timelock_unproven"),
    case("below-forged", "The cosignature inside is somebody else's.", Times(below=((ATTACKER, 60 + LOCK),)),
         "timelock_unproven"),
    case("below-damaged", "The time of the cosignature inside was moved.", Times(note=damaged), "timelock_unproven"),
    case("below-of-another-log", "The note inside is another log's.", Times(note=of_another_log), "timelock_unproven"),
    case("no-witnesses-asked", "The reader's policy asks no witness.", Times(), "timelock_unproven",
         policy=f"log {DECISIONS.vkey(ORIGIN)}\nquorum none\n".encode()),
    case("two-of-three", "Two of three suffice above and below.",
         Times(((WITNESS, 60), (SECOND, 60), (THIRD, 90)), ((WITNESS, 10), (SECOND, 400), (THIRD, 380)), EVERY),
         policy=TWO_OF_THREE, notes=PROVED),
    case("one-liar-below", "One of three dates its cosignature ahead; no quorum says so.",
         Times(((WITNESS, 60), (SECOND, 60)), ((WITNESS, LONG), (SECOND, 100), (THIRD, 90)), EVERY),
         "timelock_unproven", policy=TWO_OF_THREE),
    case("one-liar-above", "One of three dates its cosignature back; no quorum says so.",
         Times(((WITNESS, -LONG), (SECOND, 100), (THIRD, 100)), ((WITNESS, 60 + LOCK), (SECOND, 60 + LOCK)), EVERY),
         "timelock_unproven", policy=TWO_OF_THREE),
    case("contradicted", "Witnesses saw it carried out long before its log says.",
         Times(inside=False, head=((WITNESS, -LONG),)), "timelock_violated"),
]  # fmt: skip
