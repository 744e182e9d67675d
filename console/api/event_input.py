"""From a request to events: our plain form, NDJSON, and CloudEvents 1.0 in structured, batched and binary
mode.

A request is taken whole or not at all: the first refusal names its JSON path (`$[3].id` in a batch, counted
from 0) and ends it. In NDJSON a line that has `specversion` is a CloudEvent, any other the plain form.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from urllib.parse import unquote

from django.http import HttpRequest

from console.api.problems import ProblemError
from console.api.request_body import require_type
from governance.identity.moment import RANDOM_BYTES, Moment, uuid7
from ledger.core.event import RawEvent
from ledger.core.ingest import Defaults, from_binary, from_cloudevent, from_plain
from ledger.core.strict_json import parse
from ledger.core.types import JSON
from ledger.errors import EventInvalid, JSONInvalid, Malformed

MAX_EVENTS = 10_000
MAX_BYTES = 32 * 1024 * 1024
PLAIN = "application/json"
NDJSON = "application/x-ndjson"
STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
TYPES = (PLAIN, NDJSON, STRUCTURED, BATCH)
_QUOTED_PAIR = re.compile(r"\\(.)")
_NO_ID = ""

Fresh = Callable[[], str]


def is_binary_mode(request: HttpRequest) -> bool:
    """Whether the event's context travels in `ce-` headers; a structured content type wins over them."""
    return "HTTP_CE_SPECVERSION" in request.META and not (request.content_type or "").startswith(
        "application/cloudevents"
    )


def check_type(request: HttpRequest) -> str:
    """The content type, before the body is read; raises type_unsupported. Binary mode takes any."""
    return "" if is_binary_mode(request) else require_type(request, *TYPES)


def events_of(request: HttpRequest, body: bytes, source: str, at: Moment) -> tuple[list[RawEvent], bool]:
    """The events of `body`, and whether they came as a batch; raises JSONInvalid, EventInvalid, a problem."""
    media_type = check_type(request)
    fresh = _fresh_ids(at)
    if not media_type:
        return [from_binary(_context_headers(request), request.META.get("CONTENT_TYPE", ""), body)], False
    if media_type == NDJSON:
        return list(_lines(body, source, fresh)), True
    if media_type == BATCH:
        return list(_batch(parse(body))), True
    value = parse(body)
    return [from_cloudevent(value) if media_type == STRUCTURED else _plain(value, source, fresh, "$")], False


def _fresh_ids(at: Moment) -> Fresh:
    """Ids made only for events that bring none, so that a batch with ids costs no randomness."""
    now_ms = int(at.now.timestamp() * 1000)
    return lambda: str(uuid7(now_ms, at.entropy(RANDOM_BYTES)))


def _plain(value: JSON, source: str, fresh: Fresh, path: str) -> RawEvent:
    lacks_id = isinstance(value, dict) and value.get("id") is None
    return from_plain(value, Defaults(fresh() if lacks_id else _NO_ID, source), path)


def _lines(body: bytes, source: str, fresh: Fresh) -> Iterator[RawEvent]:
    lines = body.split(b"\n") if body.strip() else []
    if lines and not lines[-1].strip():
        lines.pop()
    _check_count(len(lines))
    for number, line in enumerate(lines):
        try:
            yield _line(line, source, fresh, f"$[{number}]")
        except Malformed as error:
            raise _placed(error, number) from None


def _line(line: bytes, source: str, fresh: Fresh, path: str) -> RawEvent:
    value = parse(line)
    if isinstance(value, dict) and "specversion" in value:
        return from_cloudevent(value, path)
    return _plain(value, source, fresh, path)


def _placed(error: Malformed, number: int) -> Malformed:
    """The refusal of a line with its number; one whose path is within the line gets that in front."""
    if isinstance(error, JSONInvalid):
        error.path = f"$[{number}]{error.path.removeprefix('$')}"
    error.what = f"Line {number + 1:,}: {error.what}"
    return error


def _batch(value: JSON) -> Iterator[RawEvent]:
    if not isinstance(value, list):
        raise EventInvalid("A batch is a JSON array of CloudEvents", why=type(value).__name__, path="$")
    _check_count(len(value))
    for number, event in enumerate(value):
        yield from_cloudevent(event, f"$[{number}]")


def _check_count(count: int) -> None:
    if count == 0:
        raise ProblemError("batch_empty", path="$")
    if count > MAX_EVENTS:
        raise ProblemError("batch_too_large", f"{count:,} events were sent; at most {MAX_EVENTS:,} are taken at once.")


def _context_headers(request: HttpRequest) -> dict[str, str]:
    names = (name for name in request.META if name.startswith("HTTP_CE_"))
    return {name[5:].replace("_", "-").lower(): _decoded(name, request.META[name]) for name in names}


def _decoded(name: str, text: str) -> str:
    """HTTP protocol binding 1.0.2, section 3.1.3.2: unquote, then one round of percent-decoding as UTF-8."""
    if len(text) > 1 and text.startswith('"') and text.endswith('"'):
        text = _QUOTED_PAIR.sub(r"\1", text[1:-1])
    path = f"$.headers['{name[5:].replace('_', '-').lower()}']"
    if not text.isascii():
        raise EventInvalid("Headers carry ASCII; percent-encode the rest", path=path)
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError as error:
        raise EventInvalid("Percent-encoded bytes are not UTF-8", path=path) from error
