"""What is checked before a change of EvidenceOS is signed: every check by its name, with its reason.

Guarantees that a check that could not be carried out never counts as passed. Rule: reference, section 8.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from governance.evidenceos.core.active_map import Mapping as Row
from governance.evidenceos.core.codes import code_of
from governance.evidenceos.core.directory import (
    ACTIVE_MAP,
    EPOCH_CONTROL,
    OPERATOR_CONFIG,
    TRUSTED_KEYS,
    Directory,
)
from governance.evidenceos.core.epoch import EpochControl, advance_faults, control_faults
from governance.evidenceos.core.faults import Fault, fault_of
from governance.evidenceos.core.importing import row_faults
from governance.evidenceos.core.keys import check_name
from governance.evidenceos.core.nullspec import Contract
from governance.evidenceos.core.nullspec_checks import (
    expiry_faults,
    number_faults,
    reading_faults,
    signature_faults,
)
from governance.evidenceos.core.operator import OperatorRecord, record_faults, time_faults
from governance.evidenceos.core.registry import entry_faults
from governance.evidenceos.core.resolution import Resolution
from governance.evidenceos.core.tree_head import TreeHead, head_faults
from governance.evidenceos.errors import NameUnsafe
from ledger.core.codes_row import Effect

UNSIGNED: Final = frozenset({
    "oracle_key_unknown", "oracle_signature_wrong", "epoch_unsigned", "epoch_key_unknown", "epoch_signature_wrong",
})  # fmt: skip
"""What makes the daemon refuse a file of settings and keep what it had."""
_SETTINGS: Final = frozenset({TRUSTED_KEYS, OPERATOR_CONFIG, EPOCH_CONTROL})
_REGISTRY: Final = ("nullspec-registry/", "trusted-nullspec-keys/")
_UNREADABLE: Final = ("evidenceos_", "key_file_duplicate", "file_unreadable")


@dataclass(frozen=True, slots=True)
class Check:
    """One check: its name, and what it found."""

    name: str
    faults: tuple[Fault, ...] = ()

    @property
    def outcome(self) -> str:
        """`failed`, `not_evaluated`, or `passed`, with notes or without."""
        effects = {code_of(fault.code).effect for fault in self.faults}
        if Effect.REJECTED in effects:
            return "failed"
        return "not_evaluated" if Effect.INCOMPLETE in effects else "passed"


@dataclass(frozen=True, slots=True)
class Expected:
    """What a contract is to be held against: the resolution of the next claim, and the logical epoch of now."""

    resolution: Resolution | None = None
    epoch: int | None = None


def may(checks: Iterable[Check]) -> bool:
    """Tell whether nothing failed and nothing was left unchecked."""
    return all(check.outcome == "passed" for check in checks)


def install(found: Directory, contract: Contract, expected: Expected) -> list[Check]:
    """Checks of a contract that is to be written into the store and the registry."""
    return [
        Check("name", tuple(_name(contract))),
        Check("signature", tuple(signature_faults(contract, found.keyring))),
        Check("numbers", tuple(number_faults(contract))),
        Check("reading", tuple(reading_faults(contract))),
        Check("expiry", tuple(_expiry(found, contract, expected))),
        Check("calibration", tuple(_calibration(found, contract))),
        Check("resolution", tuple(_resolution(contract, expected))),
        Check("settings", tuple(_settings(found))),
    ]


def activate(found: Directory, row: Row, expected: Expected, *, production: bool = True) -> list[Check]:
    """Checks of a row that is to enter the active map; in production the contract has to be in the registry."""
    contract = found.contracts.get(row.nullspec_id)
    checks = [Check("mapping", tuple(row_faults(found, row)))]
    if contract is None:
        return checks
    if production:
        checks.append(Check("registry", tuple(_registered(found, contract))))
    return [*checks, *install(found, contract, expected)]


def retire(found: Directory, oracle_id: str, holdout_handle: str) -> list[Check]:
    """Checks of a pair that is to leave the active map."""
    told = f"{oracle_id!a} and {holdout_handle!a} have no contract"
    is_there = found.active.active(oracle_id, holdout_handle) is not None
    return [Check("mapping", () if is_there else (Fault("nullspec_missing", ACTIVE_MAP, told),))]


def operator_record(found: Directory, oracle_id: str, record: OperatorRecord, now: int) -> list[Check]:
    """Checks of a record that is to replace an oracle's, or to be its first."""
    return [
        Check("record", tuple(record_faults(oracle_id, record, found.trusted))),
        Check("time", tuple(time_faults(record, now))),
        Check("newer", tuple(_newer(found.records.get(oracle_id), record))),
        Check("others", tuple(_others(found, oracle_id, found.trusted))),
    ]


