"""What the kinds share that change a stream: how a body names it, whose it is, and which heads are locked.

Guarantees that the heads of the stream and of `_governance/changes` are locked in the order of their origins, as every
writer of several streams takes them, before the engine asks for the second one.
"""

from __future__ import annotations

from typing import Final

from django.db import connection

from governance.change.errors import EffectRefused
from governance.change.types.base import Finding, FindingState, Plain
from governance.identity.selectors.tenants import tenant_of_namespace
from ledger.core.fields import Check, index, text
from ledger.core.schemas import MAX_ORIGIN_BYTES
from ledger.core.types import JSONObject
from ledger.errors import LedgerError, StreamUnknown
from ledger.selectors.streams import StreamView, stream_by_origin, written_to
from ledger.services.head import lock_head
from ledger.services.raw import within

ORIGIN: Final[Check] = text(MAX_ORIGIN_BYTES)
INDEX: Final[Check] = index
CHANGES: Final = ("_governance", "changes")


class OfStream(Plain):
    """A kind whose body names its stream by origin, and whose document is `stream:<origin>/<part>`."""

    part: str

    def subject(self, body: JSONObject) -> str:
        """One document per stream."""
        return f"stream:{body['stream']}/{self.part}"

    def tenant(self, body: JSONObject) -> str | None:
        """Whoever owns the namespace; None for the platform's own streams."""
        try:
            namespace = stream_by_origin(str(body["stream"])).namespace
        except StreamUnknown:
            namespace = ""  # asked all the same: what is not there costs what is somebody else's
        return tenant_of_namespace(namespace)

    def preflight(self, base: JSONObject, body: JSONObject) -> list[Finding]:
        """Whether the stream takes a change now."""
        return [standing(stream_of(body))]


def stream_of(body: JSONObject, *, lock: bool = False) -> StreamView:
    """The stream that the body names; `lock` takes its head. Raises EffectRefused where it is none or not there."""
    try:
        found = stream_by_origin(str(body["stream"]))
        if found.is_hidden:
            raise StreamUnknown("There is no such stream", why=found.origin)
        return _locked(found) if lock else found
    except LedgerError as error:
        raise EffectRefused(
            error.what, why=f"{error.code}: {error.why}", path="$.stream", next_step=error.next_step
        ) from error


def _locked(stream: StreamView) -> StreamView:
    beside = {one.id: one for one in (stream, written_to(*CHANGES))}
    with connection.cursor() as cursor, within(cursor) as raw:
        for one in sorted(beside.values(), key=lambda each: each.origin):
            lock_head(raw, one.id)
    return stream_by_origin(stream.origin)


def standing(stream: StreamView) -> Finding:
    """Whether the stream takes a leaf now."""
    if stream.is_frozen:
        return failed("stream_frozen", f"{stream.origin} is frozen.", "Have it thawed first.")
    if stream.stopped is not None:
        return failed("stream_stopped", f"{stream.origin} is stopped: {stream.stopped}.", "Look at the stream's page.")
    return passed("stream_open", f"{stream.origin} takes the leaf that says so.")


def passed(code: str, words: str) -> Finding:
    """A check that came out well."""
    return Finding(code, FindingState.PASS, words)


def failed(code: str, words: str, next_step: str) -> Finding:
    """One that did not, and what to do."""
    return Finding(code, FindingState.FAIL, words, next_step)


def why(decision: str) -> str:
    """The reason that a leaf gives: the change has it in full."""
    return f"change {decision}"
