"""Formats of imported lines: from one JSON line to one `RawEvent`, always the same for the same line of the
same file.

Guarantees that a second import of a file finds every event by (source, id): an id that the line does not
bring is made from its number and content, never from a clock or at random. CloudTrail: AWS record contents;
GitHub: `{event, file, payload}`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from ledger.core.event import RawEvent
from ledger.core.ingest import Defaults, from_cloudevent, from_plain
from ledger.core.strict_json import parse
from ledger.core.types import JSON, JSONObject
from ledger.errors import EventInvalid

GITHUB = "https://github.com"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the file: its 1-based number, its bytes, and the source for events that name none."""

    number: int
    data: bytes
    source: str

    @property
    def path(self) -> str:
        """Where errors point."""
        return f"line {self.number}: $"

    @property
    def own_id(self) -> str:
        """An id for an event that brings none."""
        return f"{self.number}-{hashlib.sha256(self.data).hexdigest()[:32]}"


Reader: TypeAlias = Callable[[Line], RawEvent]


def plain(line: Line) -> RawEvent:
    """Our plain form; raises JSONInvalid, EventInvalid."""
    value = parse(line.data)
    return from_plain(value, Defaults(line.own_id, line.source), line.path)


def payload_of(kind: str) -> Reader:
    """A reader for lines that are bare payloads of events of type `kind`."""

    def read(line: Line) -> RawEvent:
        value: JSON = {"type": kind, "payload": parse(line.data)}
        return from_plain(value, Defaults(line.own_id, line.source), line.path)

    return read


def cloudevent(line: Line) -> RawEvent:
    """A CloudEvents 1.0 event in the JSON event format; raises JSONInvalid, EventInvalid."""
    return from_cloudevent(parse(line.data), line.path)


def github(line: Line) -> RawEvent:
    """A GitHub webhook delivery `{event, file, payload}`; the file's name is the id, the repository the
    source.
    """
    value = _object(line)
    payload = value.get("payload")
    if not isinstance(payload, dict) or not isinstance(value.get("event"), str):
        raise EventInvalid("A line must be an object with event and payload", path=line.path)
    action = payload.get("action")
    kind = f"github.{value['event']}" + (f".{action}" if isinstance(action, str) else "")
    repository = _text(_inside(payload, "repository"), "full_name")
    event: JSONObject = {
        "type": kind,
        "id": value.get("file") or line.own_id,
        "source": f"{GITHUB}/{repository}" if repository else GITHUB,
        "subject": repository,
        "payload": payload,
    }
    return from_plain(event, Defaults(line.own_id, line.source), line.path)


def cloudtrail(line: Line) -> RawEvent:
    """An AWS CloudTrail record; `eventID` is the id, the account the source, the caller's ARN the subject."""
    record = _object(line)
    service, action = _text(record, "eventSource"), _text(record, "eventName")
    if not service or not action:
        raise EventInvalid("A record must have eventSource and eventName", path=line.path)
    caller = _inside(record, "userIdentity")
    account = _text(record, "recipientAccountId") or _text(caller, "accountId") or "unknown"
    event: JSONObject = {
        "type": f"aws.{service.removesuffix('.amazonaws.com')}.{action}",
        "id": _text(record, "eventID") or line.own_id,
        "source": f"urn:aws:cloudtrail:{account}",
        "time": _text(record, "eventTime") or _text(record, "@timestamp"),
        "subject": _text(caller, "arn"),
        "payload": record,
    }
    return from_plain(event, Defaults(line.own_id, line.source), line.path)


FORMATS: dict[str, Reader] = {
    "ndjson": plain,
    "cloudevents": cloudevent,
    "github": github,
    "cloudtrail": cloudtrail,
}


def _object(line: Line) -> JSONObject:
    value = parse(line.data)
    if not isinstance(value, dict):
        raise EventInvalid("A line must be a JSON object", path=line.path)
    return value


def _inside(value: JSONObject, name: str) -> JSONObject:
    found = value.get(name)
    return found if isinstance(found, dict) else {}


def _text(value: JSONObject, name: str) -> str | None:
    found = value.get(name)
    return found if isinstance(found, str) and found else None
