"""Passkeys that were ever registered: a credential belongs to one person for ever, also after it was removed.

Guarantees with a trigger that a claim is never changed or removed.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from governance.identity.models.person import Person


class CredentialClaim(models.Model):
    """`digest` is the SHA-256 of the credential's id (hex)."""

    digest = models.CharField(max_length=64, primary_key=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="credential_claims")
    created = models.DateTimeField()

    class Meta:
        db_table = "identity_credentialclaim"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(digest__regex="^[0-9a-f]{64}$"), name="credential_claim_form"),
        ]

    def __str__(self) -> str:
        return self.digest
