"""Canaries of a target: each stream against its barrier, and one of them over time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console import words
from console.evidenceos import plots, registry
from console.evidenceos.authoring import told_of
from console.views.evidenceos.target_access import of_target, shown
from governance.evidenceos.core.directory import STATE
from governance.evidenceos.selectors.canaries import canaries, canary, canary_samples
from governance.evidenceos.selectors.files import unread_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpResponse
    from django.utils.safestring import SafeString

    from console.views.visit import Visit
    from governance.evidenceos.selectors.canaries import CanarySeen, CanaryView
    from governance.evidenceos.selectors.targets import TargetView

MOST_PLOTS = 30


@of_target
def index(visit: Visit, one: TargetView) -> HttpResponse:
    """Every stream with its plot, those that stand still first."""
    found = sorted(canaries(one, visit.now), key=lambda row: (row.state == "ok", row.key))
    rows = [(row, *registry.CANARIES[row.state], share(row)) for row in found]
    frozen = sum(row.state == "frozen" for row in found)
    answer = _answer(len(found), frozen, sum(row.state == "stale" for row in found))
    not_read = [told_of(fault) for fault in unread_of(one, visit.now, STATE)]
    return shown(visit, one, "canaries", {"rows": rows, "answer": answer, "not_read": not_read})


@of_target
def detail(visit: Visit, one: TargetView) -> HttpResponse:
    """One stream over time."""
    row = canary(one, visit.request.GET.get("key", ""), visit.now)
    samples = canary_samples(one, row.key)
    state, word = registry.CANARIES[row.state]
    context = {
        "row": row, "state": state, "word": word, "samples": list(reversed(samples))[:50],
        "plot": plot_of(row, samples), "told": [told_of(fault) for fault in row.faults],
        "frozen": f"The canary of {row.claim_name} on {row.holdout} in {one.slug} is frozen.",
    }  # fmt: skip
    return shown(visit, one, "canary", context, under="evidenceos-canaries")


def share(row: CanaryView) -> SafeString:
    """How far the e-value has come on its way to the barrier, on a logarithmic scale."""
    return plots.way(row.canary.e_drift, row.canary.barrier)


def plot_of(row: CanaryView, samples: Sequence[CanarySeen]) -> SafeString:
    """What was seen over time against the barrier; nothing where fewer than two looks found something."""
    seen = [plots.Seen(one.at, one.e_drift, words.moment(one.at)) for one in samples]
    return plots.over_time(seen, row.canary.barrier)


def _answer(count: int, frozen: int, stale: int) -> str:
    if not count:
        return "No claim has begun a canary here."
    if not frozen and not stale:
        return f"{words.counted(count, 'canary', 'canaries')}, none frozen or stale."
    return f"{frozen} of {words.counted(count, 'canary', 'canaries')} frozen, {stale} stale."
