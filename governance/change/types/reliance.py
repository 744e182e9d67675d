"""`reliance.pause` and `reliance.resume`: whether readers may rely on a range of leaves."""

from __future__ import annotations

from typing import ClassVar, cast

from governance.change.core.policy import Direction
from governance.change.errors import EffectRefused
from governance.change.types.base import Applying
from governance.change.types.streams import INDEX, ORIGIN, OfStream, stream_of, why
from ledger.core.fields import Schema
from ledger.core.spans import Span, common, joined, without
from ledger.core.types import JSON, JSONObject
from ledger.core.verify.reliance import paused_parts
from ledger.selectors.reliance import spans_of
from ledger.services.reliance import set_reliance_within


class _Reliance(OfStream):
    """A tenant may also pause directly, so that this document may move without a change."""

    part = "reliance"
    schema: Schema = {"stream": ORIGIN, "from": INDEX, "to": INDEX}
    paused: ClassVar[bool]

    def base(self, body: JSONObject, *, lock: bool) -> JSONObject:
        """The parts that are paused."""
        found = stream_of(body, lock=lock)
        first, last = _range(body)
        if not 0 <= first <= last < found.size:
            raise EffectRefused("The range is not one of this stream", why=f"of {found.size:,} leaves", path="$.to")
        return {"paused": _told(paused_parts(spans_of(found), 0, found.size - 1))}

    def way_back(self, base: JSONObject, body: JSONObject) -> JSONObject | None:
        """The opposite, where all of the range stood on the other side before; else no one change gives it back."""
        before = common(_spans(base), [_range(body)])
        whole = not before if self.paused else before == [_range(body)]
        other = "reliance.resume" if self.paused else "reliance.pause"
        return {"type": other, "body": body} if whole else None

    def apply(self, base: JSONObject, body: JSONObject, *, context: Applying) -> None:
        """One `reliance` leaf."""
        first, last = _range(body)
        reason = why(context.decision)
        set_reliance_within(
            stream_of(body), first, last, paused=self.paused, reason=reason, decision=context.decision
        )  # fmt: skip


class ReliancePause(_Reliance):
    """Every bundle of the range says so from then on, and is incomplete for it."""

    name = "reliance.pause"
    words = "Pause reliance on leaves"
    paused = True

    def result(self, base: JSONObject, body: JSONObject) -> JSONObject:
        """With the range; raises EffectRefused where all of it is paused."""
        found = _told(joined([*_spans(base), _range(body)]))
        if found == base["paused"]:
            raise EffectRefused("Reliance on all of this range is paused already", path="$.from")
        return {"paused": found}

    def direction(self, base: JSONObject, result: JSONObject) -> Direction:
        """It only takes away."""
        return Direction.TIGHTENS

    def invalidates(self, base: JSONObject, body: JSONObject) -> list[str]:
        """What readers may no longer do."""
        return ["Bundles that hold any of these leaves verify as incomplete until reliance is resumed."]


class RelianceResume(_Reliance):
    """What was paused may be relied on again."""

    name = "reliance.resume"
    words = "Resume reliance on leaves"
    paused = False

    def result(self, base: JSONObject, body: JSONObject) -> JSONObject:
        """Without the range; raises EffectRefused where none of it is paused."""
        found = _told(without(_spans(base), [_range(body)]))
        if found == base["paused"]:
            raise EffectRefused("Reliance on no leaf of this range is paused", path="$.from")
        return {"paused": found}

    def direction(self, base: JSONObject, result: JSONObject) -> Direction:
        """It gives reliance back."""
        return Direction.LOOSENS

    def invalidates(self, base: JSONObject, body: JSONObject) -> list[str]:
        """Nothing stops."""
        return []


def _range(body: JSONObject) -> Span:
    return cast("int", body["from"]), cast("int", body["to"])


def _told(spans: list[Span]) -> list[JSON]:
    return [f"{first}-{last}" for first, last in spans]


def _spans(document: JSONObject) -> list[Span]:
    pairs = (one.split("-") for one in cast("list[str]", document["paused"]))
    return [(int(first), int(last)) for first, last in pairs]
