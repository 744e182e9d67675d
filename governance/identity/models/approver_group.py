"""Approver groups, which policies name, and who belongs to them.

Guarantees that a group is named by an id that is never given again (R2 of the governance reference), that its row
never changes, and that a place in a group ends once and stays as history.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from governance.identity.core.names import NAME_PATTERN
from governance.identity.models.person import Person
from governance.identity.models.tenant import Tenant


class ApproverGroup(models.Model):
    """Such as `ops` or `science`; without tenant it is the platform's."""

    id = models.CharField(max_length=63, primary_key=True)
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, null=True, related_name="approver_groups")
    words = models.CharField(max_length=200)
    created = models.DateTimeField()

    class Meta:
        db_table = "identity_approvergroup"
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(id__regex=f"^{NAME_PATTERN}$"), name="approver_group_form"),
            models.CheckConstraint(condition=~Q(words=""), name="approver_group_has_words"),
        ]

    def __str__(self) -> str:
        return self.id


class GroupMember(models.Model):
    """A person's place in a group."""

    id = models.BigAutoField(primary_key=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="group_places")
    group = models.ForeignKey(ApproverGroup, on_delete=models.PROTECT, related_name="members")
    created = models.DateTimeField()
    revoked = models.DateTimeField(null=True)

    class Meta:
        db_table = "identity_groupmember"
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["person", "group"], condition=Q(revoked__isnull=True), name="group_member_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} in {self.group_id}"
