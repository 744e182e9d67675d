"""Names of the files in a bundle. Whatever has another name is refused."""

from __future__ import annotations

import re
from typing import Final

README: Final = "README.txt"
ATTACHED: Final = "attached.ndjson"
CONSISTENCY: Final = "consistency.json"
KEYS: Final = "keys.json"
LEAVES: Final = "leaves.ndjson"
MANIFEST: Final = "manifest.dsse.json"
RANGE_PROOF: Final = "range-proof.json"
RECEIPTS: Final = "receipts.ndjson"
PREDECESSOR: Final = "predecessor.note"
"""The last head that counts of the log which this one continues."""
OBJECTS: Final = {"attrs": "objects/attrs.ndjson", "payload": "objects/payloads.ndjson"}
"""Disclosed objects of each role, one line each; one above 32 KiB is a file of its own beside them."""

REQUIRED: Final = (ATTACHED, CONSISTENCY, KEYS, LEAVES, RANGE_PROOF, README)
CHECKPOINTS: Final = "checkpoints/"
POLICIES: Final = "policy/"
FORKS: Final = "forks/"
ANCHORS: Final = "anchors/"
DECISIONS: Final = "governance/"
CHANGES: Final = "governance/changes.tar"
"""The log of decisions, a bundle of its own: every leaf, and the payloads of what concerns the bundle around it."""

_FIXED: Final = frozenset({*REQUIRED, MANIFEST, PREDECESSOR, RECEIPTS, *OBJECTS.values()})
_IN_FOLDER: Final = re.compile(
    r"checkpoints/[a-z0-9][a-z0-9-]{0,59}\.note|policy/[0-9a-f]{64}|objects/payload-[0-9]{1,16}\.bin"
    r"|(?:anchors|forks|governance)/[a-z0-9][a-z0-9.-]{0,79}",
    re.ASCII,
)


def is_known(name: str) -> bool:
    """Whether a bundle may hold a file of this name."""
    return name in _FIXED or _IN_FOLDER.fullmatch(name) is not None


def note_name(size: int) -> str:
    """File of the checkpoint of `size` leaves; the order of names is the order of sizes."""
    return f"{CHECKPOINTS}{size:016d}.note"


def policy_name(digest: str) -> str:
    """File of the policy text with this SHA-256 (hex)."""
    return f"{POLICIES}{digest}"


def blob_name(index: int) -> str:
    """File of a large payload."""
    return f"objects/payload-{index}.bin"
