"""What the head guard says of a stream, for page and API: compared at most once in a few seconds by each process."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from django.core.cache import cache

from console.health_memo import KEPT_S
from ledger.selectors.guard_verdict import verdict

if TYPE_CHECKING:
    from ledger.selectors.streams import StreamView


def as_guarded(stream: StreamView) -> StreamView:
    """The stream, stopped with the guard's code where the guard refuses it and nothing else stops it."""
    if stream.stopped:
        return stream
    key = f"guard:{stream.public_id}:{stream.size}:{stream.window_number}:{stream.signed_size}"
    code: str | None = cache.get(key)
    if code is None:
        code = verdict(stream).code
        cache.set(key, code, KEPT_S)
    return replace(stream, stopped=code or None)
