"""Policies: the text is kept by its digest, leaves carry the digest alone."""

from __future__ import annotations

import hashlib

from ledger.core.witness_policy import parse_policy
from ledger.models import PolicyText


def store_policy(text: str) -> str:
    """Keep a C2SP tlog-policy; returns its SHA-256 in hex. Raises PolicyInvalid with the line."""
    parse_policy(text.encode())
    digest = hashlib.sha256(text.encode()).hexdigest()
    PolicyText.objects.bulk_create([PolicyText(digest=digest, text=text)], ignore_conflicts=True)
    return digest
