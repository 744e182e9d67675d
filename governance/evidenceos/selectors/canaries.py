"""Canaries of a target: each stream against its barrier, with what the watcher saw of it over time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from governance.evidenceos.core import directory as names
from governance.evidenceos.core.canary import Canary
from governance.evidenceos.core.directory import Directory
from governance.evidenceos.core.faults import Fault
from governance.evidenceos.errors_of_targets import TargetUnknown
from governance.evidenceos.models import CanarySample
from governance.evidenceos.selectors.targets import TargetView, snapshot


@dataclass(frozen=True, slots=True)
class CanarySeen:
    """One look of the watcher that found something else than the one before."""

    at: datetime
    e_drift: float
    barrier: float
    epoch: int
    frozen: bool


@dataclass(frozen=True, slots=True)
class CanaryView:
    """One stream; `nullspec` is the id of the contract that is active for it, None where none is.

    `state` is ok, stale (it freezes at the next execution, for its age) or frozen.
    """

    key: str
    claim_name: str
    holdout: str
    canary: Canary
    state: str
    faults: tuple[Fault, ...]
    nullspec: str | None


def canaries(one: TargetView, now: datetime) -> list[CanaryView]:
    """Every stream, by its key; raises TargetUnreadable."""
    found = snapshot(one, now).directory
    return [_view(found, key) for key in sorted(found.canaries)]


def canary(one: TargetView, key: str, now: datetime) -> CanaryView:
    """The stream with this key (claim name, two colons, holdout); raises TargetUnknown, TargetUnreadable."""
    found = snapshot(one, now).directory
    if key not in found.canaries:
        raise TargetUnknown("There is no such stream", why=key[:120])
    return _view(found, key)


def canary_samples(one: TargetView, key: str, limit: int = 500) -> list[CanarySeen]:
    """What the watcher saw of a stream, by the moment at which it looked (of one moment: as it was written), the newest
    `limit` of it.
    """
    rows = CanarySample.objects.filter(target_id=one.id, key=key).order_by("-at", "-id")[:limit]
    return [CanarySeen(row.at, row.e_drift, row.barrier, int(row.epoch), row.frozen) for row in reversed(rows)]


def has_state(one: TargetView, now: datetime) -> bool:
    """Whether there is a state in which canaries could stand."""
    return names.STATE in snapshot(one, now).files


def is_locked(one: TargetView, now: datetime) -> bool:
    """Whether a daemon holds the directory, or one that died did."""
    return snapshot(one, now).directory.is_locked


def _view(found: Directory, key: str) -> CanaryView:
    held, (claim, _, holdout) = found.canaries[key], key.partition("::")
    faults = next((row.faults for row in found.files if row.path == names.STATE), ())
    active = found.active.active(claim, holdout)
    epoch = found.forced_epoch
    is_stale = epoch is not None and held.is_stale(epoch)
    state = "frozen" if held.drift_frozen else "stale" if is_stale else "ok"
    place = f"stream {key!a}"
    return CanaryView(
        key, claim, holdout, held, state, tuple(one for one in faults if one.path.startswith(place)),
        None if active is None else active.hex(),
    )  # fmt: skip
