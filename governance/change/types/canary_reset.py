"""`canary.reset`: a frozen canary begins anew, under an open incident alone.

Guarantees that of the daemon's state nothing else changes by a byte, and that it is written only while no daemon holds
the directory: a running one would write over it at its next step.
"""

from __future__ import annotations

from hashlib import sha256

from django.db.models import Q

from governance.change.core.policy import Direction
from governance.change.errors import EffectRefused
from governance.change.models import Incident
from governance.change.types.base import Applying
from governance.change.types.checks import uuid_text
from governance.change.types.targets import NAME, SLUG, OfTarget, directory_of, event_step
from governance.evidenceos.core import preflight
from governance.evidenceos.core.canary import Canary, stream_key
from governance.evidenceos.core.directory import STATE
from governance.evidenceos.core.events import CANARY_RESET, GovernanceEvent
from governance.evidenceos.core.faults import Fault
from governance.evidenceos.core.floats import serde_float
from governance.evidenceos.core.jsons import canonical
from governance.evidenceos.core.preflight import Check
from governance.evidenceos.core.splice import with_canary
from governance.evidenceos.core.steps import written
from governance.evidenceos.files.snapshot import Snapshot
from governance.evidenceos.models import Effective
from governance.evidenceos.selectors.targets import any_target
from ledger.core.fields import Schema
from ledger.core.types import JSONObject

SIGNER = "countersign"
"""Stands where upstream copies a key and a signature: these events are not signed."""


class CanaryReset(OfTarget):
    """The e-value goes back to 1; config and barrier stay. There is no way back: what it had learned is gone."""

    name = "canary.reset"
    words = "Reset a canary"
    effective = Effective.STOPPED
    schema: Schema = {"target": SLUG, "claim_name": NAME, "holdout": NAME, "incident": uuid_text}

    def document(self, body: JSONObject) -> str:
        """One document per stream."""
        return f"canaries/{_key(body)}"

    def base(self, body: JSONObject, *, lock: bool) -> JSONObject:
        """Its state; raises EffectRefused where there is no such stream."""
        return _stated(_canary(directory_of(body, lock=lock), body))

    def result(self, base: JSONObject, body: JSONObject) -> JSONObject:
        """Begun anew; raises EffectRefused where it is."""
        after: JSONObject = {**base, "e_drift": "1.0", "last_epoch_checked": "0", "frozen": False, "total": "0"}
        if after == base:
            raise EffectRefused("The canary is as new already", path="$.claim_name")
        return after

    def direction(self, base: JSONObject, result: JSONObject) -> Direction:
        """It lets claims through again."""
        return Direction.LOOSENS

    def invalidates(self, base: JSONObject, body: JSONObject) -> list[str]:
        """What it had learned."""
        gone = f"What the canary learned of {base['total']} executions is gone; its e-value was {base['e_drift']}."
        return [gone, *super().invalidates(base, body)]

    def checks(self, found: Snapshot, body: JSONObject) -> list[Check]:
        """The stream, the directory unlocked, and an open incident of the platform or of whose directory it is."""
        owner = any_target(str(body["target"])).tenant
        rows = Incident.objects.filter(Q(tenant=None) | Q(tenant=owner), public_id=str(body["incident"]), closed=None)
        missing = Fault("canary_incident_missing", "$.incident", f"there is no open incident {body['incident']}")
        return [
            *preflight.canary_reset(found.directory, _key(body)),
            Check("incident", () if rows.exists() else (missing,)),
        ]  # fmt: skip

    def apply(self, base: JSONObject, body: JSONObject, *, context: Applying) -> None:
        """Upstream's line, then the one value in the daemon's state."""
        found = directory_of(body, is_fresh=True)
        after = with_canary(found.files[STATE], _key(body), _canary(found, body).reset())
        line = event_step(found, _event(body, context), context, _key(body))
        self.write(body, [line, written(found.files, STATE, after, _key(body))], context)


def _key(body: JSONObject) -> str:
    return stream_key(str(body["claim_name"]), str(body["holdout"]))


def _canary(found: Snapshot, body: JSONObject) -> Canary:
    canary = found.directory.canaries.get(_key(body))
    if canary is None:
        raise EffectRefused("There is no such canary", why=_key(body)[:120], path="$.claim_name")
    return canary


def _stated(canary: Canary) -> JSONObject:
    """What people read of a canary; doubles and 64-bit numbers as text."""
    return {
        "e_drift": serde_float(canary.e_drift), "barrier": serde_float(canary.barrier),
        "last_epoch_checked": str(canary.last_epoch_checked), "frozen": canary.drift_frozen,
        "total": str(canary.total),
    }  # fmt: skip


def _event(body: JSONObject, context: Applying) -> GovernanceEvent:
    """As evidenceosctl writes it: its id is the digest of the document that asked for it, here of the decision."""
    payload: JSONObject = {"claim_name": body["claim_name"], "holdout": body["holdout"]}
    asked: JSONObject = {"change": context.decision, "event_type": CANARY_RESET, "payload": payload}
    return GovernanceEvent(CANARY_RESET, 0, SIGNER, payload, sha256(canonical(asked)).hexdigest(), "")
