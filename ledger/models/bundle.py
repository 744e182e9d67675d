"""Bundle requests: the row freezes what is exported, so the same row always gives the same tar."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from ledger.models.job import Job
from ledger.models.stream import Stream


class BundleOutcome(models.TextChoices):
    """What the offline verifier said of the file after it was written."""

    VERIFIED = "verified", "verified"
    REJECTED = "rejected", "rejected"
    INCOMPLETE = "incomplete", "incomplete"


class Bundle(models.Model):
    """One export. `note` is the checkpoint over `head_size` leaves; `bundle_id` the SHA-256 of the
    uncompressed tar; `decisions_size` is how much of the log of decisions travels along, where leaves name any.
    """

    id = models.BigAutoField(primary_key=True)
    public_id = models.UUIDField(unique=True, editable=False)
    stream = models.ForeignKey(Stream, on_delete=models.PROTECT, related_name="+")
    job = models.OneToOneField(Job, on_delete=models.PROTECT, related_name="+")
    actor = models.CharField(max_length=128)
    created = models.DateTimeField()
    first_index = models.BigIntegerField()
    last_index = models.BigIntegerField()
    head_size = models.BigIntegerField()
    note = models.BinaryField()
    decisions_size = models.BigIntegerField(null=True)
    filters = models.JSONField(default=dict)
    disclose = models.JSONField(default=dict)
    file = models.CharField(max_length=255, blank=True)
    file_size = models.BigIntegerField(null=True)
    file_sha256 = models.CharField(max_length=64, blank=True)
    bundle_id = models.CharField(max_length=64, blank=True)
    outcome = models.CharField(max_length=16, choices=BundleOutcome.choices, null=True)
    report = models.JSONField(null=True)
    finished = models.DateTimeField(null=True)

    class Meta:
        db_table = "ledger_bundle"
        ordering: ClassVar[list[str]] = ["-id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["actor"], name="bundle_by_actor"),
            models.Index(fields=["bundle_id"], name="bundle_by_bundle_id"),
            models.Index(fields=["file_sha256"], name="bundle_by_file"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(first_index__gte=0, last_index__gte=F("first_index"), last_index__lt=F("head_size")),
                name="bundle_range_within_head",
            ),
        ]

    def __str__(self) -> str:
        return str(self.public_id)
