"""A system key is switched off for good, its overlap too."""

from __future__ import annotations

from dataclasses import dataclass

from governance.identity.actions.base import Action, Record
from governance.identity.core.principal import Principal
from governance.identity.errors import Gone
from governance.identity.events import IdentityEvent
from governance.identity.models.system_key import KeyState, SystemKey
from governance.identity.moment import Moment


@dataclass(frozen=True, kw_only=True)
class DisableSystemKey(Action[SystemKey]):
    """There is no way back: make a new key."""

    key: SystemKey

    def check(self) -> None:
        """It must still be active."""
        self.require_manage(self.key.namespace.name)
        row = SystemKey.objects.select_for_update().get(pk=self.key.pk)
        if row.state != KeyState.ACTIVE:
            raise Gone("This key was disabled before", next_step="Nothing needs to be done.")

    def execute(self) -> SystemKey:
        """State off, old secret gone."""
        row = SystemKey.objects.select_related("namespace").get(pk=self.key.pk)
        row.state, row.previous_hash, row.previous_until = KeyState.DISABLED, None, None
        row.save(update_fields=["state", "previous_hash", "previous_until"])
        return row

    def record(self, result: SystemKey) -> Record:
        """Where."""
        facts = {"namespace": result.namespace.name}
        return Record(IdentityEvent.SYSTEM_KEY_DISABLED, str(result.public_id), {**facts})


def disable_system_key(key: SystemKey, *, by: Principal, at: Moment) -> SystemKey:
    """Switch a key off; raises NotAllowed or Gone."""
    return DisableSystemKey(key=key, by=by, at=at).run()
