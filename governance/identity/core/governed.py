"""Kinds of change that identity leaves to the governance engine once a deployment is founded.

Guarantees that an action and the change type that carries it out name the same thing: both take it from here.
"""

from __future__ import annotations

from typing import Final

ROLE_GRANT: Final = "role.grant"
ROLE_REVOKE: Final = "role.revoke"
KEY_ENROL: Final = "key.enrol"
KEY_ROTATE: Final = "key.rotate"
KEY_REVOKE: Final = "key.revoke"
POLICY_CHANGE: Final = "policy.change"
PERSON_UNIT: Final = "person.unit"
TENANT_STATE: Final = "tenant.state"
