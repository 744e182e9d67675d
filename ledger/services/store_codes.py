"""Codes of `ledger_verify` for what only a store has: columns, derived tables and rows beside the log.

Guarantees that every code that a report of the store can carry stands here or among the verifier's own, once.
`docs/problem-codes.md` holds a row for each. Codes are an interface: they are added, never renamed.
"""

from __future__ import annotations

from typing import Final

from ledger.core import codes
from ledger.core.codes_row import Code, Effect, rows

_KEEP = "Keep the database as it is: somebody changed it past the product. Compare with a backup before anything else."
_REBUILD = "Find out who wrote there. Once the leaves verify, ledger_rebuild makes it again from them."
_LOOK = "Find out who wrote there. Once the leaves verify, the row can be deleted: nothing is derived from it."

STORE_CODES: Final[dict[str, Code]] = {
    code.name: code
    for code in rows(
        Effect.REJECTED,
        (
            "leaf_columns_mismatch",
            "A column beside a leaf's bytes (kind, time, key, lookup key) is not what the leaf and its event say.",
            "the columns of the row with the leaf's own bytes and its attributes",
            _KEEP,
        ),
        (
            "index_mismatch",
            "The search columns of an event are missing, left over or not what the event says.",
            "the row of the index with the leaf and its opened attributes",
            _REBUILD,
        ),
        (
            "head_row_mismatch",
            "A column of the stream's head is not what the leaves give.",
            "each column of the head with the last leaves, the last window and the control chain",
            _REBUILD,
        ),
        (
            "prepared_mismatch",
            "The checkpoint that waits to be signed is not one over these leaves.",
            "size, root, text and window number of the row with the leaves",
            "Do not seal. Keep the row, and find out who wrote there; what is signed must come from the leaves.",
        ),
        (
            "logged_head_mismatch",
            "The log of heads and the table of its places, or a stream's checkpoint, say different things.",
            "each head leaf with the row of its place and with the stored note",
            _REBUILD,
        ),
        (
            "notice_mismatch",
            "An erasure, hold, gap or terms leaf is not listed as it says, or a hold is listed as released and is not.",
            "the derived rows with the leaf, and holds with the leaves that release them",
            "Set retention to never: what is held might be erased. erasures_replay lists what is missing.",
        ),
        (
            "idempotency_mismatch",
            "A remembered request names another namespace, or leaves that are no events.",
            "namespace and indices of the row with the stream and its leaves",
            _LOOK,
        ),
        (
            "fingerprint_mismatch",
            "What tells a repeated event from another of its name is not made of the stored event.",
            "the HMAC over type, attributes, media type and payload, under the key in the payload's row",
            _KEEP,
        ),
        (
            "stream_row_mismatch",
            "A column of the stream's row, or the successor in its head, is not what genesis leaves and secrets say.",
            "merge delay and successor with the genesis leaves, the lookup key with the seal key",
            _KEEP,
        ),
        (
            "signed_at_mismatch",
            "A checkpoint was signed before its own window, or after a later one, or in the future.",
            "the time of the row with its manifest, with the next checkpoint and with the clock",
            "Find out whether the clock was wrong when it was signed. If not, somebody changed the row.",
        ),
        (
            "tile_unexpected",
            "A file lies among the published tiles that belongs to no size of this log.",
            "the names of the stored files with the sizes of the log",
            "Find out who put it there: it stops the seal that grows to its size. ledger_rebuild moves it away.",
        ),
        (
            "policy_mismatch",
            "The text of a witness policy is missing, or is not the one its leaf names by digest.",
            "the SHA-256 of the stored text with the digest in the leaf",
            _KEEP,
        ),
    )
}


def code_of(name: str) -> Code:
    """The row of a code of the store or the verifier."""
    return STORE_CODES.get(name) or codes.code_of(name)
