"""The governance event log against the settings that are in force: each event, and each setting without one.

Guarantees that an event of a contract is held against the contract itself, since its signature is only a copy.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from governance.evidenceos.core.directory import ACTIVE_MAP, EPOCH_CONTROL, EVENT_LOG, OPERATOR_CONFIG, Directory
from governance.evidenceos.core.events import (
    CANARY_RESET,
    NULLSPEC_TYPES,
    SIGNED_TYPES,
    GovernanceEvent,
    event_faults,
    nullspec_event_id,
)
from governance.evidenceos.core.faults import Fault
from governance.evidenceos.core.nullspec import Contract

_ABOUT: Final = {
    "nullspec_activate": ("nullspec_id",),
    "oracle_ttl_set": ("oracle_id", "ttl_epochs"),
    "epoch_advanced": ("to",),
}
_KNOWN: Final = SIGNED_TYPES | NULLSPEC_TYPES | {CANARY_RESET}


def log_faults(found: Directory) -> Iterator[tuple[str, Fault]]:
    """Yield what is wrong with each event and, at the settings' own files, which of them have no event."""
    seen = set[str]()
    for number, event in found.events.items():
        for fault in _one(found, event, seen):
            yield EVENT_LOG, fault.inside(f"line {number}")
        seen.add(event.event_id)
    yield from _missing(found)


def _one(found: Directory, event: GovernanceEvent, seen: set[str]) -> Iterator[Fault]:
    yield from event_faults(event, found.trusted)
    if event.event_id in seen:
        yield Fault("event_id_repeated", "$.event_id", f"{event.event_id[:64]!a} stands in an earlier line")
    if event.event_type not in _KNOWN:
        yield Fault("event_type_unknown", "$.event_type", f"{event.event_type[:64]!a}")
    elif event.event_type not in SIGNED_TYPES:
        yield Fault("event_unsigned", "$.signature_ed25519", f"events of type {event.event_type} are not signed")
    if event.event_type in NULLSPEC_TYPES:
        yield from _of_contract(found, event)


def _of_contract(found: Directory, event: GovernanceEvent) -> Iterator[Fault]:
    payload = event.payload if isinstance(event.payload, dict) else {}
    contract = next((one for key, one in found.contracts.items() if key.hex() == payload.get("nullspec_id")), None)
    if contract is None:
        yield Fault(
            "nullspec_missing", "$.payload.nullspec_id", f"{ascii(payload.get('nullspec_id'))[:80]} is not in the store"
        )
    elif not _repeats(event, contract):
        told = "id, payload, epoch, key and signature with the contract"
        yield Fault("event_contract_mismatch", "$", told)


def _repeats(event: GovernanceEvent, contract: Contract) -> bool:
    wanted = {
        "nullspec_id": contract.nullspec_id.hex(),
        "oracle_id": contract.oracle_id,
        "resolution_hash": contract.oracle_resolution_hash.hex(),
    }
    if event.event_type == "nullspec_activate":
        wanted["holdout"] = contract.holdout_handle
    copied = (event.epoch, event.key_id, event.signature_hex.lower())
    return (
        event.payload == wanted
        and copied == (contract.epoch_created, contract.created_by, contract.signature.hex())
        and event.event_id == nullspec_event_id(contract.nullspec_id)
    )


def _missing(found: Directory) -> Iterator[tuple[str, Fault]]:
    told = {_subject(one) for one in found.events.values()}
    for place, row in enumerate(found.active.mappings):
        if ("nullspec_activate", repr(row.nullspec_id.hex())) not in told:
            yield ACTIVE_MAP, Fault("event_missing", f"$.mappings[{place}]", "there is no event of this activation")
    for oracle_id, record in found.records.items():
        if ("oracle_ttl_set", repr(oracle_id), repr(record.ttl_epochs)) not in told:
            missing = Fault("event_missing", f"oracle {oracle_id!a}", f"no event sets the TTL {record.ttl_epochs}")
            yield OPERATOR_CONFIG, missing
    forced = found.forced_epoch
    if forced is not None and ("epoch_advanced", repr(forced)) not in told:
        yield EPOCH_CONTROL, Fault("event_missing", "$.forced_epoch", f"no event advances to {forced}")


def _subject(event: GovernanceEvent) -> tuple[str, ...]:
    """The type of an event, and in its payload the members that say what it is about."""
    payload = event.payload if isinstance(event.payload, dict) else {}
    return event.event_type, *(repr(payload.get(name)) for name in _ABOUT.get(event.event_type, ()))
