"""Where a person has their asks posted to, and what of each notice was posted.

Guarantees that a person has one address at a time, and that a notice goes to it once. No secret is stored.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from governance.identity.models.person import Person
from governance.watching.core.webhooks import LONGEST_URL
from governance.watching.models.notice import MailState, Notice


class Webhook(models.Model):
    """An address of one person, in force until `ended`."""

    id = models.BigAutoField(primary_key=True)
    public_id = models.UUIDField(unique=True, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="webhooks")
    url = models.CharField(max_length=LONGEST_URL)
    created = models.DateTimeField()
    ended = models.DateTimeField(null=True)

    class Meta:
        db_table = "watching_webhook"
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["person"], condition=Q(ended__isnull=True), name="webhook_one_at_a_time"),
        ]

    def __str__(self) -> str:
        return str(self.public_id)


class Post(models.Model):
    """One notice on its way to one address; `why` is the last refusal."""

    notice = models.OneToOneField(Notice, on_delete=models.CASCADE, primary_key=True, related_name="post")
    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="posts")
    state = models.CharField(max_length=8, choices=MailState.choices, default=MailState.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    next = models.DateTimeField(null=True)
    why = models.CharField(max_length=200, default="")

    class Meta:
        db_table = "watching_post"
        ordering: ClassVar[list[str]] = ["-notice_id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["next"], name="post_due", condition=Q(state=MailState.WAITING)),
        ]

    def __str__(self) -> str:
        return f"{self.state} after {self.tries}"
