"""`epoch.advance` and `epoch.irregular`: the forced epoch of every claim, signed natively by whoever executes.

Guarantees that an advance goes from n to n+1 and that every other step is irregular; that no way back is promised,
because claims frozen in an epoch stay there; and that the file is newer than the one in force.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from governance.change.core.native import NATIVE_FIELD, declared, fixed_form
from governance.change.core.policy import Direction
from governance.change.errors import EffectRefused
from governance.change.types.base import Applying
from governance.change.types.native_settings import made_members, signed_event, signer_label, trusting
from governance.change.types.nullspec import check_declared
from governance.change.types.targets import SLUG, OfTarget, broken, directory_of, event_step, readable, u64
from governance.evidenceos.core import preflight
from governance.evidenceos.core.directory import EPOCH_CONTROL
from governance.evidenceos.core.epoch import EpochControl
from governance.evidenceos.core.events import GovernanceEvent
from governance.evidenceos.core.faults import Fault
from governance.evidenceos.core.floats import U64_MAX
from governance.evidenceos.core.preflight import Check
from governance.evidenceos.core.steps import written
from governance.evidenceos.files.snapshot import Snapshot
from governance.evidenceos.models import Effective
from ledger.core.fields import Schema
from ledger.core.types import JSONObject

if TYPE_CHECKING:
    from governance.change.core.native import NativeMade
    from governance.change.types.native import NativeSigner


class _OfEpoch(OfTarget):
    """A kind that forces an epoch."""

    effective = Effective.RELOAD
    schema: Schema = {"target": SLUG, "to": u64, "native": NATIVE_FIELD}
    irregular = False

    def document(self, body: JSONObject) -> str:
        """One document per target."""
        return "epoch"

    def base(self, body: JSONObject, *, lock: bool) -> JSONObject:
        """The forced epoch."""
        forced = directory_of(body, lock=lock).directory.forced_epoch
        return {"forced_epoch": None if forced is None else str(forced)}

    def result(self, base: JSONObject, body: JSONObject) -> JSONObject:
        """The one of the body; raises EffectRefused where it is in force, or the step is of the other kind."""
        if base["forced_epoch"] == body["to"]:
            raise EffectRefused("This epoch is in force already", path="$.to")
        is_next = base["forced_epoch"] is not None and int(str(body["to"])) == int(str(base["forced_epoch"])) + 1
        if is_next is self.irregular:
            told = "epoch.advance" if is_next else "epoch.irregular"
            raise EffectRefused(
                "An advance goes to the next epoch, and nowhere else", why=f"from {base['forced_epoch']}",
                path="$.to", next_step=f"Propose {told}.",
            )  # fmt: skip
        control, event = _payloads(body, "", 0, whole=True)
        rows = [declared("epoch_control", "executor", control), declared("governance_event", "executor", event)]
        check_declared(body, rows)
        return {"forced_epoch": body["to"]}

    def direction(self, base: JSONObject, result: JSONObject) -> Direction:
        """Contracts lapse with it and may not come back."""
        return Direction.NEUTRAL

    def invalidates(self, base: JSONObject, body: JSONObject) -> list[str]:
        """Contracts that lapse or whose resolution hash breaks."""
        found, to = directory_of(body).directory, int(str(body["to"]))
        rows = [one for key, one in sorted(found.contracts.items()) if one.is_expired(to)]
        was = found.forced_epoch
        lapsed = [
            f"The contract {one.nullspec_id.hex()[:12]} for {one.oracle_id} on {one.holdout_handle} lapses: it holds "
            f"through epoch {one.last_epoch}."
            for one in rows[:200] if was is None or not one.is_expired(was)
        ]  # fmt: skip
        return [*lapsed, *broken(found, None, to), *super().invalidates(base, body)]

    def checks(self, found: Snapshot, body: JSONObject) -> list[Check]:
        """Its order, but for the time, which the executor fixes; and that the file in force can be read."""
        control, to = found.directory.epoch_control, int(str(body["to"]))
        before = 0 if control is None else control.updated_at_epoch or 0
        wanted = EpochControl(to, min(before + 1, U64_MAX))
        order = next(one for one in preflight.epoch(found.directory, wanted, irregular=self.irregular)
                     if one.name == "order")  # fmt: skip
        return [readable(found, EPOCH_CONTROL), trusting(found.directory), order]

    def payloads(self, base: JSONObject, body: JSONObject, *, signer: NativeSigner | None, at: int) -> list[bytes]:
        """The control's text and that of upstream's event; raises EffectRefused where the signer is not trusted."""
        del base
        label = "" if signer is None else signer_label(directory_of(body).directory, signer.public)
        return _payloads(body, label, at, whole=signer is not None)

    def check_native(
        self, base: JSONObject, body: JSONObject, made: Sequence[NativeMade], *, signer: NativeSigner, at: int
    ) -> None:
        """The control verifies, and is newer than the one in force."""
        del base, at
        found = directory_of(body, is_fresh=True)
        signer_label(found.directory, signer.public)
        self._checked(found, made[0])

    def apply(self, base: JSONObject, body: JSONObject, *, context: Applying) -> None:
        """Upstream's line, then the file."""
        made, told = context.native
        found, event = directory_of(body, is_fresh=True), signed_event(told)
        control = self._checked(found, made, event.event_id)
        steps = [
            event_step(found, event, context, "epoch"),
            written(found.files, EPOCH_CONTROL, control.to_bytes(), "epoch"),
        ]
        self.write(body, steps, context)

    def _checked(self, found: Snapshot, made: NativeMade, event_id: str | None = None) -> EpochControl:
        fields = made_members(made)
        control = EpochControl(
            cast("int", fields["forced_epoch"]), cast("int", fields["updated_at_epoch"]), str(fields["key_id"]),
            made.signature.hex(), event_id,
        )  # fmt: skip
        rows = preflight.epoch(found.directory, control, irregular=self.irregular)
        bad: list[Fault] = [fault for one in rows if one.outcome == "failed" for fault in one.faults]
        if bad:
            told = "; ".join(f"{one.code}: {one.message}" for one in bad)
            raise EffectRefused("The epoch does not hold", why=told[:500], path="$.to")
        return control


class EpochAdvance(_OfEpoch):
    """To the next epoch. There is no way back."""

    name = "epoch.advance"
    words = "Advance the epoch"


class EpochIrregular(_OfEpoch):
    """The first forced epoch, a step over several, or one back, which the daemon takes without a word."""

    name = "epoch.irregular"
    words = "Force an epoch out of turn"
    irregular = True


def _payloads(body: JSONObject, label: str, at: int, *, whole: bool) -> list[bytes]:
    to = int(str(body["to"]))
    control = EpochControl(to, at, label).payload()
    event = GovernanceEvent("epoch_advanced", at, label, {"to": to}).message()
    rows = [("epoch_control", control), ("governance_event", event)]
    return [data if whole else fixed_form(kind, data) for kind, data in rows]
