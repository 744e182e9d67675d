"""The rows of an append's answer, written as bytes at once: a batch has thousands, and most of each is base64.

Guarantees the bytes that `dump` gives for the same values. What is not of the usual form (a receipt of several
signatures) is left to `dump`.
"""

from __future__ import annotations

from binascii import b2a_base64
from collections.abc import Iterable
from functools import lru_cache

import orjson

from console.api.encoding import dump
from ledger.core.dsse import Envelope
from ledger.services.answers import Placed


def listed(rows: Iterable[bytes]) -> orjson.Fragment:
    """A list of values that are JSON already."""
    return orjson.Fragment(b"[%b]" % b",".join(rows))


def leaf_json(row: Placed) -> bytes:
    """The leaf in base64."""
    return b'"%b"' % b2a_base64(row.leaf, newline=False)


def salts_json(row: Placed) -> bytes:
    """What opens the commitments, by role."""
    return b"{%b}" % b",".join([_member(name, salt) for name, salt in row.salts.items()])


def receipt_json(receipt: Envelope) -> bytes:
    """The receipt as its `to_json` says it."""
    if len(receipt.signatures) != 1 or not receipt.signatures[0].keyid:
        return dump(receipt.to_json())
    one = receipt.signatures[0]
    begin, between = _written(receipt.payload_type, one.keyid)
    payload, sig = b2a_base64(receipt.payload, newline=False), b2a_base64(one.sig, newline=False)
    return b'%b%b"%b%b"}]}' % (begin, payload, between, sig)


def _member(name: str, value: bytes) -> bytes:
    return b'"%b":"%b"' % (name.encode(), b2a_base64(value, newline=False))


@lru_cache(maxsize=256)
def _written(payload_type: str, keyid: str) -> tuple[bytes, bytes]:
    """What stands before the payload, and between it and the signature; the same for a key's receipts."""
    return b'{"payload":"', b',"payloadType":%b,"signatures":[{"keyid":%b,"sig":"' % (dump(payload_type), dump(keyid))
