"""The policy in force: for each kind of change who signs it, how long it waits, and who carries it out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from console import words
from console.changes.rule_words import rule_cells
from console.views.change_access import readable, refused
from console.views.guard import page
from governance.change.core.policy import Direction
from governance.change.errors import NotFounded
from governance.change.selectors.liveness import practice
from governance.change.selectors.policies import policies
from governance.change.types import TYPES

if TYPE_CHECKING:
    from django.http import HttpResponse

    from console.views.visit import Visit
    from governance.change.core.policy import Rule


@page("GET")
def index(visit: Visit) -> HttpResponse:
    """The newest version in sentences, and the versions before it."""
    readable(visit)
    versions = policies()
    if not versions:
        raise refused(NotFounded("There is no policy yet", why="This deployment has not been founded"))
    newest = versions[0]
    rules = [_told(rule) for rule in sorted(newest.policy.rules, key=lambda rule: (-rule.tier, rule.name))]
    context = {
        "newest": newest,
        "versions": versions,
        "rules": rules,
        "answer": _answer(newest.number, len(rules)),
        "practice": practice(visit.now, newest.policy),
    }
    return visit.page("changes/policy.html", context)


def _answer(number: int, rules: int) -> str:
    return f"Version {number} is in force with {words.counted(rules, 'rule')}. What no rule covers is refused."


def _told(rule: Rule) -> dict[str, Any]:
    covered = next((one.words for one in TYPES if one.name == rule.change), "Every kind of change")
    ways = [one.value for one in sorted(rule.directions)]
    return {
        "name": rule.name, "tier": rule.tier.name.lower(), "covers": covered, "type": rule.change,
        "ways": "" if len(ways) == len(Direction) else words.listed(ways), **rule_cells(rule),
    }  # fmt: skip
