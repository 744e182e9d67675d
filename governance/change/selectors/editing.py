"""What an edit costs whoever writes it: said before it happens, because it can not be undone."""

from __future__ import annotations

from governance.change.core.policy_text import rule_of
from governance.change.core.states import TERMINAL, State
from governance.change.selectors.changes import ChangeView

COST = "If you edit it, you are one of its writers for good: you cannot approve it any more, in no revision."


def edit_warning(change: ChangeView, actor: str) -> str:
    """The warning for somebody who holds a place that the rule asks for and wrote none of it; '' for everybody else."""
    approver = change.people.get(actor)
    ended = change.listed.state in TERMINAL or change.listed.state is State.APPLIED_PROVISIONAL
    wrote = {change.listed.author, *(one.by for one in change.revisions)}
    if approver is None or ended or actor in wrote or not approver.live:
        return ""
    return COST if approver.groups & {*rule_of(change.current.rule).places} else ""
