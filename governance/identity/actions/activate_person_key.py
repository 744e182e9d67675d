"""A second person lets a key count; where it replaces another, that one ends at the same place in the record.

Guarantees that nobody activates a key of their own, and that the key counts from the index of this record on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from governance.identity.actions.base import Action, Record
from governance.identity.actions.register_person_key import check_may_hold, facts_of
from governance.identity.core.governed import KEY_ENROL, KEY_ROTATE
from governance.identity.core.person_keys import KeyState
from governance.identity.core.principal import Principal
from governance.identity.errors import KeyState as KeyStateRefused
from governance.identity.errors import NotAllowed
from governance.identity.events import IdentityEvent
from governance.identity.models.person import Person
from governance.identity.models.person_key import PersonKey
from governance.identity.moment import Moment


@dataclass(frozen=True, kw_only=True)
class ActivatePersonKey(Action[PersonKey]):
    """The first key of its use, or one beside others."""

    governed_by: ClassVar[str | None] = KEY_ENROL
    rotates: ClassVar[bool] = False

    key: PersonKey

    def check(self) -> None:
        """Second person, state, role; the person's row is locked first, then the key's."""
        self.require_platform()
        holder = Person.objects.select_for_update().get(pk=self.key.person_id)
        if self.by.actor == holder.actor:
            raise NotAllowed("Nobody activates a key of their own", next_step="Ask somebody else.")
        row = PersonKey.objects.select_for_update(of=("self",)).get(pk=self.key.pk)
        if row.state != KeyState.PENDING.value or not holder.is_active:
            raise KeyStateRefused("This key does not wait for activation", why=f"it is {row.state}")
        if (row.replaces_id is not None) is not self.rotates:
            raise KeyStateRefused("This key is enrolled and replaced by different changes", why=row.kid)
        check_may_hold(holder, self.at)

    def execute(self) -> PersonKey:
        """The rows move once the place in the record is known; they are locked before the record's head is."""
        if self.key.replaces_id is not None:
            PersonKey.objects.select_for_update(of=("self",)).get(pk=self.key.replaces_id)
        return PersonKey.objects.select_related("person", "replaces").get(pk=self.key.pk)

    def record(self, result: PersonKey) -> Record:
        """Whose and which."""
        return Record(IdentityEvent.PERSON_KEY_ACTIVATED, str(result.person.public_id), facts_of(result))

    def settle(self, result: PersonKey, index: int) -> PersonKey:
        """It counts from `index`; the one it replaces counted up to there."""
        result.state, result.since, result.active_from = KeyState.ACTIVE.value, index, self.at.now
        result.save(update_fields=["state", "since", "active_from"])
        if result.replaces is not None:
            end_key(result.replaces, index, self.at)
        return result


@dataclass(frozen=True, kw_only=True)
class RotatePersonKey(ActivatePersonKey):
    """The key replaces another one of the same person and use."""

    governed_by: ClassVar[str | None] = KEY_ROTATE
    rotates: ClassVar[bool] = True


def end_key(key: PersonKey, index: int, at: Moment) -> None:
    """The key counts for no record from `index` on."""
    key.state, key.until, key.revoked_at = KeyState.REVOKED.value, index, at.now
    key.save(update_fields=["state", "until", "revoked_at"])


def activate_person_key(key: PersonKey, *, by: Principal, at: Moment, decision: str | None = None) -> PersonKey:
    """Let a key count (`key.enrol`, or `key.rotate` where it replaces one); raises NotAllowed, KeyState, RoleExcluded
    or DecisionNeeded.
    """
    kind = RotatePersonKey if key.replaces_id is not None else ActivatePersonKey
    return kind(key=key, by=by, at=at, decision=decision).run()
