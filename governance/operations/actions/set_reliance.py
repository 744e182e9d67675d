"""Pause reliance on a range of a stream's leaves, or resume it.

Guarantees that the control leaf and its event in `_governance/changes` are committed together or not at all. A pause
only takes reliance away and stays an audited action of the tenant; after the founding its end takes a decision.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from governance.identity.actions.base import GOVERNANCE, Action, Record
from governance.identity.core.names import is_platform_name
from governance.identity.core.principal import Principal
from governance.identity.core.roles import Capability
from governance.identity.errors import NotAllowed
from governance.identity.moment import Moment
from governance.operations.events import OperationsEvent
from ledger.core.envelope import Envelope
from ledger.core.types import JSONObject
from ledger.selectors.streams import StreamView
from ledger.selectors.streams import stream as stream_named
from ledger.services.reliance import set_reliance_within


@dataclass(frozen=True, kw_only=True)
class SetReliance(Action[Envelope]):
    """Leaves `first` to `last`, both inside."""

    source: ClassVar[str] = "urn:countersign:governance:operations"

    stream: StreamView
    first: int
    last: int
    paused: bool
    reason: str

    def check(self) -> None:
        """Who may: an administrator of the tenant, or of the platform for its own streams."""
        namespace = self.stream.namespace
        if is_platform_name(namespace):
            self.require_platform()
        elif not self.by.may(Capability.MANAGE, namespace):
            raise NotAllowed("This takes the role tenant admin", why=f"What {namespace} relies on is its tenant's.")

    def execute(self) -> Envelope:
        """One control leaf."""
        beside = [stream_named(*GOVERNANCE)]
        if beside[0].id == self.stream.id:
            beside = []
        return set_reliance_within(
            self.stream, self.first, self.last, paused=self.paused, reason=self.reason, beside=beside,
            decision=self.decision,
        )  # fmt: skip

    def record(self, result: Envelope) -> Record:
        """Which leaves, what holds for them now, by which leaf, and why."""
        facts: JSONObject = {
            "stream": f"{self.stream.namespace}/{self.stream.name}",
            "origin": self.stream.origin,
            "from": self.first,
            "to": self.last,
            "leaf": result.index,
            "reason": self.reason.strip(),
        }
        event = OperationsEvent.RELIANCE_PAUSED if self.paused else OperationsEvent.RELIANCE_RESUMED
        return Record(event, str(self.stream.public_id), facts)


def set_reliance(
    stream: StreamView, first: int, last: int, *, paused: bool, reason: str, by: Principal, at: Moment
) -> Envelope:
    """Pause or resume; returns the leaf. Raises NotAllowed, RangeInvalid, ReasonRefused, RelianceUnchanged."""
    return SetReliance(stream=stream, first=first, last=last, paused=paused, reason=reason, by=by, at=at).run()
