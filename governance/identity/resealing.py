"""Sealing anew what identity keeps: secrets of authenticators, and the key under which recovery codes were hashed."""

from __future__ import annotations

from collections.abc import Iterator

from governance.identity.models.second_factor import SECRETS, Authenticator, RecoveryCode
from ledger.services.resealing import Sealed


def authenticators() -> Iterator[Sealed]:
    """Every sealed secret of an authenticator."""
    for row in Authenticator.objects.select_related("user").order_by("pk").iterator():
        yield Sealed(Authenticator, "sealed", row.pk, bytes(row.sealed), row.about, SECRETS)


def has_codes() -> bool:
    """Whether any recovery code is left that was hashed under a derived key."""
    return RecoveryCode.objects.exists()
