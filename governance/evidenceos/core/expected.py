"""The resolution that the next claim is frozen with, and which contracts a change takes away.

Guarantees that a contract is called broken only where its hash was recomputed before and after; what cannot be
recomputed is called so. Rule: reference, section 1.4 (the consequence).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from governance.evidenceos.core.directory import Directory
from governance.evidenceos.core.nullspec import Contract, DiscreteBuckets
from governance.evidenceos.core.operator import OperatorRecord
from governance.evidenceos.core.resolution import DELTA_SIGMA, NO_CALIBRATION, Lane, Resolution

DEFAULT_TTL: Final = 1
"""The TTL of an oracle without a record (reference, section 5)."""

BERNOULLI_SYMBOLS: Final = 2


class Standing(StrEnum):
    """What becomes of a contract."""

    HOLDS = "holds"
    BREAKS = "breaks"
    MISMATCHED = "mismatched"


@dataclass(frozen=True, slots=True)
class Effect:
    """A contract, whether it is active, and what a change does to it; `MISMATCHED` fits nothing already now."""

    contract: Contract
    is_active: bool
    standing: Standing


def symbols_of(contract: Contract) -> int:
    """Return how many symbols the contract's oracle answers with, as its null has buckets."""
    return len(contract.kind.p0) if isinstance(contract.kind, DiscreteBuckets) else BERNOULLI_SYMBOLS


def resolution_of(record: OperatorRecord | None, num_symbols: int, lane: Lane, epoch: int) -> Resolution:
    """Return the resolution that the daemon fills in at freeze, in this epoch, under an oracle's record or none."""
    stated = record.calibration_manifest_hash_hex if record else None
    calibration = _hash(stated)
    ttl = record.ttl_epochs if record else DEFAULT_TTL
    return Resolution(num_symbols, calibration, epoch, ttl, DELTA_SIGMA[lane])


def effects(
    found: Directory, records: Mapping[str, OperatorRecord] | None = None, epoch: int | None = None
) -> list[Effect]:
    """Return what new records, or a new forced epoch, do to every contract in the store, in the order of their ids."""
    after = found.records if records is None else records
    return [_effect(found, after, epoch, contract) for _, contract in sorted(found.contracts.items())]


def _effect(found: Directory, records: Mapping[str, OperatorRecord], epoch: int | None, contract: Contract) -> Effect:
    oracle = contract.oracle_id
    at = contract.epoch_created if found.forced_epoch is None else found.forced_epoch
    lanes = [lane for lane in Lane if _matches(contract, found.records.get(oracle), lane, at)]
    is_active = found.active.active(oracle, contract.holdout_handle) == contract.nullspec_id
    if not lanes:
        return Effect(contract, is_active, Standing.MISMATCHED)
    then = at if epoch is None else epoch
    holds = any(_matches(contract, records.get(oracle), lane, then) for lane in lanes)
    return Effect(contract, is_active, Standing.HOLDS if holds else Standing.BREAKS)


def _matches(contract: Contract, record: OperatorRecord | None, lane: Lane, epoch: int) -> bool:
    return resolution_of(record, symbols_of(contract), lane, epoch).hash() == contract.oracle_resolution_hash


def _hash(stated: str | None) -> bytes:
    try:
        found = bytes.fromhex(stated or "")
    except ValueError:
        return NO_CALIBRATION
    return found if len(found) == len(NO_CALIBRATION) else NO_CALIBRATION
