"""What a person can say about a change, one DSSE payload type for each.

Guarantees that a signature for one verb never verifies as another: the type is inside the signed bytes (PAE,
DSSE 1.0.2), and no two verbs share one. Follows the governance reference, signing payload.
"""

from __future__ import annotations

from enum import StrEnum


class Verb(StrEnum):
    """One word of a person with a key."""

    SUBMIT = "submit"
    APPROVE = "approve"
    REJECT = "reject"
    REVOKE_APPROVAL = "revoke-approval"
    VETO = "veto"
    EXECUTE = "execute"
    REVERT = "revert"
    ENROL_KEY = "enrol-key"
    ROTATE_KEY = "rotate-key"
    REVOKE_KEY = "revoke-key"
    FREEZE = "freeze"
    THAW = "thaw"
    EMERGENCY = "emergency"
    ACKNOWLEDGE_EMERGENCY = "ack-emergency"
    FOUND = "found"

    @property
    def payload_type(self) -> str:
        """The DSSE payload type under which statements with this verb are signed."""
        return f"application/vnd.countersign.gov.{self.value}.v1+json"


def verb_of(payload_type: str) -> Verb | None:
    """The verb of a payload type, or None for any other type."""
    return _BY_TYPE.get(payload_type)


_BY_TYPE = {verb.payload_type: verb for verb in Verb}
