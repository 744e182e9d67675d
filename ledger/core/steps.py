"""The steps of verification: their names in reports, and each as one sentence that is true once it ran.

`checked` in a report lists only names from here, in this order, and only steps that had something to compare.
A step that found nothing to compare is told with its count of 0, in the words of `NONE`.
"""

from __future__ import annotations

from typing import Final

STEPS: Final[dict[str, str]] = {
    "archive": "the archive is a strict, sorted tar of known names within the limits",
    "manifest": "the manifest is well-formed",
    "files": "every file has the size and SHA-256 that the manifest lists, none is missing and none extra",
    "notes": "all checkpoints are well-formed and of one origin",
    "head": "the largest checkpoint is signed by a log key of your policy",
    "post_quantum": "the largest checkpoint carries a valid ML-DSA-44 line",
    "quorum": "the quorum of your policy is met",
    "consistency": "every older checkpoint is part of the largest one's log",
    "remembered": "the heads that you remembered are part of this log",
    "leaves": "every leaf that is shown is canonical, in its place, and names the leaf before it",
    "range": "the leaves of the range are exactly those under the signed root",
    "period": "the neighbouring leaves show that the period is complete",
    "population": "the stated numbers of events are those of the range",
    "attached": "every attached leaf is in the log and fits the leaves beside it",
    "control_chain": "the history of keys, policies and pauses is complete back to genesis",
    "keys": "keys.json says what the log's own leaves say",
    "genesis": "the log begins with the genesis leaf that you pinned",
    "predecessor": "the log takes over at a head of the old one that your policy accepts",
    "key_validity": "every checkpoint is signed by the keys the log had at that size",
    "windows": "every window inside the range has the root, count, number and times its manifest states",
    "inclusion": "the leaf is in the log under the checkpoint",
    "receipt": "the receipt fits the leaf",
    "receipt_key": "the receipt is signed by a key that the log delegated",
    "receipts": "every receipt is signed by a key of the log and fits its leaf",
    "objects": "every disclosed object opens the commitment in its leaf",
    "anchors": "every time anchor was checked",
    "forks": "every reported fork was proved again from its bytes",
    "reliance": "no pause of reliance overlaps the range",
    "holds": "no erasure took away what a hold covered",
    "completeness": "the gaps at the source that the log tells of were read",
    "decisions": "every governance decision was proved",
    "times": "no time lies ahead of your clock",
    "freshness": "the newest independent time is within the age you allow",
    "manifest_signature": "the manifest is signed by an export key that the log delegated",
}

UNITS: Final[dict[str, tuple[str, str]]] = {
    "files": ("file", "files"),
    "notes": ("checkpoint", "checkpoints"),
    "quorum": ("witness", "witnesses"),
    "consistency": ("checkpoint", "checkpoints"),
    "remembered": ("head", "heads"),
    "leaves": ("leaf", "leaves"),
    "range": ("leaf", "leaves"),
    "population": ("event", "events"),
    "attached": ("leaf", "leaves"),
    "control_chain": ("control leaf", "control leaves"),
    "key_validity": ("checkpoint", "checkpoints"),
    "windows": ("window", "windows"),
    "receipts": ("receipt", "receipts"),
    "objects": ("object", "objects"),
    "forks": ("reported fork", "reported forks"),
    "reliance": ("pause or resumption", "pauses and resumptions"),
    "holds": ("hold or release", "holds and releases"),
    "completeness": ("gap", "gaps"),
    "decisions": ("decision", "decisions"),
}
"""What a step counts: one, and several."""

NONE: Final[dict[str, str]] = {
    "quorum": "your policy asks for no witness: nobody independent vouches for this head",
    "consistency": "no older checkpoint is in the bundle",
    "leaves": "no leaf of the range is shown",
    "attached": "no leaf outside the range is attached",
    "windows": "no window lies wholly inside the range",
    "receipt": "the leaf is not in the file: only the promise itself was read",
    "receipts": "no receipt is in the bundle",
    "objects": "no object is in the bundle",
    "forks": "no reported fork is in the bundle",
    "reliance": "no pause of reliance is among the log's control leaves",
    "holds": "no hold is shown",
    "completeness": "no gap at the source is shown",
    "decisions": "no decision is in the log, or named by a leaf that is shown",
}
"""What is told of a step that had nothing to compare; never that it passed."""

REQUIRED: Final[dict[str, tuple[str, ...]]] = {
    "bundle": ("head", "quorum", "range"),
    "checkpoint": ("head", "quorum"),
    "proof": ("head", "quorum", "inclusion"),
    "receipt": ("receipt", "receipt_key"),
    "governance": ("head", "quorum", "range", "decisions"),
    "unusable": (),
}
"""Steps without which no outcome of that kind can be `verified`."""
