"""Streams: one log each, and the one mutable row at its head.

Guarantees that namespace, name and origin are set once (the runtime role may update the settings' columns
only) and that every writer of a stream meets at one row, `StreamHead`, which is locked FOR UPDATE before
anything is appended.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

DEFAULT_MAX_MERGE_DELAY = 600
"""Seconds within which a checkpoint must cover a leaf: ten times the window's age, so that a stalled sealer
is seen (stale at twice the age, failed at ten times) before a promise is broken.
"""
DEFAULT_WINDOW_COUNT = 1_000
DEFAULT_WINDOW_AGE = 60
STREAM_NAME = r"^[a-z0-9-]{1,63}$"
NAMESPACE_NAME = r"^_?[a-z0-9-]{1,63}$"


class ProfileMode(models.TextChoices):
    """What happens to an event that its profile does not admit."""

    OFF = "off", "off"
    WARN = "warn", "warn"
    REFUSE = "refuse", "refuse"


class WithoutReceipt(models.TextChoices):
    """What happens to an event that cannot be receipted now, because the signer is down or its key is paused."""

    PENDING = "pending", "kept, receipted later"
    REFUSE = "refuse", "refused"


class Stream(models.Model):
    """One log; `origin` is its name for ever. `lookup_key` is sealed (see ledger.storage.sealing)."""

    id = models.BigAutoField(primary_key=True)
    public_id = models.UUIDField(unique=True, editable=False)
    namespace = models.CharField(max_length=64)
    name = models.CharField(max_length=63)
    origin = models.CharField(max_length=255, unique=True)
    created = models.DateTimeField()
    created_by = models.CharField(max_length=128)
    max_merge_delay_s = models.PositiveIntegerField(default=DEFAULT_MAX_MERGE_DELAY)
    profile_mode = models.CharField(max_length=8, choices=ProfileMode.choices, default=ProfileMode.OFF)
    clear_attributes = models.BooleanField(default=False)
    window_count = models.PositiveIntegerField(default=DEFAULT_WINDOW_COUNT)
    window_age_s = models.PositiveIntegerField(default=DEFAULT_WINDOW_AGE)
    lookup_key = models.BinaryField()
    without_receipt = models.CharField(
        max_length=8, choices=WithoutReceipt.choices, default=WithoutReceipt.PENDING, db_default=WithoutReceipt.PENDING
    )

    class Meta:
        db_table = "ledger_stream"
        ordering: ClassVar[list[str]] = ["namespace", "name"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["namespace", "name"], name="stream_name_once"),
            models.CheckConstraint(condition=Q(name__regex=STREAM_NAME), name="stream_name_form"),
            models.CheckConstraint(condition=Q(namespace__regex=NAMESPACE_NAME), name="stream_namespace_form"),
            models.CheckConstraint(condition=Q(profile_mode__in=ProfileMode.values), name="stream_profile_known"),
            models.CheckConstraint(
                condition=Q(without_receipt__in=WithoutReceipt.values), name="stream_without_receipt_known"
            ),
            models.CheckConstraint(condition=Q(window_count__gte=1), name="stream_window_count_positive"),
            models.CheckConstraint(condition=Q(window_age_s__gte=1), name="stream_window_age_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}"


class StreamHead(models.Model):
    """Where the log ends. Changed only under its own row lock; streams are locked in the order of their
    origins.

    `events_open` counts leaves of the open window that are no manifests or anchors, `waiting_since` is the
    recorded time of the oldest of them. `control_*` names the newest control leaf, `receipt_kid` the key of
    new leaves, `successor` the origin of the log that continues this one, which takes no event any more. `restriction`
    names what of `Restriction` holds for the stream, in alphabetical order and joined by commas ('' for nothing).
    """

    stream = models.OneToOneField(Stream, on_delete=models.PROTECT, primary_key=True, related_name="head")
    size = models.BigIntegerField()
    last_hash = models.BinaryField(max_length=32)
    last_recorded = models.DateTimeField()
    control_index = models.BigIntegerField()
    control_hash = models.BinaryField(max_length=32)
    receipt_kid = models.CharField(max_length=32)
    window_number = models.BigIntegerField(default=0)
    window_from = models.BigIntegerField(default=0)
    window_opened = models.DateTimeField()
    events_open = models.BigIntegerField(default=0)
    waiting_since = models.DateTimeField(null=True)
    signed_size = models.BigIntegerField(default=0)
    stopped = models.CharField(max_length=64, null=True)
    successor = models.CharField(max_length=255, null=True)
    restriction = models.CharField(max_length=32, blank=True, default="", db_default="")

    class Meta:
        db_table = "ledger_streamhead"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(size__gte=1), name="head_has_genesis"),
            models.CheckConstraint(condition=Q(signed_size__lte=F("size")), name="head_signed_within"),
            models.CheckConstraint(condition=Q(window_from__lte=F("size")), name="head_window_within"),
            models.CheckConstraint(condition=Q(control_index__lt=F("size")), name="head_control_within"),
            models.CheckConstraint(
                condition=Q(events_open=0, waiting_since__isnull=True)
                | Q(events_open__gt=0, waiting_since__isnull=False),
                name="head_waiting_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stream_id}: {self.size}"
