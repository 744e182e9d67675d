"""What a verification of the store is about: a stream as it stood at one moment, and its history of keys.

Head and prepared checkpoint are read in one statement, so that they belong together however much is appended and
sealed meanwhile. The control leaves are found by walking back from the head row; where that row lies, by the
column `kind`. Either way they are compared with all leaves in the end.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from django.db import connection

from ledger.core.control import ControlHistory, history, link_of
from ledger.core.envelope import Envelope, parse
from ledger.core.schemas import CONTROL
from ledger.core.types import Hash
from ledger.errors import LedgerError, StreamUnknown
from ledger.models import Leaf
from ledger.selectors.streams import StreamView

_READ = """
SELECT head.size, head.last_hash, head.last_recorded, head.control_index, head.control_hash, head.receipt_kid,
       head.window_number, head.window_from, head.window_opened, head.events_open, head.waiting_since,
       head.signed_size, prepared.size, prepared.root, prepared.text, prepared.number
FROM ledger_streamhead AS head LEFT JOIN ledger_prepared AS prepared ON prepared.stream_id = head.stream_id
WHERE head.stream_id = %s
"""


@dataclass(frozen=True, slots=True)
class Facts:
    """The head row and the prepared row (its four columns None where there is none); hashes in hex, times ISO."""

    size: int
    last_hash: str
    last_recorded: str
    control_index: int
    control_hash: str
    receipt_kid: str
    window_number: int
    window_from: int
    window_opened: str
    events_open: int
    waiting_since: str | None
    signed_size: int
    prepared_size: int | None
    prepared_root: str | None
    prepared_text: str | None
    prepared_number: int | None

    def to_json(self) -> dict[str, Any]:
        """As a JSON object."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Frozen:
    """A stream of `facts.size` leaves; `history` is None where the control leaves give none."""

    stream: StreamView
    facts: Facts
    history: ControlHistory | None

    @property
    def size(self) -> int:
        """Leaves that are verified."""
        return self.facts.size

    @property
    def signed(self) -> int:
        """Leaves under the published head."""
        return min(self.facts.signed_size, self.facts.size)


def frozen(stream: StreamView, facts: Facts | None = None) -> Frozen:
    """The stream as it is now, or as `facts` say that it was; raises StreamUnknown."""
    told = facts or _facts(stream)
    view = replace(
        stream, size=told.size, signed_size=min(told.signed_size, told.size),
        head_hash=Hash(bytes.fromhex(told.last_hash)),
    )  # fmt: skip
    try:
        known = history(_control(stream.id, told))
    except LedgerError:
        known = None
    return Frozen(view, told, known)


def _facts(stream: StreamView) -> Facts:
    with connection.cursor() as cursor:
        cursor.execute(_READ, [stream.id])
        row = cursor.fetchone()
    if row is None:
        raise StreamUnknown("There is no such stream", why=stream.origin)
    return Facts(*(_plain(value) for value in row))


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return bytes(value).hex() if isinstance(value, bytes | memoryview) else value


def _control(stream_id: int, facts: Facts) -> list[Envelope]:
    """Control leaves, genesis first."""
    found = _walked(stream_id, facts.control_index)
    if found and found[-1].kind == "genesis":
        return found[::-1]
    rows = Leaf.objects.filter(stream_id=stream_id, index__lt=facts.size, kind__in=CONTROL).order_by("index")
    return [leaf for leaf in map(_parsed, rows.values_list("bytes", flat=True)) if leaf is not None]


def _walked(stream_id: int, index: int) -> list[Envelope]:
    """From the leaf at `index` back, as far as the links lead."""
    found: list[Envelope] = []
    while True:
        raw = Leaf.objects.filter(stream_id=stream_id, index=index).values_list("bytes", flat=True).first()
        leaf = None if raw is None else _parsed(raw)
        if leaf is None or not leaf.is_control or (found and leaf.index >= found[-1].index):
            return found
        found.append(leaf)
        link = link_of(leaf)
        if link is None:
            return found
        index = link.index


def _parsed(raw: bytes | memoryview) -> Envelope | None:
    try:
        return parse(bytes(raw))
    except LedgerError:
        return None
