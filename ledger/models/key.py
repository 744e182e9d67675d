"""Signing keys: one use and one origin each, sealed at rest, kept for ever as public keys; and pauses of the signer."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from ledger.core.keys import ED25519, MLDSA44
from ledger.models.stream import Stream


class KeyUse(models.TextChoices):
    """What a key may sign."""

    CHECKPOINT = "checkpoint", "checkpoint"
    RECEIPT = "receipt", "receipt"
    EXPORT = "export", "export"


class KeyAlg(models.TextChoices):
    """How a key signs."""

    ED25519 = ED25519, "Ed25519"
    MLDSA44 = MLDSA44, "ML-DSA-44"


class SigningKey(models.Model):
    """`sealed` is the private half (null once destroyed); valid for leaves valid_from <= index < valid_to.

    Of receipt and export keys one is in force; of checkpoint keys two while a rotation overlaps, and one of each
    algorithm besides.
    """

    id = models.BigAutoField(primary_key=True)
    stream = models.ForeignKey(Stream, on_delete=models.PROTECT, related_name="keys")
    use = models.CharField(max_length=16, choices=KeyUse.choices)
    alg = models.CharField(max_length=16, choices=KeyAlg.choices, default=KeyAlg.ED25519)
    kid = models.CharField(max_length=32, unique=True)
    public = models.BinaryField(max_length=1312)
    sealed = models.BinaryField(null=True)
    name = models.CharField(max_length=255)
    valid_from = models.BigIntegerField(default=0)
    valid_to = models.BigIntegerField(null=True)

    class Meta:
        db_table = "ledger_signingkey"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["public"], name="key_serves_once"),
            models.UniqueConstraint(
                fields=["stream", "use"],
                condition=Q(valid_to__isnull=True, use__in=["receipt", "export"]),
                name="key_in_force_once",
            ),
            models.CheckConstraint(condition=Q(use__in=KeyUse.values), name="key_use_known"),
            models.CheckConstraint(
                condition=Q(alg=ED25519) | Q(alg=MLDSA44, use="checkpoint"), name="key_alg_of_its_use"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.use} {self.kid}"


class SignerPause(models.Model):
    """A pause of the signer, or its end, for one stream or (`stream` null) for all; append-only, the newest counts."""

    id = models.BigAutoField(primary_key=True)
    stream = models.ForeignKey(Stream, on_delete=models.PROTECT, null=True, related_name="+")
    paused = models.BooleanField()
    reason = models.CharField(max_length=500)
    actor = models.CharField(max_length=128)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "ledger_signerpause"

    def __str__(self) -> str:
        return f"{'paused' if self.paused else 'resumed'}: {self.reason}"


class KeptSecret(models.Model):
    """A derived key that outlives the seal key it came from, sealed under the newest one."""

    name = models.CharField(primary_key=True, max_length=64)
    sealed = models.BinaryField()

    class Meta:
        db_table = "ledger_keptsecret"

    def __str__(self) -> str:
        return self.name
