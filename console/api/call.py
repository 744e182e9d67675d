"""What an operation is told about the call it answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from django.http import HttpRequest

from console.api.admission import Admission
from console.api.problems import ProblemError
from governance.identity.core.principal import Principal, PrincipalKind
from governance.identity.core.roles import Capability

MAX_NAME = 64
_SCOPE = {Capability.APPEND: "append", Capability.READ: "read", Capability.EXPORT: "read"}


@dataclass(slots=True)
class Call:
    """One request: who asks, when, and under which id it is found in the logs and in the system ledger."""

    request: HttpRequest
    request_id: str
    route: str
    now: datetime
    principal: Principal | None = None
    admission: Admission | None = None
    asked: dict[str, str] = field(default_factory=dict)

    def asks(self, **names: object) -> None:
        """Remember what was asked for: it is recorded with a denial, cut to what a name may have."""
        self.asked |= {name: str(value)[:MAX_NAME] for name, value in names.items()}

    @property
    def who(self) -> Principal:
        """The principal of an operation that is not public."""
        if self.principal is None:
            raise ProblemError("credentials_missing")
        return self.principal

    def require(self, capability: Capability, namespace: str) -> None:
        """Raise not_found for a namespace that is not the caller's, else what lacks for the capability."""
        self.asks(namespace=namespace)
        if not self.who.knows(namespace):
            raise not_found(denial="namespace_hidden")
        if self.who.may(capability, namespace):
            return
        raise self._lacking(capability, namespace)

    def _lacking(self, capability: Capability, namespace: str) -> ProblemError:
        if capability in {Capability.APPEND, Capability.MANAGE} and namespace in self.who.suspended:
            return ProblemError("tenant_suspended", f"The tenant of {namespace} is suspended: read and export only.")
        if self.who.kind is PrincipalKind.SYSTEM_KEY:
            scope = _SCOPE.get(capability, "read")
            return ProblemError("scope_missing", f"This takes a key with the scope {scope}.")
        if not self.who.in_session and capability in {Capability.APPEND, Capability.MANAGE}:
            return ProblemError("token_cannot_write", "A personal token reads and drafts; it never writes.")
        return ProblemError("role_missing", f"None of your roles in {namespace} includes: {capability.value}.")


def not_found(denial: str = "") -> ProblemError:
    """One answer for what is not there and for what is somebody else's."""
    return ProblemError("not_found", "There is nothing at this address for these credentials.", denial=denial)
