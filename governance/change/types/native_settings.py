"""What the kinds share whose executor signs natively: under which label a target trusts them, and what they signed."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from governance.change.errors import EffectRefused
from governance.evidenceos.core.directory import TRUSTED_KEYS, Directory
from governance.evidenceos.core.events import GovernanceEvent
from governance.evidenceos.core.faults import Fault
from governance.evidenceos.core.jsons import parse
from governance.evidenceos.core.preflight import Check
from ledger.core.types import JSONObject

if TYPE_CHECKING:
    from governance.change.core.native import NativeMade


def signer_label(found: Directory, public: bytes) -> str:
    """The label under which the target trusts a key; raises EffectRefused where it does not."""
    label = next((name for name, key in sorted(found.trusted.items()) if key == public), None)
    if label is None:
        raise EffectRefused(
            "The target does not trust this native key", why=public.hex(), path="$.target",
            next_step="Have somebody execute whose key is trusted, or add this one by oracle_keys.set.",
        )  # fmt: skip
    return label


def trusting(found: Directory) -> Check:
    """Whether there is anybody whose native signature the daemon would take."""
    nobody = Fault("oracle_key_unknown", TRUSTED_KEYS, "no key is trusted")
    return Check("trusted", () if found.trusted else (nobody,))


def made_members(made: NativeMade) -> JSONObject:
    """What was signed, from its own text; 64-bit numbers as they are."""
    return cast("JSONObject", parse(made.payload))


def signed_event(made: NativeMade) -> GovernanceEvent:
    """Upstream's event as it was signed, with its id."""
    fields = made_members(made)
    event = GovernanceEvent(
        str(fields["event_type"]), cast("int", fields["epoch"]), str(fields["key_id"]), fields["payload"],
        signature_hex=made.signature.hex(),
    )  # fmt: skip
    return GovernanceEvent(
        event.event_type, event.epoch, event.key_id, event.payload, event.computed_id(), event.signature_hex
    )  # fmt: skip
