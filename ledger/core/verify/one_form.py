"""Signed documents of a bundle have one byte form: canonical JSON, standard base64, one signature, its key
named.

DSSE itself leaves unsigned room (white space, alphabets, key ids, unknown fields); a bundle's bytes do not.
"""

from __future__ import annotations

from ledger.core.dsse import Envelope, Signature
from ledger.errors import NotCanonical


def demand_one_form(raw: bytes, signed: Envelope, kid: str) -> bytes:
    """The one signature of the envelope; raises NotCanonical unless `raw` is its only form under the name
    `kid`.
    """
    signature = signed.signatures[0].sig
    if Envelope(signed.payload, signed.payload_type, (Signature(signature, kid),)).to_bytes() != raw:
        raise NotCanonical(
            "A signed document is not written in its one form",
            why="expected: canonical JSON, standard base64, one signature with the kid inside as keyid",
        )
    return signature
