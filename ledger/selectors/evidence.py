"""What a bundle carries beside its range: leaves outside it with their proofs, heads, keys and policies.

Everything is read for one frozen head, so the same head gives the same answers for ever.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Max, Min, QuerySet

from ledger.core.bundle import Attached, Period
from ledger.core.control import ControlHistory, history, link_of
from ledger.core.merkle import consistency_proof, inclusion_proof, range_proof
from ledger.core.times import parse_time
from ledger.core.types import Hash, LeafIndex
from ledger.core.window import window_of
from ledger.errors import IntegrityLost, KeyUnusable
from ledger.models import Checkpoint, EventIndex, KeyUse, Leaf, PolicyText, SigningKey
from ledger.selectors.checkpoints import window_of as window_holding
from ledger.selectors.keys import key_by_kid
from ledger.selectors.leaves import LeafView, leaf, leaves_at
from ledger.selectors.notices import overlapping
from ledger.selectors.proofs import node_reader_of
from ledger.selectors.streams import StreamView
from ledger.storage.signer import RegisteredKey

MAX_CHECKPOINTS = 1_000
"""Checkpoints of a range that travel along, the newest; how many were left out stands in the manifest."""


def control_leaves(stream: StreamView, size: int) -> list[LeafView]:
    """Control leaves under the head of `size`, genesis first, by walking back from its manifest."""
    manifest = leaf(stream, size - 1)
    if manifest.kind != "window":
        raise IntegrityLost("The last leaf under a head is no manifest", why=f"leaf {size - 1} of {stream.origin}")
    link, found = window_of(manifest.parsed).control, list[LeafView]()
    following: object = link
    while following is not None:
        one = leaf(stream, link.index)
        found.append(one)
        following = link_of(one.parsed)
        link = following or link
    return found[::-1]


def history_at(stream: StreamView, size: int) -> ControlHistory:
    """Keys and policies as the log's own leaves tell them under the head of `size`."""
    return history([one.parsed for one in control_leaves(stream, size)])


def attached(stream: StreamView, first: int, last: int, size: int, *, neighbours: bool) -> list[Attached]:
    """Leaves outside [first, last] that a reader needs, each with its inclusion proof under the head of
    `size`: control leaves, erasures, holds and gaps that speak of the range, the newest manifest, those of the
    windows that hold the two ends, and the `neighbours` that show a period to be complete.
    """
    control = control_leaves(stream, size)
    wanted = {one.index for one in control} | {size - 1} | _manifests_over(stream, {first, last}, size)
    wanted |= overlapping(stream.id, first, last, size, ("erasure", "hold", "gap"))
    if neighbours:
        anew = (one.index + 1 for one in control if one.kind == "segment" and one.index > last)
        wanted |= {index for index in (first - 1, last + 1, *anew) if 0 <= index < size}
    outside = sorted(index for index in wanted if not first <= index <= last)
    read = node_reader_of(stream, size)
    found = leaves_at(stream, outside)
    return [
        Attached(LeafIndex(index), found[index].bytes, tuple(inclusion_proof(index, size, read))) for index in outside
    ]


def _manifests_over(stream: StreamView, indices: set[int], size: int) -> set[int]:
    """Manifests under the head of `size` of the windows that hold these leaves; none where a window is open."""
    found = (window_holding(stream, index) for index in indices)
    return {one.manifest_index for one in found if one is not None and one.manifest_index < size}


def heads(stream: StreamView, first: int, last: int, size: int) -> tuple[dict[int, bytes], int]:
    """Notes by size: those inside the range and the first that covers it; and how many were left out."""
    rows = Checkpoint.objects.filter(stream_id=stream.id, size__gt=first, size__lt=size)
    covering = rows.filter(size__gt=last).aggregate(least=Min("size"))["least"] or size
    chosen = rows.filter(size__lte=covering).order_by("-size").values_list("size", "note")
    notes = {height: bytes(note) for height, note in chosen[:MAX_CHECKPOINTS]}
    return notes, chosen.count() - len(notes)


def consistency_proofs(stream: StreamView, sizes: list[int], size: int) -> dict[int, list[Hash]]:
    """For each smaller size the proof that the head of `size` extends it."""
    read = node_reader_of(stream, size)
    return {old: consistency_proof(old, size, read) for old in sizes if old < size}


def range_hashes_at(stream: StreamView, first: int, last: int, size: int) -> list[Hash]:
    """Hashes outside [first, last] that lead to the root of `size` leaves."""
    return range_proof(first, last + 1, size, node_reader_of(stream, size))


def policy_texts(digests: list[str]) -> dict[str, bytes]:
    """Texts of policies by their digest; those that are not kept are left out."""
    rows = PolicyText.objects.filter(digest__in=digests)
    return {row.digest: row.text.encode() for row in rows}


def export_key(stream: StreamView, size: int) -> RegisteredKey:
    """The export key in force under the head of `size`; raises KeyUnusable."""
    rows = SigningKey.objects.filter(stream_id=stream.id, use=KeyUse.EXPORT, valid_from__lt=size)
    valid = [row for row in rows.order_by("-valid_from") if row.valid_to is None or size - 1 < row.valid_to]
    if not valid:
        raise KeyUnusable("The stream has no export key under this head", why=f"size {size}")
    return key_by_kid(valid[0].kid)


def span_of(stream: StreamView, period: Period, size: int) -> tuple[int, int] | None:
    """First and last index of the leaves of a period under the head of `size`; None where there are none.

    By recorded time: all leaves between the first and the last one recorded in the period. By claimed time:
    between the first and the last event that matches the filter and claims a time in it.
    """
    start, end = _moment(period.start), _moment(period.end)
    if period.basis == "recorded":
        times = _given({"recorded__gte": start, "recorded__lt": end})
        found = _ends(Leaf.objects.filter(stream_id=stream.id, index__lt=size, **times))
    else:
        asked = {"type": period.type, "source": period.source, "subject": period.subject}
        times = _given({"claimed_time__gte": start, "claimed_time__lt": end, **asked})
        rows = EventIndex.objects.filter(stream_id=stream.id, index__lt=size, claimed_time__isnull=False)
        found = _ends(rows.filter(**times))
    return found


def _ends(rows: QuerySet[Any]) -> tuple[int, int] | None:
    found = rows.aggregate(first=Min("index"), last=Max("index"))
    return None if found["first"] is None else (found["first"], found["last"])


def _moment(text: str | None) -> datetime | None:
    return None if text is None else parse_time(text)


def _given(conditions: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in conditions.items() if value is not None}
