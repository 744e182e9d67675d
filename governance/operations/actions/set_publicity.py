"""Make the checkpoint and hash tiles of a stream, or its entries too, readable by anybody; or private again.

Guarantees that the property never changes without its event in `_governance/changes`, which names who, why,
and what holds from then on. An audited action until the deployment is founded; after that the change type
`stream.publicity` alone does it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from governance.identity.actions.base import Action, Record
from governance.identity.core.names import is_platform_name
from governance.identity.core.principal import Principal
from governance.identity.core.roles import Capability
from governance.identity.errors import NameInvalid, NotAllowed
from governance.identity.moment import Moment
from governance.operations.events import OperationsEvent
from ledger.core.types import JSONObject
from ledger.selectors.publicity import PublicityView
from ledger.selectors.streams import StreamView
from ledger.services.publicity import set_publicity as set_row

MAX_REASON = 500


@dataclass(frozen=True, kw_only=True)
class SetPublicity(Action[PublicityView]):
    """What is None stays as it is."""

    source: ClassVar[str] = "urn:countersign:governance:operations"

    stream: StreamView
    tiles: bool | None
    entries: bool | None
    reason: str

    def check(self) -> None:
        """Right, something to set, and a reason."""
        self._require_right()
        if self.tiles is None and self.entries is None:
            raise NameInvalid("Nothing is set", path="$", next_step="Say on or off for tiles, entries or both.")
        if not 1 <= len(self.reason.strip()) <= MAX_REASON:
            raise NameInvalid(
                "A reason is needed", path="$.reason", next_step=f"Give one of 1 to {MAX_REASON} characters."
            )

    def _require_right(self) -> None:
        """The platform's own streams are its operators' business, all others their tenant's."""
        namespace = self.stream.namespace
        if is_platform_name(namespace):
            self.require_platform()
        elif not self.by.may(Capability.MANAGE, namespace):
            raise NotAllowed("This takes the role tenant admin", why=f"What of {namespace} is public is its tenant's.")

    def execute(self) -> PublicityView:
        """One row, under its lock."""
        return set_row(self.stream, tiles=self.tiles, entries=self.entries, decision=self.decision)

    def record(self, result: PublicityView) -> Record:
        """Which stream, what holds now, and why."""
        facts: JSONObject = {
            "stream": f"{self.stream.namespace}/{self.stream.name}",
            "origin": self.stream.origin,
            "tiles": result.tiles,
            "entries": result.entries,
            "reason": self.reason.strip(),
        }
        return Record(OperationsEvent.PUBLICITY_SET, str(self.stream.public_id), facts)


def set_publicity(
    stream: StreamView, *, tiles: bool | None = None, entries: bool | None = None, reason: str,
    by: Principal, at: Moment,
) -> PublicityView:  # fmt: skip
    """Set what of a stream is public; returns what holds now. Raises NotAllowed, NameInvalid, PublicityRefused."""
    return SetPublicity(stream=stream, tiles=tiles, entries=entries, reason=reason, by=by, at=at).run()
