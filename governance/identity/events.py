"""The events that identity writes into `_governance/changes`, named `source:subject:action`.

Guarantees that there is no mutation of identity without one of these names, and that none of them carries a
secret, an e-mail address or a name of a person: subjects are public ids.
"""

from __future__ import annotations

from enum import StrEnum


class IdentityEvent(StrEnum):
    """Every name there is."""

    TENANT_CREATED = "identity:tenant:created"
    TENANT_STATE_CHANGED = "identity:tenant:state_changed"
    NAMESPACE_CREATED = "identity:namespace:created"
    PERSON_CREATED = "identity:person:created"
    PERSON_UNIT_SET = "identity:person:unit_set"
    PERSON_DEACTIVATED = "identity:person:deactivated"
    SESSIONS_ENDED = "identity:person:sessions_ended"
    MEMBERSHIP_GRANTED = "identity:membership:granted"
    MEMBERSHIP_REVOKED = "identity:membership:revoked"
    SYSTEM_KEY_CREATED = "identity:system_key:created"
    SYSTEM_KEY_ROTATED = "identity:system_key:rotated"
    SYSTEM_KEY_DISABLED = "identity:system_key:disabled"
    PERSONAL_TOKEN_CREATED = "identity:personal_token:created"  # noqa: S105 - the name of an event
    PERSONAL_TOKEN_REVOKED = "identity:personal_token:revoked"  # noqa: S105 - the name of an event
    FACTOR_ENROLLED = "identity:factor:enrolled"
    RECOVERY_CODES_CREATED = "identity:recovery_codes:created"
    FACTOR_REMOVED = "identity:factor:removed"
    PERSON_KEY_REGISTERED = "identity:person_key:registered"
    PERSON_KEY_ACTIVATED = "identity:person_key:activated"
    PERSON_KEY_REVOKED = "identity:person_key:revoked"
    GROUP_CREATED = "identity:group:created"
    GROUP_MEMBER_ADDED = "identity:group:member_added"
    GROUP_MEMBER_REMOVED = "identity:group:member_removed"
    TICKET_CREATED = "identity:ticket:created"
    TICKET_USED = "identity:ticket:used"
    TICKET_WITHDRAWN = "identity:ticket:withdrawn"
    RECOVERY_CODE_USED = "identity:recovery_codes:used"
    SESSION_REVOKED = "identity:session:revoked"
