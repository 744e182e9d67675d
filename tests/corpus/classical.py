"""The classical mutations that this release can tell: payload, index, removed, inserted, stale, conflicting
heads.

Wrong witness signature stands in `heads.py`; wrong anchor comes with the anchors.
"""

from __future__ import annotations

from ledger.core.bundle import LEAVES, OBJECTS, note_name
from ledger.core.envelope import Envelope, build
from ledger.core.merkle import leaf_hash
from ledger.core.types import Hash, JSONObject
from tests.corpus.cases import Case, Mutation
from tests.corpus.draft import Draft
from tests.corpus.keys import ATTACKER

DISPLACED = ("receipt_mismatch", "attrs_digest_mismatch", "payload_digest_mismatch")
"""What receipts and objects tell when another leaf stands in a leaf's place."""


def other_payload(draft: Draft) -> None:
    draft.edit_line(OBJECTS["payload"], 3, lambda row: row.update(text='{"outcome":"approve"}'))


def rebuilt_with(draft: Draft, at: int, leaf: Envelope | None, *, insert: bool = False) -> None:
    """Put `leaf` at `at` (None: take the leaf there away) and make the chain behind it fit; heads stay as
    they were.
    """
    old = draft.log.leaves[draft.manifest.first : draft.manifest.last + 1]
    place = at - draft.manifest.first
    tail = old[place + (0 if insert else 1) :]
    leaves = old[:place] + ([leaf] if leaf else [])
    for one in tail:
        leaves.append(rechained(one, leaves[-1].leaf_hash, leaves[-1].index + 1))
    draft.put(LEAVES, [one.raw for one in leaves])


def rechained(leaf: Envelope, prev: Hash, index: int) -> Envelope:
    own: JSONObject = {
        name: value
        for name, value in leaf.fields.items()
        if name not in ("v", "kind", "origin", "index", "prev", "recorded")
    }
    return build(leaf.kind, leaf.origin, index, prev, leaf.recorded, own)


def forged_event(draft: Draft, index: int) -> Envelope:
    before = draft.log.leaves[index - 1]
    fields: JSONObject = {"type": "ai.decision", "attrs": "ab" * 32, "payload": "cd" * 32}
    return build("event", draft.log.origin, index, before.leaf_hash, before.recorded, fields)


def changed_leaf(draft: Draft) -> None:
    """Another commitment in one leaf, nothing else repaired."""
    draft.edit_line(LEAVES, 10, lambda leaf: leaf.update(payload="cd" * 32))


def changed_index(draft: Draft) -> None:
    draft.edit_line(LEAVES, 10, lambda leaf: leaf.update(index=40))


def removed(draft: Draft) -> None:
    draft.edit(LEAVES, lambda lines: lines.pop(3))
    for name in (*OBJECTS.values(), "receipts.ndjson"):
        draft.edit(name, lambda lines: lines.pop(3))


def inserted(draft: Draft) -> None:
    draft.edit(LEAVES, lambda lines: lines.insert(3, forged_event(draft, 8).raw))


def stale(draft: Draft) -> None:
    """The head is replaced by an older, genuine one that does not cover the range's end."""
    newest = note_name(draft.manifest.size)
    del draft.files[newest]


def conflicting_heads(draft: Draft) -> None:
    """A second head of the same size, with another root, signed by the log's own key."""
    other = draft.log.note(draft.manifest.size, head=leaf_hash(b"another history"))
    draft.files["checkpoints/second.note"] = other.to_bytes()


def conflicting_stranger(draft: Draft) -> None:
    """A second head of the same size, with another root, which a stranger signed: no fork of this log."""
    other = draft.log.note(draft.manifest.size, keys=[ATTACKER], head=leaf_hash(b"another history"))
    draft.files["checkpoints/second.note"] = other.to_bytes()


def conflicting_older(draft: Draft) -> None:
    """An older head inside the range, with another root, signed by the log's own key."""
    draft.files[note_name(12)] = draft.log.note(12, head=leaf_hash(b"another history")).to_bytes()


CASES: list[Case] = []
MUTATIONS: list[Mutation] = [
    Mutation(
        "changed-payload",
        "A disclosed payload was changed.",
        other_payload,
        frozenset({"payload_digest_mismatch"}),
    ),
    Mutation(
        "changed-leaf",
        "A commitment in a leaf was changed.",
        changed_leaf,
        frozenset(
            {
                "chain_broken",
                "range_root_mismatch",
                "window_mismatch",
                "receipt_mismatch",
                "payload_digest_mismatch",
            }
        ),
    ),
    Mutation(
        "changed-leaf-rechained",
        "A leaf was changed and the chain behind it was made to fit; the signed heads are genuine.",
        lambda draft: rebuilt_with(draft, 15, forged_event(draft, 15)),
        frozenset(
            {
                "range_root_mismatch",
                "window_mismatch",
                "receipt_mismatch",
                "payload_digest_mismatch",
                "attrs_digest_mismatch",
            }
        ),
    ),
    Mutation(
        "changed-index",
        "A leaf states another index than its place.",
        changed_index,
        frozenset(
            {
                "leaf_index_mismatch",
                "chain_broken",
                "range_root_mismatch",
                "window_mismatch",
                "receipt_mismatch",
            }
        ),
    ),
    Mutation(
        "removed-event",
        "An event was taken out, with its receipt and objects.",
        removed,
        frozenset({"leaf_missing", "not_evaluated"}),
    ),
    Mutation(
        "inserted-event",
        "An event was put in between; the one that stood there follows.",
        inserted,
        frozenset({"leaf_unexpected", "chain_broken", "not_evaluated", *DISPLACED}),
    ),
    Mutation(
        "stale-checkpoint",
        "The newest head was left out; the next older one does not cover the range.",
        stale,
        frozenset(
            {
                "checkpoint_stale",
                "proof_malformed",
                "proof_missing",
                "control_history_missing",
                "receipt_key_unproven",
                "manifest_key_unknown",
                "not_evaluated",
            }
        ),
    ),
    Mutation(
        "conflicting-heads",
        "The log signed two heads of one size.",
        conflicting_heads,
        frozenset({"fork_proven"}),
    ),
    Mutation(
        "conflicting-heads-stranger",
        "A stranger signed another head of the same size.",
        conflicting_stranger,
        frozenset({"log_key_unknown"}),
    ),
    Mutation(
        "conflicting-older-head",
        "The log signed an older head that the proved leaves contradict.",
        conflicting_older,
        frozenset({"fork_proven", "consistency_invalid"}),
    ),
]
