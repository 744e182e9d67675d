"""What the readers and writers of EvidenceOS formats refuse: each with a stable code, a path, a reason and a next step.

Guarantees that the codes and next steps here are those of the table in `core/codes.py`, which docs/evidenceos.md shows.
"""

from __future__ import annotations

from ledger.errors import RequestError


class EvidenceOSRefused(RequestError):
    """Base of the refusals of this package."""

    code = "evidenceos_refused"


class JSONUnreadable(EvidenceOSRefused):
    """Not one JSON text that every reader takes for the same; `path` names the culprit."""

    code = "evidenceos_json"
    default_next = "Write the file again with the tool that made it; keep this one, nothing is changed."


class FieldMissing(EvidenceOSRefused):
    """A field that the format demands is not there."""

    code = "evidenceos_field_missing"
    default_next = "Add the field that the path names, and sign again where a signature covers it."


class FieldUnknown(EvidenceOSRefused):
    """A field that the format does not have: the daemon would drop it without a word when it rewrites the file."""

    code = "evidenceos_field_unknown"
    default_next = "Take the field out, or keep what it says outside this file."


class FieldMalformed(EvidenceOSRefused):
    """A field that holds something else than its type."""

    code = "evidenceos_field_malformed"
    default_next = "Correct the field that the path names, and sign again where a signature covers it."


class NumberUnwritable(EvidenceOSRefused):
    """A number that the format has no bytes for: NaN, an infinity, or an integer beyond 64 bits."""

    code = "evidenceos_number"
    default_next = "Use a finite number within 64 bits."


class NameUnsafe(EvidenceOSRefused):
    """A name that would lead out of its folder, or into another."""

    code = "evidenceos_name_unsafe"
    default_next = "Use a name without slashes, without control characters, and not made of dots alone."


class BucketOutOfRange(EvidenceOSRefused):
    """No e-value: the bucket or the numbers of the contract do not allow one."""

    code = "evalue_undefined"
    default_next = "Use buckets that the contract has, and a contract whose numbers pass its checks."


class LogTorn(EvidenceOSRefused):
    """A record of the transparency log is cut off or does not have its checksum; `path` names its offset."""

    code = "etl_torn"
    default_next = "Do not start the daemon: it would cut the log off here. Keep a copy, and compare it with a backup."
