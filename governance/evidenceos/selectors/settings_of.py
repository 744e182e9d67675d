"""Oracles, epoch and keys of a target, as its files say them, each with what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from governance.evidenceos.core import directory as names
from governance.evidenceos.core.directory import Directory
from governance.evidenceos.core.epoch import EpochControl
from governance.evidenceos.core.expected import effects
from governance.evidenceos.core.faults import Fault
from governance.evidenceos.core.operator import OperatorRecord, record_faults, time_faults
from governance.evidenceos.selectors.targets import TargetView, snapshot


@dataclass(frozen=True, slots=True)
class OracleView:
    """One oracle's record; `expires` is when the daemon in production refuses it (its TTL read as seconds).

    `contracts` are the ids of the store's contracts for it with their standing now.
    """

    oracle_id: str
    record: OperatorRecord
    faults: tuple[Fault, ...]
    updated: datetime | None
    expires: datetime | None
    contracts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class EpochView:
    """The forced epoch, None where each claim has its own; `seconds` is how long one lasts, where that is known."""

    control: EpochControl | None
    forced: int | None
    updated: datetime | None
    faults: tuple[Fault, ...]
    seconds: int | None


@dataclass(frozen=True, slots=True)
class KeyView:
    """A trusted key by its label; `use` is operator or author, `signs` what in force is signed by it."""

    label: str
    public_hex: str
    use: str
    signs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LogKeysView:
    """Names of the log's keys below `keys/`, and the active one; no seed is read."""

    active: str | None
    known: tuple[str, ...]


def oracles(one: TargetView, now: datetime) -> list[OracleView]:
    """Every oracle that has a record, in order; raises TargetUnreadable."""
    found = snapshot(one, now).directory
    return [_oracle(found, oracle_id, now) for oracle_id in sorted(found.records)]


def oracle_faults(one: TargetView, now: datetime) -> tuple[Fault, ...]:
    """What is wrong with the file of records as a whole, the records that cannot be read among it."""
    return _faults(snapshot(one, now).directory, names.OPERATOR_CONFIG)


def epoch(one: TargetView, now: datetime) -> EpochView:
    """The epoch in force; raises TargetUnreadable."""
    found = snapshot(one, now).directory
    control = found.epoch_control
    updated = None if control is None else _moment(control.updated_at_epoch)
    return EpochView(
        control, found.forced_epoch, updated, _faults(found, names.EPOCH_CONTROL), one.epoch_seconds
    )  # fmt: skip


def trusted_keys(one: TargetView, now: datetime) -> list[KeyView]:
    """Keys of operators, then those of authors, by their labels; raises TargetUnreadable."""
    found = snapshot(one, now).directory
    operators = [KeyView(label, key.hex(), "operator", _signed(found, label)) for label, key in found.trusted.items()]
    authors = [KeyView(label, key.hex(), "author", _wrote(found, label)) for label, key in found.keyring.items()]
    return [*sorted(operators, key=lambda key: key.label), *sorted(authors, key=lambda key: key.label)]


def log_keys(one: TargetView, now: datetime) -> LogKeysView:
    """Which keys the log has, by name; raises TargetUnreadable."""
    found = snapshot(one, now).directory
    return LogKeysView(found.active_log_key, tuple(sorted(found.log_keys)))


def _oracle(found: Directory, oracle_id: str, now: datetime) -> OracleView:
    record = found.records[oracle_id]
    faults = [
        *record_faults(oracle_id, record, found.trusted), *time_faults(record, int(now.timestamp())),
    ]  # fmt: skip
    bound = [row for row in effects(found) if row.contract.oracle_id == oracle_id]
    return OracleView(
        oracle_id, record, tuple(faults), _moment(record.updated_at_epoch),
        _moment(record.updated_at_epoch + record.ttl_epochs),
        tuple((row.contract.nullspec_id.hex(), row.standing.value) for row in bound),
    )  # fmt: skip


def _signed(found: Directory, label: str) -> tuple[str, ...]:
    records = [f"record of {name}" for name, one in sorted(found.records.items()) if one.key_id == label]
    control = found.epoch_control
    return (*records, *(["forced epoch"] if control is not None and control.key_id == label else []))


def _wrote(found: Directory, label: str) -> tuple[str, ...]:
    return tuple(f"contract {key.hex()}" for key, one in sorted(found.contracts.items()) if one.created_by == label)


def _faults(found: Directory, path: str) -> tuple[Fault, ...]:
    return next((row.faults for row in found.files if row.path == path), ())


def _moment(second: int | None) -> datetime | None:
    """The time of a unix second; None where the calendar has none for it."""
    try:
        return None if second is None else datetime.fromtimestamp(second, UTC)
    except (OverflowError, ValueError, OSError):
        return None
