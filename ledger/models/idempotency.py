"""Idempotency keys: the digest of a request and the indices it got, for 24 hours; the answer is derived
again.
"""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from ledger.models.stream import Stream

KEPT = timedelta(hours=24)


class Idempotency(models.Model):
    """One request under one key of a namespace; inserted in the transaction of its events."""

    pk = models.CompositePrimaryKey("namespace", "key")
    namespace = models.CharField(max_length=64)
    key = models.CharField(max_length=255)
    digest = models.BinaryField(max_length=32)
    status = models.PositiveSmallIntegerField()
    stream = models.ForeignKey(Stream, on_delete=models.PROTECT, db_index=False, related_name="+")
    indices = ArrayField(models.BigIntegerField())
    created = models.DateTimeField()

    class Meta:
        db_table = "ledger_idempotency"
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["created"], name="idempotency_by_age")]

    def __str__(self) -> str:
        return f"{self.namespace}: {self.key}"
