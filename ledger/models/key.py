"""Signing keys: one use and one origin each, sealed at rest, kept for ever as public keys."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from ledger.models.stream import Stream


class KeyUse(models.TextChoices):
    """What a key may sign."""

    CHECKPOINT = "checkpoint", "checkpoint"
    RECEIPT = "receipt", "receipt"
    EXPORT = "export", "export"


class SigningKey(models.Model):
    """`sealed` is the private half (null once destroyed); valid for leaves valid_from <= index < valid_to."""

    id = models.BigAutoField(primary_key=True)
    stream = models.ForeignKey(Stream, on_delete=models.PROTECT, related_name="keys")
    use = models.CharField(max_length=16, choices=KeyUse.choices)
    kid = models.CharField(max_length=32, unique=True)
    public = models.BinaryField(max_length=32)
    sealed = models.BinaryField(null=True)
    name = models.CharField(max_length=255)
    valid_from = models.BigIntegerField(default=0)
    valid_to = models.BigIntegerField(null=True)

    class Meta:
        db_table = "ledger_signingkey"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["public"], name="key_serves_once"),
            models.UniqueConstraint(
                fields=["stream", "use"], condition=Q(valid_to__isnull=True), name="key_in_force_once"
            ),
            models.CheckConstraint(condition=Q(use__in=KeyUse.values), name="key_use_known"),
        ]

    def __str__(self) -> str:
        return f"{self.use} {self.kid}"
