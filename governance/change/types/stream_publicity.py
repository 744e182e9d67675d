"""`stream.publicity`: which parts of a log anybody may read."""

from __future__ import annotations

from governance.change.core.policy import Direction
from governance.change.errors import EffectRefused
from governance.change.types.base import Applying
from governance.change.types.streams import ORIGIN, OfStream, stream_of
from ledger.core.fields import Schema, boolean
from ledger.core.types import JSONObject
from ledger.selectors.publicity import publicity
from ledger.services.publicity import set_publicity


class StreamPublicity(OfStream):
    """Checkpoint and hash tiles, or the entries too. What was public may have been copied for good."""

    name = "stream.publicity"
    words = "Make a log public or private"
    part = "publicity"
    schema: Schema = {"stream": ORIGIN, "tiles": boolean, "entries": boolean}

    def base(self, body: JSONObject, *, lock: bool) -> JSONObject:
        """What is public now."""
        found = stream_of(body, lock=lock)
        now = publicity(found.namespace, found.name)
        return {"tiles": now.tiles, "entries": now.entries}

    def result(self, base: JSONObject, body: JSONObject) -> JSONObject:
        """What is asked for; raises EffectRefused for entries without tiles, and where nothing changes."""
        wanted: JSONObject = {"tiles": body["tiles"], "entries": body["entries"]}
        if wanted["entries"] and not wanted["tiles"]:
            raise EffectRefused("Entries are public only together with the hash tiles", path="$.entries")
        if wanted == base:
            raise EffectRefused("This is public already, and nothing else", path="$.tiles")
        return wanted

    def direction(self, base: JSONObject, result: JSONObject) -> Direction:
        """Showing more loosens."""
        opens = any(result[part] and not base[part] for part in ("tiles", "entries"))
        return Direction.LOOSENS if opens else Direction.TIGHTENS

    def invalidates(self, base: JSONObject, body: JSONObject) -> list[str]:
        """Who loses access, and what cannot be taken back."""
        closed = [part for part in ("tiles", "entries") if base[part] and not body[part]]
        opened = [part for part in ("tiles", "entries") if body[part] and not base[part]]
        found = [f"Nobody reads the {part} without a key of the tenant any more." for part in closed]
        return found + [
            f"The {part} can be copied by anybody; copies stay when it is private again." for part in opened
        ]

    def way_back(self, base: JSONObject, body: JSONObject) -> JSONObject | None:
        """What was public before."""
        return {"type": self.name, "body": {"stream": body["stream"], **base}}

    def apply(self, base: JSONObject, body: JSONObject, *, context: Applying) -> None:
        """One row."""
        tiles, entries = body["tiles"] is True, body["entries"] is True
        set_publicity(stream_of(body), tiles=tiles, entries=entries, decision=context.decision)
