"""Keys of a stream: which signs what, and for which leaves each is valid."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console import words
from console.short_words import spoken
from console.views.guard import page
from ledger.selectors.key_history import KeyView, keys_of

if TYPE_CHECKING:
    from django.http import HttpResponse

    from console.views.visit import Visit

_SIGNS = {"checkpoint": "checkpoints", "receipt": "receipts", "export": "manifests of bundles"}


@page("GET")
def index(visit: Visit, namespace: str, name: str) -> HttpResponse:
    """Every key the stream ever had."""
    stream = visit.stream(namespace, name)
    found = keys_of(stream)
    rows = [(one, _SIGNS.get(one.use, one.use), _validity(one), spoken(one.public)) for one in found]
    return visit.page("stream_keys/index.html", {"stream": stream, "keys": rows, "answer": _answer(found)})


def _validity(key: KeyView) -> str:
    first = words.grouped(key.valid_from)
    if key.valid_to is None:
        return f"from leaf {first} on"
    return f"for leaves {first} to {words.grouped(key.valid_to - 1)}"


def _answer(found: list[KeyView]) -> str:
    active = [one for one in found if one.in_force]
    told = f"{words.counted(len(active), 'key')} in force"
    retired = len(found) - len(active)
    told += f", {words.grouped(retired)} retired" if retired else ", none retired yet"
    return f"{told}. A retired key still proves what it signed, and nothing later."
