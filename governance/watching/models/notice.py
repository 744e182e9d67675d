"""What a person was told: in the console, and by mail where they asked for it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from governance.change.models import Change
from governance.identity.models.person import Person
from governance.watching.models.alarm import Alarm
from governance.watching.models.subscription import Episode


class MailState(models.TextChoices):
    """How far the mail of a notice has come."""

    NONE = "none", "not asked for"
    WAITING = "waiting", "waiting"
    SENT = "sent", "sent"
    FAILED = "failed", "could not be sent"


class Notice(models.Model):
    """One sentence to one person, of an episode of a stream, of an alarm of the platform or of a change; `begins` tells
    a beginning from an end. `page` is where this person may read more of a change.
    """

    id = models.BigAutoField(primary_key=True)
    public_id = models.UUIDField(unique=True, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="notices", db_index=False)
    episode = models.ForeignKey(Episode, on_delete=models.CASCADE, null=True, related_name="notices")
    alarm = models.ForeignKey(Alarm, on_delete=models.CASCADE, null=True, related_name="notices")
    change = models.ForeignKey(Change, on_delete=models.PROTECT, null=True, related_name="notices")
    page = models.CharField(max_length=200, default="")
    begins = models.BooleanField()
    what = models.CharField(max_length=300)
    why = models.CharField(max_length=2000)
    created = models.DateTimeField()
    read = models.DateTimeField(null=True)
    mail = models.CharField(max_length=8, choices=MailState.choices, default=MailState.NONE)
    mail_tries = models.PositiveSmallIntegerField(default=0)
    mail_next = models.DateTimeField(null=True)

    class Meta:
        db_table = "watching_notice"
        ordering: ClassVar[list[str]] = ["-id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["person", "-id"], name="notice_of_person"),
            models.Index(fields=["person"], name="notice_unread", condition=Q(read__isnull=True)),
            models.Index(fields=["mail_next"], name="notice_to_mail", condition=Q(mail=MailState.WAITING)),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(episode__isnull=True, alarm__isnull=False, change__isnull=True)
                | Q(episode__isnull=False, alarm__isnull=True, change__isnull=True)
                | Q(episode__isnull=True, alarm__isnull=True, change__isnull=False),
                name="notice_of_one_thing",
            ),
            models.CheckConstraint(condition=Q(mail__in=MailState.values), name="notice_mail_known"),
        ]

    def __str__(self) -> str:
        return self.what