def epoch(found: Directory, control: EpochControl, *, irregular: bool = False) -> list[Check]:
    """Checks of a forced epoch; an irregular one may go back, and has to be newer all the same."""
    order = [
        one for one in advance_faults(found.epoch_control, control) if not irregular or one.code == "record_not_newer"
    ]
    return [Check("signature", tuple(control_faults(control, found.trusted))), Check("order", tuple(order))]


def trusted_keys(found: Directory, keys: Mapping[str, bytes]) -> list[Check]:
    """Checks of a set of keys that is to replace the trusted ones: what is in force has to verify under it."""
    control = found.epoch_control
    faults = () if control is None else tuple(control_faults(control, keys))
    return [Check("others", tuple(_others(found, "", keys))), Check("epoch", faults)]


def canary_reset(found: Directory, key: str) -> list[Check]:
    """Checks of a reset: the stream exists, and no daemon would write over it."""
    missing = Fault("canary_missing", "$.canary_states", f"there is no stream {key!a}")
    locked = Fault("daemon_running", "kernel.lock", "the directory is locked")
    return [
        Check("stream", () if key in found.canaries else (missing,)),
        Check("stopped", (locked,) if found.is_locked else ()),
    ]


def log_key(public: bytes, key_id: bytes, head: TreeHead | None) -> list[Check]:
    """Checks of a rotated key of the log: done once a new tree head names it and verifies."""
    if head is None:
        return [Check("head", (Fault("tree_head_missing", "$", "no tree head of the new key was seen"),))]
    return [Check("head", tuple(head_faults(head, {key_id: public})))]


def unread(found: Directory, *places: str) -> Iterator[Fault]:
    """What could not be read of the files whose paths begin so: whoever writes such a file anew would lose it."""
    for row in found.files:
        if row.path.startswith(places):
            yield from (one.inside(row.path) for one in row.faults if one.code.startswith(_UNREADABLE))


def _name(contract: Contract) -> Iterator[Fault]:
    try:
        check_name(contract.oracle_id, "$.oracle_id")
    except NameUnsafe as error:
        yield fault_of(error)


def _expiry(found: Directory, contract: Contract, expected: Expected) -> Iterator[Fault]:
    now = found.forced_epoch if expected.epoch is None else expected.epoch
    if now is None:
        yield Fault("epoch_not_given", "$.ttl_epochs", f"it holds through epoch {contract.last_epoch}")
    else:
        yield from expiry_faults(contract, now)


def _calibration(found: Directory, contract: Contract) -> Iterator[Fault]:
    """A contract may leave the calibration out; what it states has to be the oracle's."""
    stated, record = contract.calibration_manifest_hash, found.records.get(contract.oracle_id)
    in_force = (record.calibration_manifest_hash_hex or "") if record else ""
    if stated is not None and stated.hex() != in_force.lower():
        yield Fault("nullspec_calibration_mismatch", "$.calibration_manifest_hash", f"{stated.hex()} with {in_force!a}")


def _resolution(contract: Contract, expected: Expected) -> Iterator[Fault]:
    if expected.resolution is None:
        yield Fault("resolution_not_given", "$.oracle_resolution_hash", contract.oracle_resolution_hash.hex())
    elif expected.resolution.hash() != contract.oracle_resolution_hash:
        told = f"{contract.oracle_resolution_hash.hex()} with {expected.resolution.hash().hex()}"
        yield Fault("nullspec_resolution_mismatch", "$.oracle_resolution_hash", told)


def _settings(found: Directory) -> Iterator[Fault]:
    """The files that expiry and resolution were judged by: one that the daemon refuses is not what it goes by."""
    for row in found.files:
        if row.path in _SETTINGS:
            yield from (one.inside(row.path) for one in row.faults if one.code in UNSIGNED)
            yield from unread(found, row.path)


def _registered(found: Directory, contract: Contract) -> Iterator[Fault]:
    """The contract in the registry, and everything else there sound: one bad file takes the whole registry away."""
    if not any(one.contract == contract for one in found.registry):
        yield Fault("nullspec_missing", "nullspec-registry", f"{contract.nullspec_id.hex()} is not in the registry")
    for entry in found.registry:
        yield from (one.inside(f"{entry.folder}/{entry.stem}") for one in entry_faults(entry, found.keyring))
    yield from unread(found, *_REGISTRY)


def _newer(before: OperatorRecord | None, record: OperatorRecord) -> Iterator[Fault]:
    if before is not None and record.updated_at_epoch <= before.updated_at_epoch:
        told = f"{record.updated_at_epoch} with {before.updated_at_epoch} in force"
        yield Fault("record_not_newer", "$.updated_at_epoch", told)


def _others(found: Directory, oracle_id: str, keys: Mapping[str, bytes]) -> Iterator[Fault]:
    """The other oracles' records: one bad record makes the daemon refuse the file."""
    for name, record in found.records.items():
        if name != oracle_id:
            yield from (replace(one, path=f"oracle {name!a} {one.path}") for one in record_faults(name, record, keys))
