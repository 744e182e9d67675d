"""The bundle: everything that is needed to verify a range of one log with the server switched off.

Guarantees one tar for one set of parts, closed names and closed documents. What a bundle says is believed
only as far as `ledger.core.verify` proves it under keys that the reader holds.
"""

from ledger.core.bundle.layout import (
    ATTACHED,
    CONSISTENCY,
    KEYS,
    LEAVES,
    MANIFEST,
    OBJECTS,
    RANGE_PROOF,
    README,
    RECEIPTS,
    is_known,
    note_name,
    policy_name,
)
from ledger.core.bundle.lines import (
    Attached,
    Disclosed,
    attached_line,
    object_line,
    read_attached,
    read_object,
    read_redacted,
    redacted_line,
)
from ledger.core.bundle.manifest import (
    PAYLOAD_TYPE,
    Disclosure,
    FileEntry,
    Manifest,
    Period,
    Population,
    parse_manifest,
)
from ledger.core.bundle.pack import Part, bundle_chunks, part_of
from ledger.core.bundle.proofs import (
    consistency_document,
    keys_document,
    range_document,
    read_consistency,
    read_range,
)
from ledger.core.bundle.readme import readme

__all__ = [
    "ATTACHED",
    "CONSISTENCY",
    "KEYS",
    "LEAVES",
    "MANIFEST",
    "OBJECTS",
    "PAYLOAD_TYPE",
    "RANGE_PROOF",
    "README",
    "RECEIPTS",
    "Attached",
    "Disclosed",
    "Disclosure",
    "FileEntry",
    "Manifest",
    "Part",
    "Period",
    "Population",
    "attached_line",
    "bundle_chunks",
    "consistency_document",
    "is_known",
    "keys_document",
    "note_name",
    "object_line",
    "parse_manifest",
    "part_of",
    "policy_name",
    "range_document",
    "read_attached",
    "read_consistency",
    "read_object",
    "read_range",
    "read_redacted",
    "readme",
    "redacted_line",
]
