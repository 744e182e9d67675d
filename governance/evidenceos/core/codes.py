"""What can be wrong with files of EvidenceOS: each code, what was compared, and what to do next.

Guarantees that every code that a reader, check, report or preflight can carry stands here once; docs/evidenceos.md
shows this table, and a test holds the two together. Codes are an interface: they are added, never renamed.
"""

from __future__ import annotations

from typing import Final

from governance.evidenceos import errors
from governance.evidenceos.core.codes_claims import CLAIMS
from governance.evidenceos.core.codes_notes import NOTES
from governance.evidenceos.core.codes_nullspec import NULLSPECS
from governance.evidenceos.core.codes_records import RECORDS
from ledger.core.codes_row import Code, Effect, rows

_READING: Final = rows(
    Effect.REJECTED,
    (
        errors.JSONUnreadable.code,
        "The file is not one JSON text that every reader takes for the same.",
        "the bytes with RFC 8259, names that stand once, and numbers within 64 bits",
        errors.JSONUnreadable.default_next,
    ),
    (
        errors.FieldMissing.code,
        "A field that the format demands is not there.",
        "the names of the object with those of the format",
        errors.FieldMissing.default_next,
    ),
    (
        errors.FieldUnknown.code,
        "A field is there that the format does not have; the daemon drops it when it rewrites the file.",
        "the names of the object with those of the format",
        errors.FieldUnknown.default_next,
    ),
    (
        errors.FieldMalformed.code,
        "A field holds something else than its type.",
        "the value with the type that the format gives the field",
        errors.FieldMalformed.default_next,
    ),
    (
        errors.NumberUnwritable.code,
        "A number or text has no bytes in this format.",
        "the value with the finite doubles and the integers of 64 bits",
        errors.NumberUnwritable.default_next,
    ),
    (
        errors.NameUnsafe.code,
        "A name would lead out of its folder.",
        "the name with what may be the name of one folder",
        errors.NameUnsafe.default_next,
    ),
    (
        errors.BucketOutOfRange.code,
        "There is no e-value for this bucket under this contract.",
        "bucket and numbers with what the daemon computes with",
        errors.BucketOutOfRange.default_next,
    ),
    (
        errors.LogTorn.code,
        "The log ends in a record that is cut off or damaged.",
        "length and CRC-32 of the record with its bytes",
        errors.LogTorn.default_next,
    ),
)

CODES: Final[dict[str, Code]] = {code.name: code for code in (*_READING, *NULLSPECS, *RECORDS, *CLAIMS, *NOTES)}


def code_of(name: str) -> Code:
    """The row of a code; raises KeyError for one that is not in the table."""
    return CODES[name]
