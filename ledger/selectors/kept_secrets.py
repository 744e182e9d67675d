"""Derived keys that outlive the seal key they came from: what was hashed under one can never be hashed anew."""

from __future__ import annotations

from ledger.models import KeptSecret
from ledger.storage.sealing import associated, unseal


def about_kept(name: str) -> bytes:
    """The additional data of a kept key."""
    return associated("kept", name)


def kept_keys(purpose: bytes) -> list[bytes]:
    """The keys kept for a purpose, in no order; raises KeyUnusable."""
    rows = KeptSecret.objects.filter(name__startswith=f"{purpose.decode()}:")
    return [unseal(bytes(row.sealed), about_kept(row.name)) for row in rows]
