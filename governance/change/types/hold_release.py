"""`hold.release`: release everything that is held under a case."""

from __future__ import annotations

from governance.change.core.policy import Direction
from governance.change.errors import EffectRefused
from governance.change.types.base import Applying
from governance.change.types.streams import ORIGIN, OfStream, stream_of, why
from ledger.core.fields import Schema, text
from ledger.core.types import JSONObject
from ledger.selectors.notices import events_within, held_spans
from ledger.services.holds import MAX_CASE_BYTES, release_within


class HoldRelease(OfStream):
    """Placing a hold is its tenant's own act and needs no decision, so a release has no declared revert."""

    name = "hold.release"
    words = "Release a hold"
    part = "holds"
    schema: Schema = {"stream": ORIGIN, "case": text(MAX_CASE_BYTES)}

    def subject(self, body: JSONObject) -> str:
        """One document per case."""
        return f"stream:{body['stream']}/holds/{body['case']}"

    def base(self, body: JSONObject, *, lock: bool) -> JSONObject:
        """How many events the case holds."""
        found = stream_of(body, lock=lock)
        spans = held_spans(found.id).get(str(body["case"]), [])
        return {"held": sum(events_within(found.id, spans).values())}

    def result(self, base: JSONObject, body: JSONObject) -> JSONObject:
        """None; raises EffectRefused where none is."""
        if not base["held"]:
            raise EffectRefused("Nothing is held under this case", why=str(body["case"]), path="$.case")
        return {"held": 0}

    def direction(self, base: JSONObject, result: JSONObject) -> Direction:
        """What a hold keeps may go afterwards."""
        return Direction.LOOSENS

    def invalidates(self, base: JSONObject, body: JSONObject) -> list[str]:
        """What is no longer kept."""
        return [f"{base['held']:,} events are no longer kept by it: what is due may be erased with the next run."]

    def way_back(self, base: JSONObject, body: JSONObject) -> JSONObject | None:
        """None: a new hold is placed directly."""
        return None

    def apply(self, base: JSONObject, body: JSONObject, *, context: Applying) -> None:
        """One `hold` leaf."""
        release_within(
            stream_of(body), case=str(body["case"]), reason=why(context.decision), by=context.by.actor,
            decision=context.decision,
        )  # fmt: skip
