"""The passkey of the signing page that opens a person's key: its gesture witnesses each signature.

Guarantees that it belongs to one key for ever. Its public part came with the enrolment; nothing attests it.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from governance.identity.core.authenticators import UNTOLD
from governance.identity.models.person_key import PersonKey


class SigningPasskey(models.Model):
    """`public` is a COSE key; `credential` the SHA-256 of the credential's id (hex), claimed like a factor's; `aaguid`
    is the model of what made it, as the signing page told it.
    """

    key = models.OneToOneField(PersonKey, on_delete=models.PROTECT, primary_key=True, related_name="passkey")
    credential = models.CharField(max_length=64, unique=True)
    public = models.BinaryField(max_length=1023)
    aaguid = models.CharField(max_length=36, default=UNTOLD)
    sign_count = models.PositiveBigIntegerField(default=0)
    created = models.DateTimeField()

    class Meta:
        db_table = "identity_signingpasskey"
        ordering: ClassVar[list[str]] = ["key_id"]

    def __str__(self) -> str:
        return self.credential
