"""What lapses in a data directory of EvidenceOS, in the order of time, with the last safe moment to submit its renewal.

Guarantees that a lapse in epochs has a date only where the length of an epoch is known: otherwise it is told in epochs.
The last safe moment is the lapse minus the time lock and the median time of review, by the policy in force.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from governance.change.errors import ChangeRefused
from governance.change.selectors.last_moment import lead_times
from governance.evidenceos.errors_of_targets import TargetRefused
from governance.evidenceos.selectors.attention import Attention
from governance.evidenceos.selectors.nullspecs import NullSpecView, nullspecs
from governance.evidenceos.selectors.settings_of import OracleView, epoch, oracles
from governance.evidenceos.selectors.targets import TargetView, all_targets

FEW_EPOCHS = 1
"""Without the length of an epoch no moment is known: the last epoch but one is when somebody is told."""


@dataclass(frozen=True, slots=True)
class Lapse:
    """`kind` is nullspec or oracle; `epoch` is the last in which it holds, `epochs_left` from the forced one on.

    `at` is when it lapses and `last_safe` the last moment to submit, both None where only epochs are known. `renewal`
    is the kind of change that renews it.
    """

    kind: str
    name: str
    about: str
    epoch: int | None
    epochs_left: int | None
    at: datetime | None
    last_safe: datetime | None
    renewal: str


def expiring(one: TargetView, now: datetime) -> list[Lapse]:
    """Active contracts and oracle records, the first to lapse first; raises TargetUnreadable."""
    since, leads = epoch(one, now).updated or now, lead_times(("nullspec.install", "oracle.ttl"))
    active = [row for row in nullspecs(one, now) if row.is_active and row.contract is not None]
    rows = [_contract(one, row, since, leads["nullspec.install"]) for row in active]
    rows += [_record(row, leads["oracle.ttl"]) for row in oracles(one, now)]
    return sorted(rows, key=_order)


def lapsing_now(now: datetime) -> list[Attention]:
    """What is past its last safe moment, or in its last epoch but one where only epochs are known, in words."""
    found = list[Attention]()
    for one in all_targets():
        if one.adopted is not None:
            with suppress(TargetRefused):  # a directory that is away is an alert of its own
                found += [_told(one, row, now) for row in expiring(one, now) if _is_due(row, now)]
    return found


def _is_due(row: Lapse, now: datetime) -> bool:
    if row.at is None:
        return row.epochs_left is not None and row.epochs_left <= FEW_EPOCHS
    return row.at <= now or (row.last_safe is not None and row.last_safe <= now)


def _told(one: TargetView, row: Lapse, now: datetime) -> Attention:
    name = f"{row.name[:12]} ({row.about})" if row.kind == "nullspec" else f"{row.name} ({row.about})"
    is_over = row.at <= now if row.at is not None else (row.epochs_left or 0) < 0
    moment = f"holds through epoch {row.epoch}" if row.at is None else f"{row.at:%Y-%m-%d %H:%M:%S} UTC"
    what = f"{name} of {one.slug} {'has lapsed' if is_over else 'lapses soon'}: {moment}"
    safe = "" if row.last_safe is None else f" The last safe moment to submit was {row.last_safe:%Y-%m-%d %H:%M} UTC."
    key = hashlib.sha256(f"{row.kind} {row.name}".encode()).hexdigest()[:32]
    return Attention(one.slug, f"lapse:{one.id}:{key}", what[:300], f"Prepare its renewal: {row.renewal}.{safe}")


def _contract(one: TargetView, row: NullSpecView, since: datetime, lead: timedelta | ChangeRefused) -> Lapse:
    contract, left = row.contract, row.epochs_left
    assert contract is not None  # noqa: S101  (the caller asked) # nosec B101
    at = _date(since, left, one.epoch_seconds)
    return Lapse(
        "nullspec", row.id_hex, f"{contract.oracle_id} on {contract.holdout_handle}", contract.last_epoch, left,
        at, _safe(at, lead), "nullspec.install",
    )  # fmt: skip


def _record(row: OracleView, lead: timedelta | ChangeRefused) -> Lapse:
    return Lapse(
        "oracle", row.oracle_id, "operator record", None, None, row.expires, _safe(row.expires, lead), "oracle.ttl"
    )  # fmt: skip


def _date(since: datetime, left: int | None, seconds: int | None) -> datetime | None:
    """The end of the last epoch in which it holds, where the one in force began at `since`."""
    if left is None or seconds is None:
        return None
    try:
        return since + timedelta(seconds=(left + 1) * seconds)
    except OverflowError:
        return None


def _safe(at: datetime | None, lead: timedelta | ChangeRefused) -> datetime | None:
    if at is None or isinstance(lead, ChangeRefused):
        return None
    try:
        return at - lead
    except OverflowError:
        return None


def _order(row: Lapse) -> tuple[bool, datetime | int, str]:
    """Dates first, then epochs."""
    if row.at is not None:
        return False, row.at, row.name
    return True, row.epochs_left if row.epochs_left is not None else row.epoch or 0, row.name
