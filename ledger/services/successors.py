"""Every log that the head guard stopped for good, or that ends in the future, is continued.

Guarantees the order: the platform's own logs first, since whatever is done to the others is entered there; then the
tenants', by name. A stream that goes on, or waits for something that ends by itself, is left alone. May be repeated:
what was begun is finished. Design: durability.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import Final

from ledger.core.recovery import GUARD_AHEAD, GUARD_CONFLICT
from ledger.errors import LedgerError, RequestError, StreamUnknown
from ledger.selectors import checkpoints
from ledger.selectors.continued import continued_by
from ledger.selectors.guard_verdict import verdict
from ledger.selectors.readiness import all_streams
from ledger.selectors.streams import StreamView, stream_by_origin
from ledger.services.head import lies_ahead
from ledger.services.inherited import lacks_terms
from ledger.services.streams import is_remembered, origin_of
from ledger.services.successor import Continued, continue_stream

FOR_GOOD: Final = frozenset({GUARD_AHEAD, GUARD_CONFLICT})
ORDER: Final = ("_governance", "_system", "_platform")
"""The platform's logs by their namespace, as docs/durability.md has them: whatever is created, the other two platform
logs' successors too, is entered in `_governance/changes`."""
LONGEST: Final = 63
WAITED_FOR: Final = timedelta(hours=1)
"""A log whose newest leaf was recorded no further in the future than this goes on by itself, and is left alone."""
_NUMBERED: Final = re.compile(r"(.+)-([1-9][0-9]{0,5})")


@dataclass(frozen=True, slots=True)
class Planned:
    """A log that is to be continued, under which name, and from which size (None: its newest head)."""

    stream: StreamView
    name: str
    size: int | None


def planned() -> list[Planned]:
    """What `continue_all` would do, in its order."""
    found = [one for one in map(_plan, all_streams()) if one is not None]
    return sorted(found, key=lambda one: _place(one.stream))


def continue_all(*, actor: str, reason: str, dry_run: bool = False) -> list[Continued]:
    """Continue them all; returns what came of each.

    Raises what `continue_stream` raises for one of the platform's; RequestError, once the others are done, where a
    tenant's could not be continued.
    """
    done, failed = [], []
    for one in planned():
        try:
            done.append(
                continue_stream(one.stream, one.name, actor=actor, reason=reason, size=one.size, dry_run=dry_run)
            )
        except LedgerError as error:
            if _is_platforms(one.stream) or not reason.strip():
                raise
            failed.append(f"{one.stream.namespace}/{one.stream.name} ({error.code}: {error})")
    if failed:
        raise RequestError(
            f"{len(failed)} of {len(done) + len(failed)} streams could not be continued",
            why="; ".join(failed),
            next_step="The others are done. Continue these one by one: stream_continue NS/NAME NEW_NAME --reason WHY.",
        )
    return done


def _plan(stream: StreamView) -> Planned | None:
    if stream.successor is not None:
        return None if _is_whole(stream) else Planned(stream, stream.successor.rpartition("/")[2], _size(stream))
    if not _is_for_good(stream):
        return None
    return Planned(stream, next_name(stream), _size(stream))


def _is_for_good(stream: StreamView) -> bool:
    """Whether the guard stopped it for good, or its newest leaf lies further ahead than anybody waits."""
    code = stream.stopped or verdict(stream).code
    return code in FOR_GOOD or (not code and lies_ahead(stream, WAITED_FOR))


def next_name(stream: StreamView) -> str:
    """`decisions-2` after `decisions`, `decisions-3` after a `decisions-2` that continues another log; a free one."""
    numbered = _NUMBERED.fullmatch(stream.name) if continued_by(stream) is not None else None
    base, first = (numbered[1], int(numbered[2]) + 1) if numbered else (stream.name, 2)
    names = (f"{base[: LONGEST - len(str(number)) - 1]}-{number}" for number in count(first))
    return next(name for name in names if _is_free(stream, name))


def _is_free(stream: StreamView, name: str) -> bool:
    """Whether neither database nor head guard know the name: a database that was put back once more does not."""
    origin = origin_of(stream.namespace, name)
    try:
        stream_by_origin(origin)
    except StreamUnknown:
        return not is_remembered(origin)
    return False


def _is_whole(stream: StreamView) -> bool:
    """Whether the successor stands and was told the terms; one that was closed by hand is whole too."""
    try:
        return not lacks_terms(stream, stream_by_origin(str(stream.successor)))
    except StreamUnknown:
        return False


def _size(stream: StreamView) -> int | None:
    """A log without a checkpoint hands nothing over."""
    return 0 if checkpoints.newest(stream) is None else None


def _is_platforms(stream: StreamView) -> bool:
    return stream.namespace.startswith("_")


def _place(stream: StreamView) -> tuple[int, str, str]:
    """Successors of a platform's log stand where it stood; other logs of the platform come before the tenants'."""
    if not _is_platforms(stream):
        return len(ORDER) + 1, stream.namespace, stream.name
    known = stream.namespace in ORDER
    return ORDER.index(stream.namespace) if known else len(ORDER), stream.namespace, stream.name
