"""What of the data directories needs a hand now: foreign writes, what could not be written, refused reloads."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from governance.evidenceos.models import Plan, PlanState, Sighting

AT_MOST = 200
_WORDS = {
    "altered": "is not as it was written", "missing": "is gone", "appeared": "was put there by somebody else",
    "unreadable": "cannot be read",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Attention:
    """One thing; `key` names it for as long as it lasts."""

    target: str
    key: str
    what: str
    why: str


def attention() -> list[Attention]:
    """Everything that is open, the oldest first."""
    seen = Sighting.objects.filter(ended__isnull=True).select_related("target").order_by("id")[:AT_MOST]
    plans = Plan.objects.exclude(code="").exclude(state=PlanState.GIVEN_UP).select_related("target")
    return [*map(_seen, seen), *map(_hindered, plans.order_by("id")[:AT_MOST])]


def _seen(row: Sighting) -> Attention:
    name = row.path or "The directory"
    told = f"{name} of {row.target.slug} {_WORDS[row.code]}"
    why = (
        f"Seen {row.seen:%Y-%m-%d %H:%M:%S} UTC; expected {row.expected[:12] or 'no file'}, found "
        f"{row.found[:12] or 'none'}. Find out who wrote it, then put it back, or propose to accept it."
    )
    return Attention(row.target.slug, f"drift:{row.target_id}:{_short(row.path)}", told[:300], why)


def _hindered(row: Plan) -> Attention:
    told = f"What a change of {row.target.slug} decided has not arrived ({row.code})"
    why = f"{row.kind}, change {row.change}: {row.why} It is tried again; evidenceos_recover says more."
    return Attention(row.target.slug, f"plan:{row.pk}", told, why)


def _short(path: str) -> str:
    return hashlib.sha256(path.encode()).hexdigest()[:32]
