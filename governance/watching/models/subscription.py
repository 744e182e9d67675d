"""What people asked to be told of, and the episodes in which it held."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from governance.identity.models.person import Person
from governance.watching.core.rules import Kind
from ledger.models import Stream

LONGEST_MINUTES = 10_080


class Subscription(models.Model):
    """One wish of one person; without `stream` it is for every stream of the namespace, also for later ones."""

    id = models.BigAutoField(primary_key=True)
    public_id = models.UUIDField(unique=True, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="subscriptions")
    namespace = models.CharField(max_length=64)
    stream = models.ForeignKey(Stream, on_delete=models.PROTECT, null=True, related_name="+")
    kind = models.CharField(max_length=16, choices=[(kind.value, kind.value) for kind in Kind])
    minutes = models.PositiveIntegerField()
    counts_not_evaluated = models.BooleanField(default=False)
    by_mail = models.BooleanField(default=False)
    created = models.DateTimeField()
    ended = models.DateTimeField(null=True)

    class Meta:
        db_table = "watching_subscription"
        ordering: ClassVar[list[str]] = ["id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["namespace"], name="subscription_in_force", condition=Q(ended__isnull=True)),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(kind__in=[kind.value for kind in Kind]), name="subscription_kind_known"),
            models.CheckConstraint(
                condition=Q(minutes__gte=1, minutes__lte=LONGEST_MINUTES), name="subscription_minutes_bounded"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}"


class Episode(models.Model):
    """One time that a wish held for one stream, from the moment it was told until the moment its end was told."""

    id = models.BigAutoField(primary_key=True)
    subscription = models.ForeignKey(Subscription, on_delete=models.CASCADE, related_name="episodes")
    stream = models.ForeignKey(Stream, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField()
    told = models.DateTimeField()
    ended = models.DateTimeField(null=True)

    class Meta:
        db_table = "watching_episode"
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["subscription", "stream"], condition=Q(ended__isnull=True), name="episode_one_at_a_time"
            ),
            models.CheckConstraint(condition=Q(since__lte=F("told")), name="episode_told_after_it_began"),
        ]

    def __str__(self) -> str:
        return f"{self.subscription_id}: {self.since:%Y-%m-%dT%H:%M}"
