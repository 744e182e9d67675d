"""What the retention of a stream would erase now: computed from what is erased and held, never remembered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from ledger.core.schemas import PARTS
from ledger.core.spans import MAX_SPANS, Span, common, without
from ledger.core.terms import Terms
from ledger.models import EventIndex, Notice
from ledger.selectors.notices import erased_spans, events_within, held_spans, terms
from ledger.selectors.streams import StreamView

_SIZES = """
SELECT count(DISTINCT object.index), COALESCE(sum(object.size), 0), min(event.recorded), max(event.recorded)
FROM unnest(%s::bigint[], %s::bigint[]) AS span (first, last)
JOIN ledger_object AS object ON object.stream_id = %s AND object.index BETWEEN span.first AND span.last
JOIN ledger_eventindex AS event ON event.stream_id = object.stream_id AND event.index = object.index
WHERE object.role = ANY(%s)
"""
_NOW = "SELECT clock_timestamp()"


@dataclass(frozen=True, slots=True)
class Rule:
    """Parts that are erased after `days`, and the last leaf that is older than that (None: none is)."""

    parts: tuple[str, ...]
    days: int
    cutoff: datetime
    last: int | None


@dataclass(frozen=True, slots=True)
class Plan:
    """What one rule would erase: events, bytes of their objects, the times of the oldest and newest; `held` counts
    the events that stay, by case.
    """

    rule: Rule
    events: int
    octets: int
    oldest: datetime | None
    newest: datetime | None
    spans: tuple[Span, ...]
    held: dict[str, int]

    def to_json(self) -> dict[str, Any]:
        """As the dry run prints it."""
        return {
            "parts": list(self.rule.parts),
            "days": self.rule.days,
            "recorded_before": self.rule.cutoff.isoformat(),
            "events": self.events,
            "bytes": self.octets,
            "oldest": self.oldest and self.oldest.isoformat(),
            "newest": self.newest and self.newest.isoformat(),
            "from": self.spans[0][0] if self.spans else None,
            "to": self.spans[-1][1] if self.spans else None,
            "held": [{"case": case, "events": count} for case, count in sorted(self.held.items())],
        }


def rules_of(stream: StreamView, declared: Terms | None = None) -> list[Rule]:
    """The rules in force, parts of the same age together."""
    found = declared or terms(stream)
    by_days: dict[int, list[str]] = {}
    for part in PARTS:
        days = found.days(part)
        if days is not None:
            by_days.setdefault(days, []).append(part)
    now = _clock()
    return [_rule(stream, tuple(parts), days, now - timedelta(days=days)) for days, parts in sorted(by_days.items())]


def plan_of(stream: StreamView, rule: Rule) -> Plan:
    """Everything that a rule would erase now."""
    spans = sorted(events_within(stream.id, due_spans(stream, rule)))
    events, octets, oldest, newest = _sizes(stream, rule, spans)
    return Plan(rule, events, octets, oldest, newest, tuple(spans), _held(stream, rule))


def due_spans(stream: StreamView, rule: Rule) -> list[Span]:
    """Leaves that are old enough, not erased yet, and not held."""
    found = _of_age(stream, rule)
    for held in held_spans(stream.id).values():
        found = without(found, held)
    return found


def next_batch(stream: StreamView, rule: Rule, most: int) -> list[Span]:
    """The oldest due events, at most `most` in at most as many spans as a leaf takes; reads no more than these."""
    taken: list[Span] = []
    left = most
    for first, last in due_spans(stream, rule):
        if left <= 0 or len(taken) == MAX_SPANS:
            break
        rows = EventIndex.objects.filter(stream_id=stream.id, index__gte=first, index__lte=last).order_by("index")
        found = list(rows.values_list("index", flat=True)[:left])
        if found:
            taken.append((found[0], found[-1]))
            left -= len(found)
    return taken


def streams_with_terms() -> list[int]:
    """Ids of streams that ever declared anything."""
    return sorted(set(Notice.objects.filter(kind="terms").values_list("stream_id", flat=True)))


def _clock() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute(_NOW)
        row: Any = cursor.fetchone()
    now: datetime = row[0]
    return now


def _rule(stream: StreamView, parts: tuple[str, ...], days: int, cutoff: datetime) -> Rule:
    """`recorded` never decreases with the index, so one probe of the index finds where the young ones begin."""
    rows = EventIndex.objects.filter(stream_id=stream.id, recorded__lt=cutoff).order_by("-recorded", "-index")
    return Rule(parts, days, cutoff, rows.values_list("index", flat=True).first())


def _of_age(stream: StreamView, rule: Rule) -> list[Span]:
    """Where any of the parts is still there."""
    if rule.last is None:
        return []
    whole: list[Span] = [(0, rule.last)]
    gone = [erased_spans(stream.id, part) for part in rule.parts]
    both = gone[0] if len(gone) == 1 else common(gone[0], gone[1])
    return without(whole, both)


def _held(stream: StreamView, rule: Rule) -> dict[str, int]:
    due = _of_age(stream, rule)
    counts = {case: events_within(stream.id, common(due, spans)) for case, spans in held_spans(stream.id).items()}
    return {case: sum(found.values()) for case, found in counts.items() if found}


def _sizes(stream: StreamView, rule: Rule, spans: Sequence[Span]) -> tuple[int, int, datetime | None, datetime | None]:
    given = ([first for first, _ in spans], [last for _, last in spans], stream.id, list(rule.parts))
    with connection.cursor() as cursor:
        cursor.execute(_SIZES, given)
        events, octets, oldest, newest = cursor.fetchone() or (0, 0, None, None)
    return events, int(octets), oldest, newest
