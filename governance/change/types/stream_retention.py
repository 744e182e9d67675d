"""`stream.retention`: after how many days attributes and payloads of a stream are erased."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar, cast

from governance.change.core.policy import Direction
from governance.change.errors import EffectRefused
from governance.change.types.base import Applying
from governance.change.types.streams import ORIGIN, OfStream, stream_of, why
from ledger.core.fields import Schema, nullable, number
from ledger.core.schemas import MAX_DAYS
from ledger.core.types import JSONObject
from ledger.selectors.notices import terms
from ledger.selectors.retention import plan_of, rules_of
from ledger.services.terms import Change, Told, declare_within

PARTS = {"attrs_days": "attributes", "payload_days": "payloads"}


class StreamRetention(OfStream):
    """None keeps for ever. What a shorter time erases does not come back with a longer one."""

    name = "stream.retention"
    words = "Set how long content is kept"
    part = "retention"
    schema: Schema = {
        "stream": ORIGIN,
        "attrs_days": nullable(number(1, MAX_DAYS)),
        "payload_days": nullable(number(1, MAX_DAYS)),
    }
    numbers: ClassVar[frozenset[str]] = frozenset(PARTS)

    def base(self, body: JSONObject, *, lock: bool) -> JSONObject:
        """What is declared now."""
        now = terms(stream_of(body, lock=lock))
        return {"attrs_days": now.attrs_days, "payload_days": now.payload_days}

    def result(self, base: JSONObject, body: JSONObject) -> JSONObject:
        """What is asked for; raises EffectRefused where nothing changes."""
        wanted = {name: body[name] for name in PARTS}
        if wanted == base:
            raise EffectRefused("The stream keeps its content exactly so long already", path="$.payload_days")
        return wanted

    def direction(self, base: JSONObject, result: JSONObject) -> Direction:
        """Erasing anything sooner loosens: it takes evidence away for ever."""
        sooner = any(_days(result, name) < _days(base, name) for name in PARTS)
        return Direction.LOOSENS if sooner else Direction.TIGHTENS

    def invalidates(self, base: JSONObject, body: JSONObject) -> list[str]:
        """What the next run erases."""
        found = stream_of(body)
        declared = replace(terms(found), attrs_days=_read(body, "attrs_days"), payload_days=_read(body, "payload_days"))
        plans = [plan_of(found, rule) for rule in rules_of(found, declared)]
        return [
            f"{' and '.join(plan.rule.parts)} of {plan.events:,} events older than {plan.rule.days:,} days go with the "
            "next run, for ever."
            for plan in plans
            if plan.events
        ]

    def way_back(self, base: JSONObject, body: JSONObject) -> JSONObject | None:
        """The days of before."""
        return {"type": self.name, "body": {"stream": body["stream"], **base}}

    def apply(self, base: JSONObject, body: JSONObject, *, context: Applying) -> None:
        """One `terms` leaf."""
        change = Change(attrs_days=_read(body, "attrs_days"), payload_days=_read(body, "payload_days"))
        declare_within(stream_of(body), change, Told(why(context.decision), context.by.actor, context.decision))


def _read(document: JSONObject, name: str) -> int | None:
    return cast("int | None", document[name])


def _days(document: JSONObject, name: str) -> int:
    """For comparison: for ever is longer than anything."""
    value = _read(document, name)
    return MAX_DAYS + 1 if value is None else value
