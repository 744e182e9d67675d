"""NullSpec contracts of a target: every file of the store, sound or not, with what it is bound to and its history.

Guarantees that a file that cannot be read or does not verify has its row with the reasons, and that a contract is
called active only where the map names it and the store holds it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from governance.evidenceos.core.directory import ACTIVE_MAP, Directory, FileReading
from governance.evidenceos.core.events import NULLSPEC_TYPES
from governance.evidenceos.core.expected import Effect, effects
from governance.evidenceos.core.faults import Fault
from governance.evidenceos.core.nullspec import Contract, read_contract
from governance.evidenceos.errors import EvidenceOSRefused
from governance.evidenceos.errors_of_targets import TargetUnknown
from governance.evidenceos.files.snapshot import Snapshot
from governance.evidenceos.models import Plan
from governance.evidenceos.selectors.targets import TargetView, snapshot

_KINDS = {
    "nullspec.install": "installed", "nullspec.activate": "activated", "nullspec.retire": "retired",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class NullSpecView:
    """One file of the store; `contract` None where it cannot be read. `standing` is holds, breaks or mismatched.

    `epochs_left` counts from the forced epoch, negative once it lapsed; None where no epoch is forced.
    """

    path: str
    id_hex: str
    contract: Contract | None
    data: bytes
    digest: str
    verdict: str
    faults: tuple[Fault, ...]
    is_active: bool
    is_registered: bool
    standing: str
    epochs_left: int | None


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that was done with a contract: `what` is installed, activated or retired.

    From the record: `at`, `change` and `index` in `_governance/changes`. From upstream's log: `line`, which proves
    nothing by itself.
    """

    what: str
    at: datetime | None
    change: str
    index: int | None
    line: int | None


@dataclass(frozen=True, slots=True)
class Mapped:
    """One row of the active map with what is wrong with it."""

    oracle_id: str
    holdout_handle: str
    id_hex: str
    faults: tuple[Fault, ...]


def nullspecs(one: TargetView, now: datetime) -> list[NullSpecView]:
    """Every file of the store, in the order of the paths; raises TargetUnreadable."""
    found = snapshot(one, now)
    standings = {row.contract.nullspec_id: row for row in effects(found.directory)}
    rows = [row for row in found.directory.files if row.kind == "contract"]
    return [_view(found, row, standings) for row in rows]


def nullspec(one: TargetView, id_hex: str, now: datetime) -> NullSpecView:
    """The contract with this id; raises TargetUnknown where the store has none, TargetUnreadable."""
    found = next((row for row in nullspecs(one, now) if row.id_hex == id_hex), None)
    if found is None:
        raise TargetUnknown("There is no such contract in the store", why=id_hex[:64])
    return found


def active_map(one: TargetView, now: datetime) -> list[Mapped]:
    """The rows of the active map in the file's order; raises TargetUnreadable."""
    found = snapshot(one, now).directory
    faults = next((row.faults for row in found.files if row.path == ACTIVE_MAP), ())
    return [
        Mapped(row.oracle_id, row.holdout_handle, row.nullspec_id.hex(), _at(faults, f"$.mappings[{place}]"))
        for place, row in enumerate(found.active.mappings)
    ]


def history(one: TargetView, id_hex: str, now: datetime) -> list[Happening]:
    """What was done with a contract, oldest first: upstream's lines of before, then what was decided here."""
    ours = [
        Happening(_KINDS[plan.kind], plan.created, plan.change, plan.index, None)
        for plan in Plan.objects.filter(target_id=one.id, kind__in=_KINDS).order_by("id")
        if _names(plan, id_hex)
    ]
    return [*_lines(snapshot(one, now).directory, id_hex, {row.change for row in ours}), *ours]


def _lines(found: Directory, id_hex: str, decided: set[str]) -> list[Happening]:
    rows = []
    for number, event in found.events.items():
        payload = event.payload if isinstance(event.payload, dict) else {}
        told = event.extra.get("countersign")
        ours = isinstance(told, dict) and told.get("change") in decided
        if event.event_type in NULLSPEC_TYPES and payload.get("nullspec_id") == id_hex and not ours:
            what = "installed" if event.event_type == "nullspec_install" else "activated"
            rows.append(Happening(what, None, "", None, number))
    return rows


def _names(plan: Plan, id_hex: str) -> bool:
    return any(id_hex in str(step.get("about", "")) for step in plan.steps)


def _view(found: Snapshot, row: FileReading, standings: dict[bytes, Effect]) -> NullSpecView:
    data = found.files.get(row.path, b"")
    contract, stem = _read(data), row.path.rpartition("/")[2].removesuffix(".json")
    key = contract.nullspec_id if contract is not None else b""
    forced = found.directory.forced_epoch
    return NullSpecView(
        path=row.path, id_hex=contract.nullspec_id.hex() if contract is not None else stem, contract=contract,
        data=data, digest=row.digest, verdict=row.verdict, faults=row.faults,
        is_active=any(one.nullspec_id == key for one in found.directory.active.mappings) and _stored(found, key),
        is_registered=any(one.contract == contract for one in found.directory.registry),
        standing=standings[key].standing.value if key in standings else "",
        epochs_left=None if contract is None or forced is None else contract.last_epoch - forced,
    )  # fmt: skip


def _stored(found: Snapshot, key: bytes) -> bool:
    return key in found.directory.contracts


def _read(data: bytes) -> Contract | None:
    try:
        return read_contract(data)
    except EvidenceOSRefused:
        return None


def _at(faults: tuple[Fault, ...], place: str) -> tuple[Fault, ...]:
    return tuple(one for one in faults if one.path.startswith(place))
