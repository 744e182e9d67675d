"""What control leaves of logs say of themselves, and whether a change explains it: also of logs no change is about.

Guarantees that a leaf about retention, witnesses, keys, reliance or a hold that takes a decision names a change that
took effect on this very log, and says what that change says; and that one which names none was written before the
founding, only restricts, or repeats what held before. That rows follow from leaves is the ledger's own question
(`verify_store`); what nobody asks here is named in `NOT_EVALUATED`, never passed over.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime
from typing import cast

from governance.change.core.bounds import inner_of
from governance.change.core.replay import Contradiction
from ledger.core.control import link_of
from ledger.core.hold import hold_of
from ledger.core.terms import NOTHING, Terms, terms_of
from ledger.core.times import parse_time
from ledger.core.types import JSONObject
from ledger.errors import LedgerError
from ledger.models import Notice
from ledger.models.stream import Stream, StreamHead
from ledger.selectors.leaves import LeafView, leaf, leaves_at
from ledger.selectors.notices import terms
from ledger.selectors.streams import StreamView, stream_by_origin

NOT_EVALUATED = (
    "Whether rows of logs (retention, witnesses, keys, holds, reliance) follow from their leaves: verify_store does.",
    "Which private halves of retired keys are gone from logs that no change was about: no leaf says it.",
    "Whether a reset of factors barred somebody when they signed: no record says it.",
)
"""In words, for everybody who reads a report."""

_KINDS = {
    "terms": {"stream.retention"},
    "policy": {"stream.policy"},
    "key": {"log_key.rotate", "log_key.retire", "log_key.recover"},
    "reliance": {"reliance.pause", "reliance.resume"},
    "hold": {"hold.release"},
}
_ASIDE = {"policy": "witnesses", "terms": "retention", "key": "keys", "hold": "holds"}


class Logs:
    """`applied` are effects by change, `origins` those of the decisions' log, `founded` its founding's time."""

    def __init__(self, applied: dict[str, JSONObject], origins: frozenset[str], founded: datetime) -> None:
        """Nothing is read yet."""
        self.applied, self.origins, self.founded = applied, origins, founded
        self.not_evaluated: list[str] = []

    def unexplained(self) -> Iterator[Contradiction]:
        """Each leaf that no change explains; a log that cannot be read is named in `not_evaluated`."""
        heads = dict(StreamHead.objects.exclude(successor=None).values_list("successor", "stream__origin"))
        for row in Stream.objects.order_by("id"):
            try:
                yield from self._of(stream_by_origin(row.origin), heads.get(row.origin))
            except LedgerError as error:
                self.not_evaluated.append(f"Control leaves of {row.origin} cannot be read: {error}"[:300])

    def _of(self, stream: StreamView, continues: str | None) -> Iterator[Contradiction]:
        held = _beginning(continues)
        for one in [*_control(stream), *_holds(stream)]:
            if one.kind not in _KINDS:
                continue
            why = self._why_not(one, stream.origin, held)
            if why:
                words = f"stream:{stream.origin} leaf {one.index}, {_ASIDE.get(one.kind, one.kind)}: {why}"
                yield Contradiction("replay_state_mismatch", -1, words)
            held = terms_of(one.parsed) if one.kind == "terms" else held

    def _why_not(self, one: LeafView, origin: str, held: Terms) -> str:
        """'' where it is explained."""
        told = cast("JSONObject | None", one.envelope["decision"])
        if told is None:
            free = parse_time(one.recorded) <= self.founded or _is_free(one, held)
            return "" if free else "it names no decision"
        effect = self.applied.get(str(told["change"])) if told["origin"] in self.origins else None
        if effect is None:
            return "the decision that it names took no effect"
        is_of = inner_of(effect)[0] in _KINDS[one.kind] and str(effect["subject"]).startswith(f"stream:{origin}/")
        return "" if is_of and _says(one, effect) else "the decision that it names is about something else"


def _control(stream: StreamView) -> list[LeafView]:
    """Every control leaf, from the oldest, along their own links."""
    found = [leaf(stream, StreamHead.objects.values_list("control_index", flat=True).get(pk=stream.id))]
    while (before := link_of(found[-1].parsed)) is not None:
        found.append(leaf(stream, before.index))
    return found[::-1]


def _holds(stream: StreamView) -> list[LeafView]:
    """Leaves about holds, which stand outside of the control chain."""
    rows = Notice.objects.filter(stream_id=stream.id, kind="hold").order_by("index").values_list("index", flat=True)
    indices = list(rows)
    return [one for _, one in sorted(leaves_at(stream, indices).items())] if indices else []


def _beginning(continues: str | None) -> Terms:
    """What a log begins with: that of the log which it continues."""
    return terms(stream_by_origin(continues)) if continues is not None else NOTHING


def _is_free(one: LeafView, held: Terms) -> bool:
    """Whether it takes no decision: a pause, a hold that is set, and terms that keep what they kept."""
    if one.kind == "terms":
        now = terms_of(one.parsed)
        return (now.attrs_days, now.payload_days) == (held.attrs_days, held.payload_days)
    if one.kind == "hold":
        return not hold_of(one.parsed).released
    return one.kind == "reliance" and one.envelope["state"] == "paused"


def _says(one: LeafView, effect: JSONObject) -> bool:
    """Whether the leaf declares what the change decided, where it declares a document."""
    result = cast("JSONObject", effect["result"])
    if one.kind == "terms":
        now = terms_of(one.parsed)
        return (now.attrs_days, now.payload_days) == (result["attrs_days"], result["payload_days"])
    if one.kind == "policy":
        return one.envelope["policy"] == hashlib.sha256(str(result["policy"]).encode()).hexdigest()
    return True
