"""A system key: what a program presents to append to or read one namespace.

Guarantees that the secret is stored as a digest only, and that a rotation keeps the key's identity (and with
it the actor in the ledger) while the old secret works until the end of the overlap.
"""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q

from governance.identity.models.namespace import Namespace


class KeyState(models.TextChoices):
    """A disabled key never works again."""

    ACTIVE = "active", "active"
    DISABLED = "disabled", "disabled"


class SystemKey(models.Model):
    """One program's key; `created_by` is an actor string."""

    id = models.BigAutoField(primary_key=True)
    public_id = models.UUIDField(unique=True, editable=False)
    namespace = models.ForeignKey(Namespace, on_delete=models.PROTECT, related_name="system_keys")
    name = models.CharField(max_length=100)
    secret_hash = models.BinaryField(max_length=32)
    previous_hash = models.BinaryField(max_length=32, null=True)
    previous_until = models.DateTimeField(null=True)
    may_append = models.BooleanField(default=False)
    may_read = models.BooleanField(default=False)
    state = models.CharField(max_length=16, choices=KeyState.choices, default=KeyState.ACTIVE)
    created_by = models.CharField(max_length=128)
    created = models.DateTimeField()
    last_used = models.DateField(null=True)

    class Meta:
        db_table = "identity_system_key"
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["namespace", "name"], name="system_key_name_once"),
            models.CheckConstraint(condition=Q(may_append=True) | Q(may_read=True), name="system_key_has_a_scope"),
            models.CheckConstraint(condition=Q(state__in=KeyState.values), name="system_key_state_known"),
            models.CheckConstraint(
                condition=Q(previous_hash__isnull=True, previous_until__isnull=True)
                | Q(previous_hash__isnull=False, previous_until__isnull=False),
                name="system_key_overlap_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def actor(self) -> str:
        """The opaque name under which the ledger knows this key."""
        return key_actor(self.public_id)


def key_actor(public_id: uuid.UUID) -> str:
    """`key:<public id>`."""
    return f"key:{public_id}"
