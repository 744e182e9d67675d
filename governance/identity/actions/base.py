"""One mutation = one class: `check()`, `execute()`, and its record in `_governance/changes`, in one
transaction.

Guarantees that a mutation without its event, or an event without its mutation, cannot be committed; and that once
the deployment is founded, what a change type governs is refused unless an executed change is named.
"""

from __future__ import annotations

import abc
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Generic, TypeVar

from django.db import connection, transaction

from governance.identity.core.principal import Principal, PrincipalKind
from governance.identity.core.roles import Capability, Role
from governance.identity.errors import NotAllowed
from governance.identity.moment import Moment
from governance.identity.selectors.founding import need_decision
from ledger.core.canonical import canonical
from ledger.core.event import RawEvent
from ledger.core.types import JSONObject
from ledger.services.append import append_within

GOVERNANCE = ("_governance", "changes")
SOURCE = "urn:countersign:governance:identity"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Record:
    """What is written down of a mutation: which one, on whom (a public id), and the facts."""

    event: StrEnum
    subject: str
    facts: JSONObject


@dataclass(frozen=True, kw_only=True)
class Action(abc.ABC, Generic[T]):
    """A mutation that `by` wants at the moment `at`; `source` is the part of governance that records it.

    `governed_by` names the change type that alone may do it after the founding; `decision` is the public id of the
    change that is carried out in the same transaction. The engine that hands it over has checked it, and it stands for
    the rights of `by`.
    """

    source: ClassVar[str] = SOURCE
    governed_by: ClassVar[str | None] = None

    by: Principal
    at: Moment
    decision: str | None = None

    @abc.abstractmethod
    def check(self) -> None:
        """Raise the refusal that applies, before anything is written."""

    @abc.abstractmethod
    def execute(self) -> T:
        """Write the rows."""

    @abc.abstractmethod
    def record(self, result: T) -> Record:
        """Say what happened; no secrets, no personal data."""

    def settle(self, result: T, index: int) -> T:  # noqa: ARG002  (for actions that keep their place in the record)
        """What is left to do once the record has its `index` in `_governance/changes`."""
        return result

    def run(self) -> T:
        """Check, write and record, all or nothing; raises DecisionNeeded and whatever `check` raises."""
        with transaction.atomic():
            need_decision(self.governed_by, self.decision)
            self.check()
            result = self.execute()
            return self.settle(result, self._append(self.record(result)))

    def _append(self, record: Record) -> int:
        decided = {} if self.decision is None else {"decision": self.decision}
        event = RawEvent(
            type=record.event.value,
            id=str(self.at.new_id()),
            source=self.source,
            subject=record.subject,
            payload=canonical({"actor": self.by.actor, **decided, **record.facts}),
        )
        with connection.cursor() as cursor:
            return append_within(cursor, *GOVERNANCE, [event], actor=self.by.actor)[0].index

    def require_platform(self) -> None:
        """Only somebody at the server, a platform operator in a verified session, or an executed change may do this."""
        if self.by.kind is PrincipalKind.MACHINE or self.decision is not None:
            return
        if Role.PLATFORM_OPERATOR not in self.by.roles or not self.by.in_session:
            raise NotAllowed("This takes the role platform operator", why="The platform is run by its operators.")

    def require_manage(self, namespace: str) -> None:
        """Only an administrator of the namespace's tenant, or somebody at the server, may do this."""
        if not self.by.may(Capability.MANAGE, namespace):
            raise NotAllowed("This takes the role tenant admin", why=f"Keys of {namespace} are its tenant's business.")
