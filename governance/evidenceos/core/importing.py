"""Reads the files of a data directory in the order in which they depend on each other.

Guarantees that keys are read before what they sign, and contracts before what names them. `read_directory` is the one
way in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from governance.evidenceos.core import directory as names
from governance.evidenceos.core import etl
from governance.evidenceos.core.active_map import Mapping as Row
from governance.evidenceos.core.active_map import read_active_map
from governance.evidenceos.core.canary import canary_faults, read_canaries
from governance.evidenceos.core.directory import Asked, Directory, Reading
from governance.evidenceos.core.epoch import control_faults, read_epoch_control
from governance.evidenceos.core.event_checks import log_faults
from governance.evidenceos.core.events import is_torn, read_log
from governance.evidenceos.core.faults import Fault, fault_of
from governance.evidenceos.core.keys import read_key_file, read_signature_file, read_trusted_keys
from governance.evidenceos.core.nullspec import Contract, read_contract
from governance.evidenceos.core.nullspec_checks import (
    canonical_faults,
    expiry_faults,
    number_faults,
    reading_faults,
    signature_faults,
)
from governance.evidenceos.core.operator import read_operator_config, record_faults, time_faults
from governance.evidenceos.core.registry import Entry, entry_faults
from governance.evidenceos.core.settlement import (
    proposal_faults,
    read_proposal,
    read_settlement,
    settlement_faults,
)
from governance.evidenceos.errors import EvidenceOSRefused

_KEYRING, _STORE, _REGISTRY, _SPOOL = "trusted-nullspec-keys/", "nullspec/", "nullspec-registry/", "settlement_spool/"


def read_directory(
    files: Mapping[str, bytes], asked: Asked | None = None, refused: Mapping[str, str] | None = None
) -> Directory:
    """Return everything that could be read of {relative path: bytes}, and what is wrong with each file.

    Paths have forward slashes; `refused` are files that could not be read, with the reason. Never raises for what the
    files hold.
    """
    reading = Reading(files, asked or Asked())
    for path, why in (refused or {}).items():
        reading.add(path, [Fault("file_unreadable", "", why)])
    for step in _STEPS:
        step(reading)
    return reading.closed()


def _keyring(reading: Reading) -> None:
    for path in reading.below(_KEYRING, depth=1):
        data, label = reading.take(path, "author_key"), _stem(path)
        try:
            public = read_key_file(data or b"")
        except EvidenceOSRefused as error:
            reading.refused(path, error)
            continue
        if label in reading.found.keyring:
            reading.add(path, [Fault("key_file_duplicate", "", f"{label!a} stands twice")])
        else:
            reading.found.keyring[label] = public


def _trusted(reading: Reading) -> None:
    data = reading.take(names.TRUSTED_KEYS, "trusted_keys")
    if data is None:
        return
    try:
        reading.found.trusted, faults = read_trusted_keys(data)
    except EvidenceOSRefused as error:
        reading.refused(names.TRUSTED_KEYS, error)
        return
    reading.add(names.TRUSTED_KEYS, map(fault_of, faults))


def _epoch(reading: Reading) -> None:
    data = reading.take(names.EPOCH_CONTROL, "epoch_control")
    if data is None:
        return
    try:
        control = read_epoch_control(data)
    except EvidenceOSRefused as error:
        reading.refused(names.EPOCH_CONTROL, error)
        return
    reading.found.epoch_control = control
    reading.add(names.EPOCH_CONTROL, control_faults(control, reading.found.trusted))


def _records(reading: Reading) -> None:
    path, now = names.OPERATOR_CONFIG, reading.asked.now
    data = reading.take(path, "operator_config")
    if data is None:
        return
    try:
        reading.found.records, refused = read_operator_config(data)
    except EvidenceOSRefused as error:
        reading.refused(path, error)
        return
    reading.add(path, map(fault_of, refused.values()))
    for oracle_id, record in reading.found.records.items():
        place = f"oracle {oracle_id!a}"
        reading.add(path, (one.inside(place) for one in record_faults(oracle_id, record, reading.found.trusted)))
        if now is not None:
            reading.add(path, (one.inside(place) for one in time_faults(record, now)))
    if now is None and reading.found.records:
        reading.add(path, [Fault("clock_not_given", "$.oracles", "no time was given")])


def _contracts(reading: Reading) -> None:
    for path in reading.below(_STORE, end=".json", depth=1):
        if path == names.ACTIVE_MAP:
            continue
        data = reading.take(path, "contract") or b""
        try:
            contract = read_contract(data)
        except EvidenceOSRefused as error:
            reading.refused(path, error)
            continue
        reading.add(path, _contract_faults(reading, path, contract, data))
        if _stem(path) == contract.nullspec_id.hex():
            reading.found.contracts[contract.nullspec_id] = contract


def _contract_faults(reading: Reading, path: str, contract: Contract, data: bytes) -> Iterator[Fault]:
    if _stem(path) != contract.nullspec_id.hex():
        yield Fault("nullspec_name_mismatch", "$.nullspec_id", f"{contract.nullspec_id.hex()} with the file's name")
    yield from signature_faults(contract, reading.found.keyring)
    yield from canonical_faults(contract, data)
    yield from number_faults(contract)
    yield from reading_faults(contract)
    epoch = reading.found.forced_epoch if reading.asked.epoch is None else reading.asked.epoch
    if epoch is None:
        yield Fault("epoch_not_given", "$.ttl_epochs", f"it holds through epoch {contract.last_epoch}")
    else:
        yield from expiry_faults(contract, epoch)


def _active(reading: Reading) -> None:
    data = reading.take(names.ACTIVE_MAP, "active_map")
    if data is None:
        return
    try:
        reading.found.active = read_active_map(data)
    except EvidenceOSRefused as error:
        reading.refused(names.ACTIVE_MAP, error)
        return
    reading.add(names.ACTIVE_MAP, reading.found.active.faults())
    for place, row in enumerate(reading.found.active.mappings):
        reading.add(names.ACTIVE_MAP, row_faults(reading.found, row, f"$.mappings[{place}]"))


def row_faults(found: Directory, row: Row, path: str = "$") -> Iterator[Fault]:
    """A row of the active map with the contract that it names."""
    contract = found.contracts.get(row.nullspec_id)
    if contract is None:
        yield Fault("nullspec_missing", path, f"{row.nullspec_id.hex()} is not in the store")
    elif row.pair != (contract.oracle_id, contract.holdout_handle):
        told = (
            f"{contract.oracle_id!a} and {contract.holdout_handle!a} with {row.oracle_id!a} and {row.holdout_handle!a}"
        )
        yield Fault("nullspec_mapping_mismatch", path, told)


def _registry(reading: Reading) -> None:
    root = f"{_REGISTRY}nullspecs/"
    for path in reading.below(root, end=".json", depth=2):
        folder, stem = path.split("/")[-2], _stem(path)
        data, signature = reading.take(path, "registry_contract") or b"", _detached(reading, path)
        try:
            contract = read_contract(data)
        except EvidenceOSRefused as error:
            reading.refused(path, error)
            continue
        entry = Entry(folder, stem, contract, data, signature)
        reading.found.registry.append(entry)
        reading.add(path, entry_faults(entry, reading.found.keyring))
        reading.add(path, [*number_faults(contract), *reading_faults(contract)])
    for path in reading.below(root, end=".sig", depth=2):
        reading.take(path, "registry_signature")
        reading.add(path, [Fault("registry_signature_alone", "", "there is no contract of this name")])


def _detached(reading: Reading, contract_path: str) -> bytes | None:
    path = contract_path.removesuffix(".json") + ".sig"
    data = reading.take(path, "registry_signature")
    if data is None:
        return None
    try:
        return read_signature_file(data)
    except EvidenceOSRefused as error:
        reading.refused(path, error)
        return None


def _events(reading: Reading) -> None:
    data = reading.take(names.EVENT_LOG, "event_log")
    if data is not None:
        reading.found.events, refused = read_log(data)
        for number, error in refused.items():
            reading.refused(names.EVENT_LOG, error, f"line {number}")
        if is_torn(data):
            reading.add(names.EVENT_LOG, [Fault("event_log_torn", "", "the last line has no newline")])
    for path, fault in log_faults(reading.found):
        reading.add(path, [fault])


def _log(reading: Reading) -> None:
    data, leaves = reading.take(names.LOG, "log"), reading.take(names.LEAVES, "log_leaves")
    if data is None:
        return
    try:
        for payload in etl.entries(data):
            reading.found.entries.append(payload)
    except EvidenceOSRefused as error:
        reading.refused(names.LOG, error)
    for index, payload in enumerate(reading.found.entries):
        if not etl.kind_of(payload):
            reading.add(names.LOG, [Fault("etl_entry_unknown", f"entry {index}", f"{len(payload)} bytes")])
    if leaves is not None:
        reading.add(names.LEAVES, etl.leaves_faults(reading.found.entries, leaves))
    reading.add(names.LOG, _earlier(reading))


def _earlier(reading: Reading) -> Iterator[Fault]:
    if reading.asked.earlier_log is None:
        return
    size, root = reading.asked.earlier_log
    entries = reading.found.entries
    if len(entries) < size or etl.root_of(entries[:size]) != root:
        yield Fault(
            "etl_shorter", f"entries 0 to {size}", f"{len(entries)} entries with the head of size {size} seen before"
        )


def _canaries(reading: Reading) -> None:
    data = reading.take(names.STATE, "state")
    if data is None:
        return
    try:
        reading.found.canaries, refused = read_canaries(data)
    except EvidenceOSRefused as error:
        reading.refused(names.STATE, error)
        return
    reading.add(names.STATE, map(fault_of, refused.values()))
    epoch = reading.found.forced_epoch if reading.asked.epoch is None else reading.asked.epoch
    for key, canary in reading.found.canaries.items():
        reading.add(names.STATE, (one.inside(f"stream {key!a}") for one in canary_faults(canary)))
        if epoch is not None and canary.is_stale(epoch) and not canary.drift_frozen:
            told = f"epoch {epoch} with {canary.last_epoch_checked}, checked last"
            reading.add(names.STATE, [Fault("canary_stale", f"stream {key!a}", told)])


def _settlements(reading: Reading) -> None:
    for path in reading.below(_SPOOL, end=".json", depth=2):
        data = reading.take(path, "settlement") or b""
        try:
            reading.add(path, _settlement(reading, path, data))
        except EvidenceOSRefused as error:
            reading.refused(path, error)


def _settlement(reading: Reading, path: str, data: bytes) -> list[Fault]:
    if b'"proposal"' not in data:
        proposal = reading.found.settlements[path] = read_proposal(data)
        return list(proposal_faults(proposal))
    record = reading.found.settlements[path] = read_settlement(data)
    key = reading.asked.settlement_key
    if key is None:
        return [*proposal_faults(record.proposal), Fault("settlement_key_not_given", "$", "no key was given")]
    return list(settlement_faults(record, key))


def _log_keys(reading: Reading) -> None:
    """Names alone: the seeds of the daemon are none of our business."""
    active = reading.take(names.ACTIVE_KEY, "active_log_key")
    if active is not None:
        reading.found.active_log_key = active.decode("ascii", "replace").strip()
    for path in reading.below("keys/"):
        reading.take(path, "private_key")
        reading.add(path, [Fault("private_keys_present", "", "it was not read")])
        reading.found.log_keys.append(_stem(path))


def _stem(path: str) -> str:
    """A file's name without its last ending, as Rust's `file_stem`."""
    name = path.rpartition("/")[2]
    return name.rpartition(".")[0] or name


def _lock(reading: Reading) -> None:
    reading.found.is_locked = reading.take(names.LOCK, "lock") is not None


_STEPS = (
    _keyring,
    _trusted,
    _epoch,
    _records,
    _contracts,
    _active,
    _registry,
    _events,
    _log,
    _canaries,
    _settlements,
    _log_keys,
    _lock,
)
