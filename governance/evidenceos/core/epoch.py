"""Epoch control: the forced epoch that replaces the logical epoch of every claim, signed by an operator's key.

Guarantees the signed digest of the daemon, which covers neither `event_id` nor any order: an older signed file is
accepted by it as well. `advance_faults` is where we ask for more. Rule: reference, section 2.3.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from governance.evidenceos.core.digests import Domain, digest_in, is_signed
from governance.evidenceos.core.faults import Fault
from governance.evidenceos.core.fields import Fields, hex_of
from governance.evidenceos.core.jsons import canonical, pretty
from governance.evidenceos.errors import FieldMalformed


@dataclass(frozen=True, slots=True)
class EpochControl:
    """A forced epoch, or none; `updated_at_epoch` is in unix seconds."""

    forced_epoch: int | None
    updated_at_epoch: int | None = None
    key_id: str | None = None
    signature_hex: str | None = None
    event_id: str | None = None

    def payload(self) -> bytes:
        """The canonical JSON whose digest is signed."""
        return canonical(
            {"forced_epoch": self.forced_epoch, "key_id": self.key_id, "updated_at_epoch": self.updated_at_epoch}
        )

    def signed_digest(self) -> bytes:
        """The 32 bytes that are signed."""
        return digest_in(Domain.EPOCH_CONTROL, self.payload())

    def to_bytes(self) -> bytes:
        """The file: pretty, names in order, `event_id` only where there is one."""
        members = {
            "event_id": self.event_id,
            "forced_epoch": self.forced_epoch,
            "key_id": self.key_id,
            "signature_ed25519": self.signature_hex,
            "updated_at_epoch": self.updated_at_epoch,
        }
        return pretty({name: value for name, value in members.items() if value is not None}).encode("utf-8")


def read_epoch_control(data: bytes) -> EpochControl:
    """Return the contents of epoch_control.json; raises as the other readers do."""
    fields = Fields.of(data)
    control = EpochControl(
        forced_epoch=fields.maybe_unsigned("forced_epoch"),
        updated_at_epoch=fields.maybe_unsigned("updated_at_epoch"),
        key_id=fields.maybe_text("key_id"),
        signature_hex=fields.maybe_text("signature_ed25519"),
        event_id=fields.maybe_text("event_id"),
    )
    fields.close()
    return control


def control_faults(control: EpochControl, trusted: Mapping[str, bytes]) -> Iterator[Fault]:
    """Fields, key and signature; nothing where no epoch is forced, as the daemon looks no further then."""
    if control.forced_epoch is None:
        return
    asked = {"updated_at_epoch": control.updated_at_epoch, "key_id": control.key_id}
    asked["signature_ed25519"] = control.signature_hex
    missing = [name for name, value in asked.items() if value is None]
    yield from (Fault("epoch_unsigned", f"$.{name}", "a forced epoch has to have it") for name in missing)
    public = trusted.get(control.key_id or "")
    if public is None:
        yield Fault("epoch_key_unknown", "$.key_id", f"{control.key_id!a} is not among {len(trusted)} trusted keys")
    elif not missing and not is_signed(public, control.signed_digest(), _signature(control)):
        yield Fault(
            "epoch_signature_wrong", "$.signature_ed25519", f"the signature with the digest under {control.key_id!a}"
        )


def advance_faults(before: EpochControl | None, after: EpochControl) -> Iterator[Fault]:
    """The new epoch and time with those in force: the daemon itself would go back without a word."""
    if before is None or before.forced_epoch is None:
        return
    if after.forced_epoch is None or after.forced_epoch <= before.forced_epoch:
        yield Fault("epoch_backwards", "$.forced_epoch", f"{after.forced_epoch} with {before.forced_epoch} in force")
    if (after.updated_at_epoch or 0) <= (before.updated_at_epoch or 0):
        told = f"{after.updated_at_epoch} with {before.updated_at_epoch} in force"
        yield Fault("record_not_newer", "$.updated_at_epoch", told)


def _signature(control: EpochControl) -> bytes:
    try:
        return hex_of((control.signature_hex or "").lower(), "$")
    except FieldMalformed:
        return b""
