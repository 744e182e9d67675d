"""The public keys of people, with the proof that their holder had the private part.

Guarantees that one public key belongs to one person and one use for ever, revoked or not; that what a key is never
changes; and that its state moves forward alone, together with the places in `_governance/changes` between which
it counts.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from governance.identity.core.person_keys import Custody, KeyState, KeyUse
from governance.identity.models.person import Person


def _of(values: type[KeyUse | Custody | KeyState]) -> list[str]:
    return [one.value for one in values]


_LIFE = (
    Q(state=KeyState.PENDING.value, since__isnull=True, until__isnull=True, active_from__isnull=True)
    | Q(state=KeyState.ACTIVE.value, since__isnull=False, until__isnull=True, active_from__isnull=False)
    | Q(state=KeyState.REVOKED.value, until__isnull=False, since__isnull=True, active_from__isnull=True)
    | Q(state=KeyState.REVOKED.value, until__isnull=False, since__isnull=False, active_from__isnull=False)
)


class PersonKey(models.Model):
    """It counts for records at indices in [`since`, `until`); `active_from` is when it was activated. `possession` is
    the DSSE envelope, as it was received, in which the key signs who holds it.
    """

    id = models.BigAutoField(primary_key=True)
    public_id = models.UUIDField(unique=True, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="decision_keys")
    kid = models.CharField(max_length=32, unique=True)
    public = models.BinaryField(max_length=32, unique=True)
    use = models.CharField(max_length=16)
    custody = models.CharField(max_length=16)
    name = models.CharField(max_length=100)
    state = models.CharField(max_length=16, default=KeyState.PENDING.value)
    since = models.BigIntegerField(null=True)
    until = models.BigIntegerField(null=True)
    active_from = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    replaces = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="successors")
    possession = models.BinaryField()
    created = models.DateTimeField()

    class Meta:
        db_table = "identity_personkey"
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(use__in=_of(KeyUse)), name="person_key_use_known"),
            models.CheckConstraint(condition=Q(custody__in=_of(Custody)), name="person_key_custody_known"),
            models.CheckConstraint(condition=_LIFE, name="person_key_state_and_places_agree"),
            models.CheckConstraint(
                condition=Q(since__isnull=True) | Q(until__isnull=True) | Q(since__lte=F("until")),
                name="person_key_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return self.kid
