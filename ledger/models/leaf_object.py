"""Objects: the attributes and the payload behind an event's two commitments, kept beside the log and
erasable.

Guarantees that an object is either here (`data`, up to 32 KiB) or a blob, never both. The fingerprint (an
HMAC over the whole event) stands in the payload's row under a key that is erased with a salt: erasing either
object clears both fingerprint and key, so that nothing guessable survives.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from ledger.models.stream import Stream

INLINE_LIMIT = 32 * 1024
"""Bytes up to which an object is a row; larger ones are blobs."""


class Role(models.TextChoices):
    """Which of the two commitments the object opens."""

    ATTRS = "attrs", "attributes"
    PAYLOAD = "payload", "payload"


class LeafObject(models.Model):
    """Bytes with the salt and media type that open a commitment."""

    pk = models.CompositePrimaryKey("stream_id", "index", "role")
    stream = models.ForeignKey(Stream, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="+")
    index = models.BigIntegerField()
    role = models.CharField(max_length=8, choices=Role.choices)
    media_type = models.CharField(max_length=255, blank=True)
    size = models.BigIntegerField()
    salt = models.BinaryField(max_length=32)
    data = models.BinaryField(null=True)
    blob = models.CharField(max_length=255, null=True)
    fingerprint = models.BinaryField(max_length=32, null=True)
    fingerprint_key = models.BinaryField(max_length=32, null=True)

    class Meta:
        db_table = "ledger_object"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["blob"], name="object_by_blob", condition=Q(blob__isnull=False)),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(role__in=Role.values), name="object_role_known"),
            models.CheckConstraint(
                condition=Q(data__isnull=True, blob__isnull=False) | Q(data__isnull=False, blob__isnull=True),
                name="object_here_or_blob",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stream_id}:{self.index}:{self.role}"
