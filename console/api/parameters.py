"""Query parameters: strict values, and a problem that names the culprit as `?name`."""

from __future__ import annotations

import re
import uuid
from datetime import datetime

from django.http import HttpRequest

from console.api.converters import MAX_INDEX
from console.api.problems import ProblemError

DEFAULT_LIMIT = 50
MAX_LIMIT = 200
TIME_PATTERN = (
    r"^[1-9][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])"
    r"T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?Z$"
)
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?Z", re.ASCII)


def whole_number(request: HttpRequest, name: str, *, least: int = 0, most: int = MAX_INDEX) -> int | None:
    """The number given as `?name=`, or None; raises parameter_invalid."""
    text = request.GET.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(MAX_INDEX)) and least <= int(text) <= most):
        raise _refused(name, f"{name} is a whole number from {least:,} to {most:,}.")
    return int(text)


def required_number(request: HttpRequest, name: str, *, least: int = 0) -> int:
    """The same, and it must be there."""
    number = whole_number(request, name, least=least)
    if number is None:
        raise _refused(name, f"{name} is needed.")
    return number


def limit_of(request: HttpRequest) -> int:
    """How many items a page has."""
    return whole_number(request, "limit", least=1, most=MAX_LIMIT) or DEFAULT_LIMIT


def choice(request: HttpRequest, name: str, *words: str) -> str | None:
    """One of `words`, or None; raises parameter_invalid."""
    text = request.GET.get(name)
    if text is not None and text not in words:
        raise _refused(name, f"{name} is one of {', '.join(words)}.")
    return text


def short_text(request: HttpRequest, name: str, most: int) -> str | None:
    """A text of 1 to `most` characters, or None; raises parameter_invalid."""
    text = request.GET.get(name)
    if text is not None and (not 1 <= len(text) <= most or "\0" in text):
        raise _refused(name, f"{name} has 1 to {most:,} characters, and none of them is U+0000.")
    return text


def point_in_time(request: HttpRequest, name: str) -> datetime | None:
    """A time in UTC (`2026-11-21T09:16:58Z`), or None; raises parameter_invalid."""
    text = request.GET.get(name)
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text if _TIME.fullmatch(text) else "")
    except ValueError as error:
        raise _refused(name, f"{name} is a time in UTC such as 2026-11-21T09:16:58Z.") from error


def identifier(request: HttpRequest, name: str) -> uuid.UUID | None:
    """A UUID, or None; raises parameter_invalid."""
    text = request.GET.get(name)
    if text is None:
        return None
    try:
        return uuid.UUID(text)
    except ValueError as error:
        raise _refused(name, f"{name} is the id of the last item of the page before.") from error


def _refused(name: str, detail: str) -> ProblemError:
    return ProblemError("parameter_invalid", detail, path=f"?{name}")
