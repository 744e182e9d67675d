"""The API call that answers what a list page shows: its address with the same filters, for the page's foot."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.urls import reverse

from console import words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest


def api_call(name: str, *args: object, filters: Mapping[str, object] | None = None) -> str:
    """Address of the route `name` of the API; empty filters are left out, moments are written as RFC 3339."""
    told = {key: _written(value) for key, value in (filters or {}).items() if value not in {None, ""}}
    address = reverse(f"api:{name}", args=args)
    return f"{address}?{urlencode(told)}" if told else address


def _written(value: object) -> str:
    return words.machine_moment(value) if isinstance(value, datetime) else str(value)


def curl(request: HttpRequest, address: str) -> str:
    """The command that makes a call of `api_call`; the token comes from the environment, never from the page."""
    return f"curl -fsS -H \"Authorization: Bearer $COUNTERSIGN_TOKEN\" '{request.build_absolute_uri(address)}'"
