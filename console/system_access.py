"""The logs of the system ledger, and for whom each opens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from governance.identity.core.roles import Capability, Role

if TYPE_CHECKING:
    from governance.identity.core.principal import Principal

LOGS = {"events": ("_system", "events"), "changes": ("_governance", "changes")}
TITLES = {"events": "What happened to the platform", "changes": "Who changed what"}


def reads_log(principal: Principal, of: str) -> bool:
    """Readers of the platform's namespaces read it, and who runs the platform does (decision: it is metadata)."""
    namespace, _ = LOGS[of]
    return principal.knows(namespace) and (
        principal.may(Capability.READ, namespace) or Role.PLATFORM_OPERATOR in principal.roles
    )
