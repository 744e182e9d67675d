"""What of a stream anybody may read."""

from __future__ import annotations

from dataclasses import dataclass

from ledger.models import Publicity


@dataclass(frozen=True, slots=True)
class PublicityView:
    """`tiles`: checkpoint and hash tiles; `entries`: the leaves, never without the tiles."""

    tiles: bool = False
    entries: bool = False


PRIVATE = PublicityView()


def publicity(namespace: str, name: str) -> PublicityView:
    """What of the stream is public; private where nothing was set, or where there is no such stream."""
    row = Publicity.objects.filter(stream__namespace=namespace, stream__name=name).values("tiles", "entries").first()
    return PRIVATE if row is None else PublicityView(**row)
