"""`payload.erase`: erase attributes or payloads of a range of events. There is no way back."""

from __future__ import annotations

from typing import cast

from governance.change.core.policy import Direction
from governance.change.errors import EffectRefused
from governance.change.types.base import Applying, Finding
from governance.change.types.streams import INDEX, ORIGIN, OfStream, failed, passed, standing, stream_of, why
from ledger.core.fields import Schema, distinct, one_of
from ledger.core.schemas import ERASURE_REASONS, PARTS
from ledger.core.spans import Span, common, without
from ledger.core.types import JSONObject
from ledger.selectors.notices import erased_spans, events_within, held_spans
from ledger.selectors.streams import StreamView
from ledger.services.erasures import Asked, erase_within

REASONS = tuple(reason for reason in ERASURE_REASONS if reason != "retention")


class PayloadErase(OfStream):
    """Content and salts go; leaves, receipts, proofs and checkpoints stay."""

    name = "payload.erase"
    words = "Erase content of events"
    part = "content"
    schema: Schema = {
        "stream": ORIGIN, "from": INDEX, "to": INDEX, "parts": distinct(*PARTS), "reason_code": one_of(*REASONS),
    }  # fmt: skip

    def subject(self, body: JSONObject) -> str:
        """One document per range and parts."""
        parts = "+".join(sorted(map(str, cast("list[str]", body["parts"]))))
        return f"stream:{body['stream']}/content/{body['from']}-{body['to']}/{parts}"

    def base(self, body: JSONObject, *, lock: bool) -> JSONObject:
        """How many events are in the range, and of how many each part is still there."""
        found = stream_of(body, lock=lock)
        first, last = _range(body)
        if not 0 <= first <= last < found.size:
            raise EffectRefused("The range is not one of this stream", why=f"of {found.size:,} leaves", path="$.to")
        return {"events": _count(found, [(first, last)]), **{part: _left(found, body, part) for part in _parts(body)}}

    def result(self, base: JSONObject, body: JSONObject) -> JSONObject:
        """Nothing of these parts; raises EffectRefused where nothing is left of any."""
        parts = _parts(body)
        if not any(base[part] for part in parts):
            raise EffectRefused("There is nothing left to erase in this range", path="$.from")
        return {**base, **dict.fromkeys(parts, 0)}

    def direction(self, base: JSONObject, result: JSONObject) -> Direction:
        """It takes evidence away for ever."""
        return Direction.LOOSENS

    def invalidates(self, base: JSONObject, body: JSONObject) -> list[str]:
        """What goes, and that it does not come back."""
        words = {"attrs": "attributes", "payload": "payloads"}
        return [
            f"The {words[part]} of {base[part]:,} events go for ever, with their salts: nobody can show or prove them "
            "from here any more. There is no way back."
            for part in _parts(body)
            if base[part]
        ]

    def preflight(self, base: JSONObject, body: JSONObject) -> list[Finding]:
        """Whether a hold covers any of it."""
        found = stream_of(body)
        for case, spans in held_spans(found.id).items():
            if common([_range(body)], spans):
                words = f"Case {case} holds some of these events."
                return [standing(found), failed("held", words, "Leave them out, or have the hold released.")]
        return [standing(found), passed("not_held", "No hold covers any of these events.")]

    def way_back(self, base: JSONObject, body: JSONObject) -> JSONObject | None:
        """None."""
        return None

    def apply(self, base: JSONObject, body: JSONObject, *, context: Applying) -> None:
        """The erasure leaf; the content goes after the commit."""
        asked = Asked(
            [_range(body)], _parts(body), str(body["reason_code"]), why(context.decision), context.by.actor,
            decision=context.decision,
        )  # fmt: skip
        erase_within(stream_of(body), asked)


def _range(body: JSONObject) -> Span:
    return cast("int", body["from"]), cast("int", body["to"])


def _parts(body: JSONObject) -> list[str]:
    return sorted(cast("list[str]", body["parts"]))


def _left(stream: StreamView, body: JSONObject, part: str) -> int:
    return _count(stream, without([_range(body)], erased_spans(stream.id, part)))


def _count(stream: StreamView, spans: list[Span]) -> int:
    return sum(events_within(stream.id, spans).values())
