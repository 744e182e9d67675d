"""What is in force in a target, in words: what waits for somebody, how contracts stand, how two of them differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from django.urls import reverse

from console import words
from console.evidenceos.authoring import told_of
from governance.evidenceos.core.floats import serde_float
from governance.evidenceos.core.nullspec import Contract, Dirichlet, DiscreteBuckets

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from governance.change.selectors.lapsing import Lapse
    from governance.evidenceos.selectors.canaries import CanaryView
    from governance.evidenceos.selectors.files import PlanView, SightingView
    from governance.evidenceos.selectors.nullspecs import Mapped, NullSpecView
    from governance.evidenceos.selectors.targets import TargetView

VERDICTS: Final = {"verified": "pass", "rejected": "fail", "incomplete": "stale"}
STANDINGS: Final = {
    "holds": ("pass", "fits the resolution in force"),
    "breaks": ("fail", "does not fit any more"),
    "mismatched": ("fail", "fits no resolution that can be computed"),
}
CANARIES: Final = {"ok": ("pass", "below the barrier"), "stale": ("stale", "stale"), "frozen": ("fail", "frozen")}
FOUND: Final = {
    "altered": "was altered", "appeared": "appeared", "missing": "is missing", "unreadable": "cannot be read",
}  # fmt: skip
SOON: Final = 5
"""Epochs that are left when a contract is told among what waits."""


@dataclass(frozen=True, slots=True)
class Waits:
    """Something that somebody should look at: its state, what it is, and where to."""

    state: str
    what: str
    why: str
    href: str
    to: str


@dataclass(frozen=True, slots=True)
class InForce:
    """A row of the active map with its contract, and how that stands."""

    row: Mapped
    view: NullSpecView | None
    state: str
    word: str
    left: str


@dataclass(frozen=True, slots=True)
class Field:
    """One field of two contracts."""

    name: str
    one: str
    other: str

    @property
    def differs(self) -> bool:
        """Whether they say different things."""
        return self.one != self.other


def standing(view: NullSpecView) -> tuple[str, str]:
    """State and word of a contract: what does not verify comes before what it is bound to."""
    if view.verdict == "rejected":
        return "fail", "does not verify"
    if view.epochs_left is not None and view.epochs_left < 0:
        return "fail", "lapsed"
    return STANDINGS.get(view.standing, ("not_evaluated", "not evaluated"))


def left(view: NullSpecView) -> str:
    """How many epochs are left, in words."""
    if view.epochs_left is None:
        return "not known: no epoch is forced"
    if view.epochs_left < 0:
        return f"lapsed {words.counted(-view.epochs_left, 'epoch')} ago"
    return words.counted(view.epochs_left, "epoch")


def in_force(rows: Sequence[Mapped], views: Sequence[NullSpecView]) -> list[InForce]:
    """The active map, each row with its contract."""
    by_id = {one.id_hex: one for one in views}
    found = []
    for row in rows:
        view = by_id.get(row.id_hex)
        state, word = standing(view) if view is not None else ("fail", "not in the store")
        wrong = [fault for fault in row.faults if told_of(fault).state == "fail"]
        if wrong:
            state, word = "fail", wrong[0].message
        found.append(InForce(row, view, state, word, left(view) if view is not None else ""))
    return found


def waiting(
    one: TargetView,
    rows: Sequence[InForce],
    sightings: Sequence[SightingView],
    plans: Sequence[PlanView],
    canaries: Sequence[CanaryView],
) -> list[Waits]:
    """What somebody should look at, the worst first."""
    found = [*_of_files(one, sightings, plans), *_of_canaries(one, canaries), *_of_contracts(one, rows)]
    return sorted(found, key=lambda row: row.state != "fail")


def urgency(row: Lapse, now: datetime) -> tuple[str, str]:
    """Whether a renewal that is submitted now is in time: by the last safe moment, or by the epochs that are left.

    Where epochs are counted they decide what has lapsed; the date is what they come to if nobody stands still.
    """
    by_date = row.epochs_left is None and row.at is not None and row.at <= now
    if by_date or (row.epochs_left is not None and row.epochs_left < 0):
        return "fail", "lapsed"
    if row.last_safe is not None:
        return ("fail", "too late for the usual way") if row.last_safe <= now else ("pass", "in time")
    return "not_evaluated", "not known as a date"


def renewal(one: TargetView, row: Lapse) -> str:
    """Where its renewal is prepared."""
    told = {"target": one.slug}
    if row.kind == "nullspec":
        return f"{reverse('evidenceos-author')}?{urlencode({**told, 'renews': row.name})}"
    return f"{reverse('change-new-kind', args=(row.renewal,))}?{urlencode({**told, 'oracle_id': row.name})}"


def fields_of(one: Contract, other: Contract) -> list[Field]:
    """Two contracts field by field, the numbers bucket by bucket."""
    first, second = dict(_fields(one)), dict(_fields(other))
    names = [*first, *(name for name in second if name not in first)]
    return [Field(name, first.get(name, ""), second.get(name, "")) for name in names]


def _of_files(one: TargetView, sightings: Sequence[SightingView], plans: Sequence[PlanView]) -> Iterator[Waits]:
    files = reverse("evidenceos-files", args=(one.slug,))
    for row in sightings:
        told = "Nobody here wrote it. Put it back, or propose to accept it."
        yield Waits("fail", f"{row.path} {FOUND.get(row.code, row.code)}", told, files, "Its states")
    for plan in plans:
        if plan.state == "planned":
            guide = f"{reverse('evidenceos-guide', args=(one.slug,))}?change={plan.change}"
            why = plan.problem or "It was decided, and is not written yet."
            yield Waits(
                "fail" if plan.problem else "stale", f"{plan.kind} is not written", why, guide, "Where it stands"
            )


def _of_canaries(one: TargetView, canaries: Sequence[CanaryView]) -> Iterator[Waits]:
    for row in canaries:
        href = f"{reverse('evidenceos-canary', args=(one.slug,))}?key={row.key}"
        if row.state == "frozen":
            why = "Every execution of the claim is rejected. A reset takes an incident."
            yield Waits("fail", f"The canary of {row.claim_name} on {row.holdout} is frozen", why, href, "Its plot")
        elif row.state == "stale":
            why = "It freezes at its next execution, for its age alone."
            yield Waits("stale", f"The canary of {row.claim_name} on {row.holdout} is stale", why, href, "Its plot")


def _of_contracts(one: TargetView, rows: Sequence[InForce]) -> Iterator[Waits]:
    author = f"{reverse('evidenceos-author')}?target={one.slug}"
    for row in rows:
        ahead = f"{author}&renews={row.row.id_hex}"
        name = f"The contract of {row.row.oracle_id} on {row.row.holdout_handle}"
        if row.state == "fail":
            yield Waits("fail", f"{name}: {row.word}", "Claims are refused on it.", ahead, "Prepare the renewal")
        elif row.view is not None and row.view.epochs_left is not None and row.view.epochs_left <= SOON:
            yield Waits("stale", f"{name} lapses in {row.left}", "Renew it before.", ahead, "Prepare the renewal")


def _fields(one: Contract) -> Iterator[tuple[str, str]]:
    calibration = one.calibration_manifest_hash
    yield "Oracle", one.oracle_id
    yield "Holdout", one.holdout_handle
    yield "Epoch of its making", words.grouped(one.epoch_created)
    yield "Holds for", words.counted(one.ttl_epochs, "epoch")
    yield "Resolution hash", one.oracle_resolution_hash.hex()
    yield "Calibration", "none" if calibration is None else calibration.hex()
    yield "Author's key", one.created_by
    if isinstance(one.kind, DiscreteBuckets):
        yield from ((f"Chance of bucket {n}", serde_float(p)) for n, p in enumerate(one.kind.p0))
    else:
        yield "Chance of bucket 1", serde_float(one.kind.p)
    name, numbers = (
        ("Weight", one.eprocess.alpha) if isinstance(one.eprocess, Dirichlet) else ("Alternative", one.eprocess.alt)
    )
    yield from ((f"{name} of bucket {n}", serde_float(number)) for n, number in enumerate(numbers))
