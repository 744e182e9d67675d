"""The fingerprints by which a repeated event is told from another one of its name, against what they were made of.

Compared where attributes and payload are both here and open their commitments; of the others it is counted that they
were not.
"""

from __future__ import annotations

from typing import NamedTuple

from ledger.core.envelope import Envelope
from ledger.core.event import RawEvent, fingerprint_of
from ledger.services.store_findings import StoreFindings


class Print(NamedTuple):
    """What stands in the payload's row: its media type, the key of the fingerprint and the fingerprint."""

    media_type: str
    key: bytes | None
    fingerprint: bytes | None


def check_fingerprint(
    found: StoreFindings, leaf: Envelope, row: Print | None, attrs: bytes | None, payload: bytes | None
) -> None:
    """Compare that of one event; both objects as opened, None for one that is gone or does not open."""
    if row is None or attrs is None or payload is None:
        found.count("fingerprints not compared")
        return
    event = RawEvent(
        type=str(leaf.fields["type"]), id="", source="", payload=payload, media_type=row.media_type
    )  # fmt: skip
    if row.key is None or row.fingerprint is None or fingerprint_of(row.key, event, attrs) != row.fingerprint:
        told = "Key or fingerprint are not those of the event: one that is sent again would be taken for another."
        found.problem("fingerprint_mismatch", f"payload {leaf.index}", told)
    found.count("fingerprints")
