"""How a stream stands to the outside, in one query: what of it is public, and where its head is logged."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import OuterRef, Subquery

from ledger.models import LoggedHead, Stream
from ledger.selectors.heads import SIGNED, LoggedHeadView
from ledger.selectors.publicity import PublicityView
from ledger.selectors.streams import StreamView

_NEWEST = LoggedHead.objects.filter(stream_id=OuterRef("pk")).order_by("-size")


@dataclass(frozen=True, slots=True)
class Outside:
    """`logged` is None while the log of heads has no checkpoint of the stream."""

    publicity: PublicityView
    logged: LoggedHeadView | None


def outside_of(stream: StreamView) -> Outside:
    """What the outside sees of the stream."""
    row = Stream.objects.filter(pk=stream.id).values_list(
        "publicity__tiles", "publicity__entries", Subquery(_NEWEST.values("size")[:1]),
        Subquery(_NEWEST.values("index")[:1]), Subquery(_NEWEST.annotate(signed=SIGNED).values("signed")[:1]),
    ).get()  # fmt: skip
    tiles, entries, size, index, signed = row
    logged = None if size is None else LoggedHeadView(size, index, signed)
    return Outside(PublicityView(tiles=bool(tiles), entries=bool(entries)), logged)
