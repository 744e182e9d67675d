"""The governance event log: one compact line for each event, in struct order, read line by line.

Guarantees that a bad line is told and set aside, where upstream refuses the whole log; that names beside the six known
ones are kept as they stand; and that a signature counts only where it signs the event: installs, activations and
resets carry one that was copied from elsewhere. Rule: reference, section 2.2.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from governance.evidenceos.core.digests import is_signed
from governance.evidenceos.core.faults import Fault
from governance.evidenceos.core.fields import Fields, hex_of
from governance.evidenceos.core.jsons import canonical, compact, parse
from governance.evidenceos.errors import EvidenceOSRefused, FieldMalformed

if TYPE_CHECKING:
    from ledger.core.types import JSON, JSONObject

SIGNED_TYPES: Final = frozenset({"oracle_ttl_set", "oracle_calibration_rotated", "epoch_advanced"})
NULLSPEC_TYPES: Final = frozenset({"nullspec_install", "nullspec_activate"})
CANARY_RESET: Final = "canary_reset"


@dataclass(frozen=True, slots=True)
class GovernanceEvent:
    """One event; `epoch` is unix seconds, a logical epoch or 0, by its type. `extra` is what upstream ignores."""

    event_type: str
    epoch: int
    key_id: str
    payload: JSON
    event_id: str = ""
    signature_hex: str = ""
    extra: JSONObject = field(default_factory=dict)

    def message(self) -> bytes:
        """The canonical bytes that are signed as they are."""
        return canonical(
            {"event_type": self.event_type, "epoch": self.epoch, "key_id": self.key_id, "payload": self.payload}
        )

    def computed_id(self) -> str:
        """Hex SHA-256 of the message: the id of a signed event."""
        return sha256(self.message()).hexdigest()

    def to_line(self) -> bytes:
        """The line of the log with its newline; the payload sorted, the rest in struct order."""
        members: JSONObject = {
            "event_id": self.event_id,
            "event_type": self.event_type,
            "epoch": self.epoch,
            "key_id": self.key_id,
            "payload": parse(canonical(self.payload)),
            "signature_ed25519": self.signature_hex,
        }
        return compact({**members, **self.extra}) + b"\n"


def nullspec_event_id(nullspec_id: bytes) -> str:
    """Return the id of an install or activation: of both the same, and again the same for every later one."""
    return sha256(nullspec_id).hexdigest()


def read_event(line: bytes) -> GovernanceEvent:
    """Return the event of one line; raises as the other readers do. Fields beside the known ones are kept."""
    fields = Fields.of(line)
    return GovernanceEvent(
        event_id=fields.text("event_id"),
        event_type=fields.text("event_type"),
        epoch=fields.unsigned("epoch"),
        key_id=fields.text("key_id"),
        payload=fields.take("payload"),
        signature_hex=fields.text("signature_ed25519"),
        extra=fields.rest(),
    )


def read_log(data: bytes) -> tuple[dict[int, GovernanceEvent], dict[int, EvidenceOSRefused]]:
    """Return the events of a log by the number of their line, from 1, and the refusals of the lines that are none.

    Blank lines are skipped. A last line without its newline is read too: `is_torn` tells.
    """
    events, refused = dict[int, GovernanceEvent](), dict[int, EvidenceOSRefused]()
    for number, line in enumerate(data.split(b"\n"), start=1):
        if line.strip():
            try:
                events[number] = read_event(line)
            except EvidenceOSRefused as error:
                refused[number] = error
    return events, refused


def is_torn(data: bytes) -> bool:
    """Whether the last line has no newline: the next event would be written behind it, and both be lost to upstream."""
    return bool(data) and not data.endswith(b"\n")


def event_faults(event: GovernanceEvent, trusted: Mapping[str, bytes]) -> Iterator[Fault]:
    """Key, signature and id of an event of a signed type; nothing for the others, which prove nothing."""
    if event.event_type not in SIGNED_TYPES:
        return
    public = trusted.get(event.key_id)
    if public is None:
        yield Fault("event_key_unknown", "$.key_id", f"{event.key_id!a} is not among {len(trusted)} trusted keys")
    elif not is_signed(public, event.message(), _signature(event)):
        yield Fault(
            "event_signature_wrong", "$.signature_ed25519", f"the signature with the event under {event.key_id!a}"
        )
    if event.event_id != event.computed_id():
        yield Fault("event_id_mismatch", "$.event_id", f"{event.event_id[:64]!a} with {event.computed_id()}")


def _signature(event: GovernanceEvent) -> bytes:
    try:
        return hex_of(event.signature_hex.lower(), "$")
    except FieldMalformed:
        return b""
