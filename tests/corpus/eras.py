"""Keys and logs that follow one another: second lines, keys that sign what is not theirs, successors and ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ledger.core.bundle import note_name
from ledger.core.bundle.layout import PREDECESSOR
from ledger.core.checkpoint import parse_checkpoint
from ledger.core.note import Note, NoteSignature
from ledger.core.types import JSON, JSONObject
from tests.corpus.cases import NOW, Case, Input, Mutation, base, own
from tests.corpus.control import sealed
from tests.corpus.draft import Draft, draft_of
from tests.corpus.heads import BOTH, case
from tests.corpus.keys import ATTACKER, LOG, LOG_PQ, NEW_LOG, ORIGIN, RECOVERY, WITNESS, Key, witness_vkey
from tests.corpus.log import Log, cosigned, sample_log

NEXT = f"{ORIGIN}-2"
OLD_AND_NEXT = f"log {LOG.vkey()}\nlog {NEW_LOG.vkey(NEXT)}\nquorum none\n".encode()
NEXT_ALONE = f"log {NEW_LOG.vkey(NEXT)}\nquorum none\n".encode()
WITNESSED = f"log {LOG.vkey()}\nlog {NEW_LOG.vkey(NEXT)}\nwitness w {witness_vkey()}\nquorum w\n".encode()


def second_line(signers: list[Key], *, line: bool = True) -> Callable[[Log], None]:
    """An ML-DSA-44 key joins by a leaf of these signers; without `line` the head lacks its line."""

    def change(log: Log) -> None:
        log.change_keys(signers, add_log=[LOG_PQ.vkey()])
        log.log_keys = [LOG, LOG_PQ] if line else [LOG]

    return change


def spoiled_second_line(draft: Draft) -> None:
    size = draft.manifest.size
    note = draft.log.notes[size]
    bad = [replace(one, body=one.body[:-1] + b"\0") if len(one.body) > 100 else one for one in note.signatures]
    draft.files[note_name(size)] = Note(note.text, tuple(bad)).to_bytes()


def signed_by_wrong_key(log: Log) -> None:
    log.change_keys([ATTACKER, NEW_LOG], add_log=[NEW_LOG.vkey()])
    log.log_keys = [LOG, NEW_LOG]


def lost_and_recovered(log: Log) -> None:
    """The old key is gone: the recovery key brings the new one and retires the old one in one leaf."""
    log.change_keys([RECOVERY, NEW_LOG], add_log=[NEW_LOG.vkey()], retire_log=[LOG.vkey()])
    log.log_keys = [NEW_LOG]


def successor(
    *, size: int = 34, root: str | None = None, note: Note | None = None, given: bool = True,
    witnessed: bool = False,
) -> bytes:  # fmt: skip
    """A bundle of the log that continues the sample log at `size` leaves."""
    old = sample_log()
    at = note or old.note(size)
    log = Log(origin=NEXT, log_keys=[NEW_LOG])
    log.genesis(continues={"origin": ORIGIN, "size": size, "root": root or root_of(old.note(size))})
    log.events(0, 5)
    head_note = log.seal()
    log.notes[log.size] = cosigned(head_note, NOW - 60, WITNESS) if witnessed else head_note
    draft = draft_of(log, 1, log.size - 1)
    if given:
        draft.files[PREDECESSOR] = at.to_bytes()
    return own(draft)


def root_of(note: Note) -> str:
    return parse_checkpoint(note.text).root.hex()


def closed(log: Log) -> None:
    fields: JSONObject = {"reason": "put back", "decision": None, "control_prev": log.link()}
    log.add("closed", {**fields, "successor": {"origin": NEXT, "log": "ab" * 32}})


def closed_log(*, events_after: bool) -> Draft:
    log = Log()
    log.genesis()
    log.events(0, 5)
    log.seal()
    closed(log)
    if events_after:
        log.events(5, 2)
    log.seal()
    return draft_of(log, 1, log.size - 1)


def ended(size: int, *, other: bool = False) -> JSONObject:
    root: JSON = "cd" * 32 if other else root_of(sample_log().note(size))
    return {"ended": [{"origin": ORIGIN, "size": size, "root": root}]}


def stranger_line(note: Note) -> Note:
    lines = tuple(NoteSignature(one.name, one.key_id, one.body[:-1] + b"\0") for one in note.signatures)
    return Note(note.text, lines)


CASES = [
    case(
        "second-line",
        "An ML-DSA-44 key joins and signs every head from then on.",
        lambda: own(sealed(second_line([LOG, LOG_PQ]))),
    ),
    case(
        "second-line-lacking",
        "An ML-DSA-44 key is in force, and the head lacks its line.",
        lambda: own(sealed(second_line([LOG, LOG_PQ], line=False))),
        "pq_signature_missing",
    ),
    Case(
        "second-line-wrong",
        "The ML-DSA-44 line of a key in force does not verify.",
        lambda: Input(own(sealed(second_line([LOG, LOG_PQ])), spoiled_second_line)),
        frozenset({"pq_signature_wrong"}),
        needs="mldsa44",
    ),
    Case(
        "second-line-unsigned",
        "The ML-DSA-44 key that joins did not sign the leaf that adds it.",
        lambda: Input(own(sealed(second_line([LOG])))),
        frozenset({"rotation_unsigned"}),
    ),
    case(
        "rotation-wrong-key",
        "A key leaf is signed by a key that never was the log's.",
        lambda: own(sealed(signed_by_wrong_key)),
        "rotation_unsigned",
        policy=BOTH,
    ),
    case(
        "recovery-retires",
        "The recovery key replaces a lost log key in one leaf.",
        lambda: own(sealed(lost_and_recovered)),
        policy=BOTH,
    ),
    case("successor", "A log continues another, whose head both keys vouch for.", successor, policy=OLD_AND_NEXT),
    case("successor-alone", "The reader knows no key of the old log.", successor, policy=NEXT_ALONE),
    case(
        "successor-without-note",
        "The old log's head is not in the bundle.",
        lambda: successor(given=False),
        policy=OLD_AND_NEXT,
    ),
    case(
        "successor-other-root",
        "Genesis names another root than the old log signed.",
        lambda: successor(root="cd" * 32),
        "continues_mismatch",
        policy=OLD_AND_NEXT,
    ),
    case(
        "successor-foreign-head",
        "The old head is signed by a key that is not the old log's.",
        lambda: successor(note=sample_log().note(34, keys=[ATTACKER])),
        "log_key_unknown",
        policy=OLD_AND_NEXT,
    ),
    case(
        "successor-spoiled-head",
        "The old log's line on its last head does not verify.",
        lambda: successor(note=stranger_line(sample_log().note(34))),
        "log_signature_wrong",
        policy=OLD_AND_NEXT,
    ),
    case(
        "successor-unwitnessed",
        "The policy asks for a witness, who cosigned the new head and not the old one.",
        lambda: successor(witnessed=True),
        "quorum_missing",
        policy=WITNESSED,
    ),
    case(
        "successor-drops-leaves",
        "The reader remembers a larger head of the old log.",
        lambda: successor(size=23),
        "checkpoint_stale",
        policy=OLD_AND_NEXT,
        trust={"remembered": [{"note": sample_log().note(34).to_bytes().decode()}]},
    ),
    case(
        "successor-of-another-history",
        "The reader remembers another root of the old log at that size.",
        successor,
        "continues_mismatch",
        policy=OLD_AND_NEXT,
        trust={"remembered": [{"origin": ORIGIN, "size": 34, "root": "cd" * 32}]},
    ),
    case("closed", "A log was closed by its own leaf.", lambda: own(closed_log(events_after=False))),
    case(
        "closed-and-written",
        "An event stands behind the leaf by which the log was closed.",
        lambda: own(closed_log(events_after=True)),
        "log_ended",
    ),
    case("ended", "The range ends before the log did.", lambda: own(base()), trust=ended(34)),
    case(
        "ended-before",
        "The reader was told that the log ended before the range does.",
        lambda: own(base()),
        "log_ended",
        trust=ended(23),
    ),
    case(
        "ended-otherwise",
        "The reader was told that the log ended under another root.",
        lambda: own(base()),
        "continues_mismatch",
        trust=ended(34, other=True),
    ),
    case(
        "predecessor-of-none",
        "A log that continues no other brings an old head.",
        lambda: own(base(), lambda draft: draft.files.update({PREDECESSOR: sample_log().note(34).to_bytes()})),
        "manifest_file_extra",
    ),
]

MUTATIONS: tuple[Mutation, ...] = ()
