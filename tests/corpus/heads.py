"""Keys, heads, witnesses and what the reader demands: the cases in which trust decides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ledger.core.bundle import note_name
from ledger.core.merkle import leaf_hash, root
from ledger.core.note import KeyType, Note, NoteSignature, make_vkey
from ledger.core.types import JSONObject
from tests.corpus.cases import NOW, Case, Input, Mutation, base, own
from tests.corpus.draft import Draft, draft_of
from tests.corpus.keys import (
    ATTACKER,
    LOG,
    NEW_LOG,
    ORIGIN,
    OTHER_ORIGIN,
    WITNESS,
    Key,
    witness_vkey,
)
from tests.corpus.log import cosignature, cosigned, sample_log

WITNESSED = f"log {LOG.vkey()}\nwitness w {witness_vkey()}\nquorum w\n".encode()
BOTH = f"log {LOG.vkey()}\nlog {NEW_LOG.vkey()}\nquorum none\n".encode()
NEW_ONLY = f"log {NEW_LOG.vkey()}\nquorum none\n".encode()
PQ_KEY = make_vkey(ORIGIN, bytes(range(256)) * 5 + bytes(32), KeyType.MLDSA44)
PQ = f"log {LOG.vkey()}\nlog {PQ_KEY}\nquorum none\n".encode()
REST = frozenset({"control_history_missing", "receipt_key_unproven", "manifest_key_unknown"})


def case(
    name: str,
    about: str,
    build: Callable[[], bytes],
    *codes: str,
    notes: tuple[str, ...] = (),
    **given: object,
) -> Case:
    return Case(name, about, lambda: Input(build(), **given), frozenset(codes), frozenset(notes))  # type: ignore[arg-type]  # fields of Input by name


def good() -> bytes:
    return own(base())


def witnessed(*cosigners: tuple[Key, int], at: int = 34, note: Callable[[Note], Note] = lambda note: note) -> bytes:
    draft = base()
    signed = draft.log.notes[at]
    for key, time in cosigners:
        signed = cosigned(signed, time, key)
    draft.files[note_name(at)] = note(signed).to_bytes()
    return own(draft)


def other_root(draft: Draft) -> None:
    note = draft.log.note(34, keys=[ATTACKER], head=leaf_hash(b"x"))
    draft.files[note_name(34)] = note.to_bytes()
    draft.state(root=leaf_hash(b"x"))


def borrowed(note: Note) -> Note:
    """A cosignature over another checkpoint, put under this one."""
    other = sample_log().notes[12]
    return note.with_signatures(cosignature(other, NOW - 60, WITNESS))


def with_pq(body: bytes) -> Callable[[Draft], object]:
    def change(draft: Draft) -> None:
        note = draft.log.notes[34]
        line = NoteSignature(ORIGIN, PQ_KEY.key_id, body)
        draft.files[note_name(34)] = note.with_signatures(line).to_bytes()

    return change


def spoiled_head(draft: Draft) -> None:
    note = draft.log.notes[34]
    line = replace(note.signatures[0], body=bytes(64))
    draft.files[note_name(34)] = Note(note.text, (line,)).to_bytes()


def other_manifest_key(draft: Draft) -> None:
    draft.signer = ATTACKER


def remembered(size: int, *, other: bool = False, note: bool = False, key: Key = LOG) -> JSONObject:
    log = sample_log()
    head = leaf_hash(b"other") if other else None
    if note:
        return {"remembered": [{"note": log.note(size, keys=[key], head=head).to_bytes().decode()}]}
    return {"remembered": [{"origin": ORIGIN, "size": size, "root": (head or root(log.hashes[:size])).hex()}]}


def pin(value: str | None = None) -> JSONObject:
    return {"genesis": value or sample_log().leaves[0].leaf_hash.hex()}


CASES: list[Case] = [
    case("pinned", "The genesis is the pinned one.", good, notes=("window_edge",), trust=pin()),
    case("pinned-other", "The reader pinned another genesis.", good, "genesis_mismatch", trust=pin("ab" * 32)),
    case(
        "policy-other-log",
        "The reader's policy knows another log only.",
        good,
        "log_key_unknown",
        policy=f"log {LOG.vkey(OTHER_ORIGIN)}\nquorum none\n".encode(),
    ),
    case(
        "policy-other-key",
        "The reader's policy has another key of the same name.",
        good,
        "log_key_unknown",
        policy=f"log {ATTACKER.vkey()}\nquorum none\n".encode(),
    ),
    case(
        "quorum-met",
        "The witness of the policy cosigned.",
        lambda: witnessed((WITNESS, NOW - 60)),
        notes=("policy_differs",),
        policy=WITNESSED,
    ),
    case(
        "quorum-missing",
        "The policy wants a witness, and none cosigned.",
        good,
        "quorum_missing",
        policy=WITNESSED,
    ),
    case(
        "quorum-stranger",
        "A stranger cosigned under the witness's name.",
        lambda: witnessed((ATTACKER, NOW - 60)),
        "quorum_missing",
        policy=WITNESSED,
    ),
    case(
        "witness-wrong",
        "A cosignature was taken from another checkpoint.",
        lambda: witnessed(note=borrowed),
        "witness_signature_wrong",
        "quorum_missing",
        policy=WITNESSED,
    ),
    case(
        "witness-future",
        "A cosignature is dated a day ahead.",
        lambda: witnessed((WITNESS, NOW + 86_400)),
        "time_in_future",
        "quorum_missing",
        policy=WITNESSED,
    ),
    case(
        "fresh",
        "The newest cosignature is young enough.",
        lambda: witnessed((WITNESS, NOW - 60)),
        policy=WITNESSED,
        trust={"max_age": 3_600},
    ),
    case(
        "too-old",
        "The newest cosignature is older than allowed.",
        lambda: witnessed((WITNESS, NOW - 7_000)),
        "too_old",
        policy=WITNESSED,
        trust={"max_age": 3_600},
    ),
    case(
        "age-unknown",
        "A limit on the age, and no independent time.",
        good,
        "not_evaluated",
        trust={"max_age": 3_600},
    ),
    case(
        "receipt-overdue",
        "A witness saw a head without the leaf after the promised time.",
        lambda: witnessed((WITNESS, NOW - 60), at=12),
        "receipt_overdue",
        "quorum_missing",
        policy=WITNESSED,
    ),
    case(
        "pq-missing",
        "trust.json demands a post-quantum line.",
        good,
        "pq_signature_missing",
        policy=PQ,
        trust={"require_pq": True},
    ),
    Case(
        "pq-wrong",
        "The post-quantum line does not verify.",
        lambda: Input(own(base(), with_pq(bytes(2_428))), PQ),
        frozenset({"pq_signature_wrong"}),
        needs="mldsa44",
    ),
    Case(
        "pq-demanded-wrong",
        "The demanded post-quantum line does not verify.",
        lambda: Input(own(base(), with_pq(bytes(2_428))), PQ, {"require_pq": True}),
        frozenset({"pq_signature_wrong", "pq_signature_missing"}),
        needs="mldsa44",
        without=frozenset({"not_evaluated"}),
    ),
    case(
        "anchors-demanded",
        "trust.json names time-stamp roots.",
        good,
        "not_evaluated",
        "anchor_missing",
        trust={"tsa_roots": ["x"]},
    ),
    case("remembered-same", "The remembered head is the bundle's own.", good, trust=remembered(34)),
    case("remembered-older", "The remembered head lies inside the range.", good, trust=remembered(20)),
    case(
        "remembered-newer",
        "The reader remembers a larger head.",
        lambda: own(draft_of(sample_log(), 1, 9, size=12)),
        "checkpoint_stale",
        trust=remembered(34),
    ),
    case(
        "remembered-unjoined",
        "Nothing joins the remembered head to this one.",
        good,
        "proof_missing",
        trust=remembered(4),
    ),
    case(
        "remembered-other-root",
        "The reader remembers another root.",
        good,
        "consistency_invalid",
        trust=remembered(20, other=True),
    ),
    case(
        "remembered-fork",
        "The reader holds another signed head of this size.",
        good,
        "fork_proven",
        trust=remembered(34, other=True, note=True),
    ),
    case(
        "remembered-fork-older",
        "The reader holds another signed head inside the range.",
        good,
        "fork_proven",
        trust=remembered(20, other=True, note=True),
    ),
    case(
        "remembered-forged",
        "The reader holds a head that a stranger signed.",
        good,
        "consistency_invalid",
        trust=remembered(20, other=True, note=True, key=ATTACKER),
    ),
]

MUTATIONS: list[Mutation] = [
    Mutation("head-signature", "The head's signature is zeros.", spoiled_head, frozenset({"log_signature_wrong"})),
    Mutation(
        "head-stranger",
        "The head is signed by a stranger.",
        lambda draft: draft.files.update({note_name(34): draft.log.note(34, keys=[ATTACKER]).to_bytes()}),
        frozenset({"log_key_unknown"}),
    ),
    Mutation(
        "head-other-root",
        "The head has another root, signed by a stranger.",
        other_root,
        frozenset({"log_key_unknown", "range_root_mismatch", "inclusion_invalid", "consistency_invalid"}) | REST,
    ),
    Mutation(
        "anchors-present",
        "A time anchor is there, which this release does not read.",
        lambda draft: draft.files.update({"anchors/34.tsr": b"x"}),
        frozenset(),
        notes=frozenset({"not_evaluated"}),
    ),
]
