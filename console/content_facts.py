"""What a stream's page tells of content and source: what is declared, held, erased, and known to be lacking."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.cache import cache
from django.urls import reverse

from console import words
from ledger.core.verify.gaps import in_words as gap_in_words
from ledger.selectors import notices
from ledger.selectors.completeness import completeness_of

if TYPE_CHECKING:
    from datetime import datetime

    from ledger.core.terms import Terms
    from ledger.selectors.health import PathHealth
    from ledger.selectors.notices import ErasureView, GapView, HoldView, Spoken
    from ledger.selectors.streams import StreamView

KEPT_S = 5
NEWEST = 3
_KINDS = {"holds": "hold", "erasures": "erasure", "gaps": "gap"}
_PARTS = {"attrs": "attributes", "payload": "payload"}


@dataclass(frozen=True, slots=True)
class Said:
    """What one leaf says: its state's mark, a headline, a sentence, when, and the leaf."""

    state: str
    headline: str
    sentence: str
    recorded: datetime
    leaf: int
    href: str


@dataclass(frozen=True, slots=True)
class Content:
    """The block of a stream's page."""

    completeness: PathHealth
    kept: str
    declared_at: int | None
    declared_href: str
    counts: dict[str, int]
    said: tuple[Said, ...]


def content_of(stream: StreamView, now: datetime) -> Content:
    """Read at most once in a few seconds by each process, like the health paths it stands beside."""
    key = f"content:{stream.public_id}:{stream.size}"
    kept: Content | None = cache.get(key)
    if kept is None:
        kept = _content(stream, now)
        cache.set(key, kept, KEPT_S)
    return kept


def said_of(stream: StreamView, found: Spoken) -> tuple[Said, ...]:
    """What leaves say of others, holds first."""
    holds = [_held(stream, one) for one in found.holds]
    erasures = [_erased(stream, one) for one in found.erasures]
    return (*holds, *erasures, *(_lacking(stream, one) for one in found.gaps))


def _content(stream: StreamView, now: datetime) -> Content:
    declared, counts = notices.terms(stream), notices.counts_of(stream.id)
    newest = [notices.notices_of(stream, _KINDS[name], limit=NEWEST) for name, count in counts.items() if count]
    return Content(
        completeness=completeness_of(stream, now),
        kept=kept_for(declared),
        declared_at=declared.index,
        declared_href=_leaf(stream, declared.index) if declared.index is not None else "",
        counts=counts,
        said=tuple(one for found in newest for one in said_of(stream, found)),
    )


def kept_for(declared: Terms) -> str:
    """How long content is kept, in words."""
    days = {declared.payload_days: ["payloads"]}
    days.setdefault(declared.attrs_days, []).append("attributes")
    if days.keys() == {None}:
        return "for ever: no retention is declared"
    parts = (f"{words.listed(names)} {_days(count)}" for count, names in days.items())
    return "; ".join(parts)


def _days(count: int | None) -> str:
    return "for ever" if count is None else f"for {words.counted(count, 'day')}"


def _erased(stream: StreamView, one: ErasureView) -> Said:
    told = one.told
    parts = words.listed([_PARTS[part] for part in told.parts])
    where = _ranges(told.spans)
    state = "not_evaluated" if not one.is_open else "stale"
    done = "" if not one.is_open else " It is under way."
    sentence = (
        f"By {told.by}, {told.reason_code}: {told.reason}. Backups may hold it until {told.backup_horizon[:10]}.{done}"
    )
    return _said(stream, one, state, f"Erased: {parts} of {where}", sentence)


def _held(stream: StreamView, one: HoldView) -> Said:
    told = one.told
    end = "Nobody erases it before the case is released." if one.is_open else "The case was released."
    state = "pass" if one.is_open else "not_evaluated"
    return _said(
        stream, one, state, f"Held: {_ranges(told.spans)}, case {told.case}", f"By {told.by}: {told.reason}. {end}"
    )


def _lacking(stream: StreamView, one: GapView) -> Said:
    return _said(stream, one, "fail", "Gap at the source", f"{gap_in_words(one.told)}.")


def _said(stream: StreamView, one: ErasureView | HoldView | GapView, state: str, headline: str, sentence: str) -> Said:
    return Said(state, headline, sentence, one.recorded, one.index, _leaf(stream, one.index))


def _ranges(spans: tuple[tuple[int, int], ...]) -> str:
    first, last = words.grouped(spans[0][0]), words.grouped(spans[-1][1])
    if len(spans) > 1:
        return f"{words.counted(len(spans), 'range')} between leaves {first} and {last}"
    return f"leaf {first}" if first == last else f"leaves {first} to {last}"


def _leaf(stream: StreamView, index: int) -> str:
    return reverse("event", args=(stream.namespace, stream.name, index))
