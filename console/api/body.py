"""JSON bodies of operations other than ingest: a small object with known fields."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest

from console.api.problems import ProblemError
from console.api.request_body import read_body, require_type
from ledger.core.strict_json import parse

SMALL = 64 * 1024
_DECODER = json.JSONDecoder()


def json_object(
    request: HttpRequest, fields: Mapping[str, type | tuple[type, ...]], limit: int = SMALL
) -> dict[str, Any]:
    """The body as an object with no field but `fields`, each of its type; raises a problem with the path."""
    return json_and_bytes(request, fields, limit)[0]


def json_and_bytes(
    request: HttpRequest, fields: Mapping[str, type | tuple[type, ...]], limit: int = SMALL
) -> tuple[dict[str, Any], bytes]:
    """The same, with the bytes of the body as they came."""
    require_type(request, "application/json")
    raw = read_body(request, limit)
    value = parse(raw)
    if not isinstance(value, dict):
        raise refused("$", "An object is expected.")
    for name, given in value.items():
        if name not in fields:
            raise refused(f"$.{name[:80]}", "This field is not known here.")
        value[name] = _typed(name, given, fields[name])
    return value, raw


def member_bytes(raw: bytes, name: str) -> bytes:
    """The bytes of one member's value, as sent; `raw` was parsed strictly and is an object that has it."""
    text = raw.decode()
    at = _blank(text, 0) + 1
    while True:
        found, at = _DECODER.raw_decode(text, _blank(text, at))
        start = _blank(text, _blank(text, at) + 1)
        _, at = _DECODER.raw_decode(text, start)
        if found == name:
            return text[start:at].encode()
        at = _blank(text, at) + 1


def _blank(text: str, at: int) -> int:
    """The next place that is no white space of JSON (RFC 8259, section 2)."""
    while text[at] in " \t\n\r":
        at += 1
    return at


def _typed(name: str, given: Any, kind: type | tuple[type, ...]) -> Any:
    """The value itself; a whole number may be written as 7.0, as JSON Schema allows."""
    if kind is int and isinstance(given, float) and given.is_integer():
        return int(given)
    if not isinstance(given, kind) or (kind is int and isinstance(given, bool)):
        raise refused(f"$.{name}", "The value has another type.")
    return given


def refused(path: str, detail: str) -> ProblemError:
    """A problem with one field of the body."""
    return ProblemError("parameter_invalid", detail, path=path)
