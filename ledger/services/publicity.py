"""Make a stream public or private again; called by the governance action that records it, in its transaction."""

from __future__ import annotations

from dataclasses import asdict

from ledger.errors import RequestError
from ledger.models import Publicity
from ledger.selectors.publicity import PublicityView
from ledger.selectors.streams import StreamView
from ledger.services.governed import require
from ledger.services.head import refuse_act_on


class PublicityRefused(RequestError):
    """Entries without the tiles that prove them."""

    code = "refused"


def set_publicity(
    stream: StreamView, *, tiles: bool | None, entries: bool | None, decision: str | None = None
) -> PublicityView:  # fmt: skip
    """Set what is given, under the row's lock; returns what holds now. Raises PublicityRefused, DecisionNeeded,
    StreamFrozen and TenantSuspended.

    Needs a transaction around it: the row and the event that records it stand or fall together.
    """
    require(decision, "stream.publicity")
    refuse_act_on(stream, decision)
    Publicity.objects.get_or_create(stream_id=stream.id)
    row = Publicity.objects.select_for_update().get(stream_id=stream.id)
    now = PublicityView(
        tiles=row.tiles if tiles is None else tiles,
        entries=row.entries if entries is None else entries,
    )
    if now.entries and not now.tiles:
        raise PublicityRefused(
            "Entries are public only together with the hash tiles",
            why="nobody could verify them",
            next_step="Turn the tiles on too, or the entries off.",
        )
    Publicity.objects.filter(stream_id=stream.id).update(**asdict(now))
    return now
