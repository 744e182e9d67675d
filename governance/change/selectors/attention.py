"""How much attention one author asks for, and what was refused a short while ago (approval fatigue)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from governance.change.core.states import LIVE, State
from governance.change.errors import RejectedRecently, TooManyOpen
from governance.change.models import Change
from ledger.core.types import JSONObject

MOST_OPEN = 20
REST = timedelta(hours=24)


def check_open(author: str) -> None:
    """Raise TooManyOpen where the author has as many drafts and live changes as one may have."""
    states = [one.value for one in (*LIVE, State.DRAFT)]
    if Change.objects.filter(author=author, state__in=states).count() >= MOST_OPEN:
        raise TooManyOpen(f"You have {MOST_OPEN} open changes", why=author)


def check_not_rejected(kind: str, body: JSONObject, now: int) -> None:
    """Raise RejectedRecently where a change of the kind with the same body was rejected within a day."""
    since = datetime.fromtimestamp(now, UTC) - REST
    for row in Change.objects.filter(type=kind, state=State.REJECTED, moved__gt=since):
        if row.revisions.get(number=row.revision).body == body:
            raise RejectedRecently("The same was rejected within a day", why=row.key)
