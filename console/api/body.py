"""JSON bodies of operations other than ingest: a small object with known fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest

from console.api.problems import ProblemError
from console.api.request_body import read_body, require_type
from ledger.core.strict_json import parse

SMALL = 64 * 1024


def json_object(
    request: HttpRequest, fields: Mapping[str, type | tuple[type, ...]], limit: int = SMALL
) -> dict[str, Any]:
    """The body as an object with no field but `fields`, each of its type; raises a problem with the path."""
    require_type(request, "application/json")
    value = parse(read_body(request, limit))
    if not isinstance(value, dict):
        raise refused("$", "An object is expected.")
    for name, given in value.items():
        if name not in fields:
            raise refused(f"$.{name[:80]}", "This field is not known here.")
        value[name] = _typed(name, given, fields[name])
    return value


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
