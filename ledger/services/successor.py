"""A successor log: one origin is closed, and another log whose genesis `continues` it takes over.

The documented way out for a stream that the head guard stopped for good, and for a log whose keys are all lost.
Guarantees that no event enters the old log once its successor is named; that the new genesis names the last signed
head that the leaves still give; and that each step may be repeated after a crash. Where the old log can still sign, a
`closed` leaf names the successor, and a last checkpoint covers it: the link is crossed. Design: evidence, durability.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from ledger.core.envelope import build
from ledger.core.head_guard import Receipted
from ledger.core.merkle import EMPTY_ROOT, Frontier
from ledger.core.times import format_time
from ledger.core.types import JSONObject
from ledger.errors import (
    ClockAhead,
    FatalError,
    IntegrityLost,
    KeyUnusable,
    NotThere,
    RequestError,
    StreamClosed,
    StreamExists,
    StreamUnknown,
)
from ledger.models import Leaf
from ledger.selectors import checkpoints
from ledger.selectors.continued import continued_by
from ledger.selectors.guard_verdict import verdict
from ledger.selectors.keys import is_usable, signing_keys
from ledger.selectors.proofs import node_reader_of
from ledger.selectors.signed_heads import signed_head
from ledger.selectors.streams import StreamView, stream_by_id, stream_by_origin
from ledger.services.head import advance_control, lies_ahead, lock_head
from ledger.services.ids import fresh_id
from ledger.services.inherited import carry_terms, not_carried, settings_of
from ledger.services.insert import insert_leaf
from ledger.services.promise import tell
from ledger.services.raw import own_transaction
from ledger.services.recovery import ensure_compared, forget
from ledger.services.seal import seal_window
from ledger.services.streams import Continues, StreamOptions, create_stream, origin_of, try_creation
from ledger.services.system_events import SystemEvent, record

MAX_REASON = 500
_CLOSE = """
UPDATE ledger_streamhead SET successor = COALESCE(successor, %s), stopped = COALESCE(stopped, %s) WHERE stream_id = %s
"""


@dataclass(frozen=True, slots=True)
class Continued:
    """What came of it. `linked_back` says whether the old log names the new one; `stopped` why it could not ('' else).

    `given_up` counts the old log's leaves behind the head at which the new one takes over; `not_carried` names what of
    the old log the new one lacks, each with what sets it.
    """

    old: StreamView
    origin: str
    new: StreamView | None
    head: Continues
    given_up: int
    linked_back: bool
    stopped: str
    not_carried: tuple[str, ...] = ()


def continue_stream(
    stream: StreamView, name: str, *, actor: str, reason: str, size: int | None = None,
    options: StreamOptions | None = None, dry_run: bool = False,
) -> Continued:  # fmt: skip
    """Close `stream` and open `name` in its namespace, which takes over at its head of `size` leaves (the newest one
    that verifies, unless given; 0 takes nothing over). May be repeated until all of it is done.

    The new log has the settings of the old one, its witnesses and quorum unless `options` give a policy, and its terms.
    What can be known to fail fails before anything is closed. A log whose newest leaf lies in the future takes no leaf
    for longer than anybody waits: it is closed as one that is stopped (`clock`).

    Raises RequestError without a reason, ClockAhead while the clock itself is wrong, NameInvalid, StreamExists where
    another log has the name, StreamClosed where another log continues it already, NotThere for a size without a
    checkpoint or a policy that cannot be read, IntegrityLost for a head that the leaves do not give.
    """
    told, origin = _checked(stream, name, reason), origin_of(stream.namespace, name)
    stopped, given = _stopped(stream), options or StreamOptions()
    chosen = settings_of(stream, given)
    if dry_run:
        left = not_carried(stream, name, None, given)
        return _told(stream, origin, None, _head_of(stream, size), stopped, left)
    _tried(stream, name, stopped, size)
    _close(stream, origin, stopped)
    if not stopped and size is None:
        seal_window(stream.id, reason="request")
    new = _opened(stream_by_id(stream.id), origin, name, actor, size, chosen)
    carry_terms(stream, new, actor)
    if not stopped:
        _link_back(stream_by_id(stream.id), new, told)
    left = not_carried(stream, name, new, given)
    found = _told(stream_by_id(stream.id), origin, new, _taken_over(new), stopped, left)
    _record(found, told, actor)
    return found


def _checked(stream: StreamView, name: str, reason: str) -> str:
    told = reason.strip()
    if not 1 <= len(told) <= MAX_REASON:
        raise RequestError("A reason is needed", next_step=f"Give one of 1 to {MAX_REASON} characters.")
    if stream.successor not in (None, origin_of(stream.namespace, name)):
        raise StreamClosed("Another log continues this one already", why=str(stream.successor))
    _refuse_other(stream, origin_of(stream.namespace, name))
    return told


def _refuse_other(old: StreamView, origin: str) -> None:
    """Raise StreamExists, before anything is closed, where a log of that origin stands that does not continue `old`."""
    try:
        taken = continued_by(stream_by_origin(origin))
    except StreamUnknown:
        return
    if taken is None or taken.origin != old.origin:
        raise StreamExists("The name of the stream is taken", why=origin, next_step="Choose another name.")


def _stopped(stream: StreamView) -> str:
    """The code for which the old log takes no leaf any more; '' where it still signs.

    Raises what ends by itself, such as a guard that does not answer: it is waited for.
    """
    if stream.stopped is not None:
        return stream.stopped
    error = verdict(stream).error
    if error is not None and not isinstance(error, FatalError):
        raise error
    if error is not None:
        return error.code
    if lies_ahead(stream):
        return ClockAhead.code
    keys = signing_keys(stream.id, stream.size)
    return "" if all(map(is_usable, keys)) else KeyUnusable.code


def _tried(stream: StreamView, name: str, stopped: str, size: int | None) -> None:
    """Whatever can be tried before the old log is closed: the seal where it still signs, its head, and the new log's
    creation. What an earlier try made is not asked for again.
    """
    if not stopped and size is None:
        seal_window(stream.id, reason="request")
    try:
        stream_by_origin(origin_of(stream.namespace, name))
    except StreamUnknown:
        _head_of(stream_by_id(stream.id), size)
        try_creation(stream.namespace, name, stream.origin)


def _close(stream: StreamView, origin: str, stopped: str) -> None:
    """From here on appends are refused and name the successor, also of a stream that is stopped for good."""
    with own_transaction() as cursor:
        cursor.execute(_CLOSE, (origin, stopped or None, stream.id))
    forget(stream)


def _opened(old: StreamView, origin: str, name: str, actor: str, size: int | None, chosen: StreamOptions) -> StreamView:
    """The new stream; found where an earlier try made it."""
    try:
        return stream_by_origin(origin)
    except StreamUnknown:
        head = _head_of(old, size)
    return create_stream(old.namespace, name, actor=actor, options=replace(chosen, continues=head))


def _head_of(stream: StreamView, size: int | None) -> Continues:
    """The signed head of that size, or the newest, if its note verifies and the tiles of its leaves give its root."""
    if size == 0:
        return Continues(stream.origin, 0, EMPTY_ROOT)
    held = checkpoints.newest(stream) if size is None else checkpoints.at(stream, size)
    if held is None:
        raise NotThere(
            "The stream has no checkpoint to continue",
            why=stream.origin,
            next_step="Say --head-size 0 for a successor that takes nothing over.",
        )
    found = signed_head(stream, held)
    root = Frontier.from_reader(held.size, node_reader_of(stream, held.size)).root()
    if found.problem or root != found.root:
        raise IntegrityLost("The leaves do not give the signed head", why=found.problem or f"size {held.size}")
    return Continues(stream.origin, held.size, found.root)


def _taken_over(new: StreamView) -> Continues:
    """What the genesis leaf of the successor says."""
    taken = continued_by(new)
    if taken is None:
        raise IntegrityLost("The successor's genesis continues no log", why=new.origin)
    return Continues(taken.origin, taken.size, taken.root)


def _link_back(old: StreamView, new: StreamView, reason: str) -> None:
    """The `closed` leaf, once, and the checkpoint that covers it."""
    ensure_compared(old)
    with own_transaction() as cursor:
        head = lock_head(cursor, old.id)
        if not Leaf.objects.filter(stream_id=old.id, kind="closed").exists():
            fields: JSONObject = {
                "successor": {"origin": new.origin, "log": new.log.hex()},
                "reason": reason,
                "decision": None,
                "control_prev": head.control.to_json(),
            }
            leaf = build("closed", head.origin, head.size, head.last_hash, format_time(head.recorded), fields)
            insert_leaf(cursor, old.id, leaf, head.recorded, fresh_id())
            advance_control(cursor, head, leaf)
    now = stream_by_id(old.id)
    tell(now, Receipted(now.size, now.head_hash))
    seal_window(old.id, reason="request")


def _told(
    old: StreamView, origin: str, new: StreamView | None, head: Continues, stopped: str, left: tuple[str, ...]
) -> Continued:  # fmt: skip
    linked = Leaf.objects.filter(stream_id=old.id, kind="closed").exists()
    events = Leaf.objects.filter(stream_id=old.id, index__gte=head.size, kind="event").count()
    return Continued(old, origin, new, head, events, linked, stopped, left)


def _record(found: Continued, reason: str, actor: str) -> None:
    told = {
        "stream": found.old.origin, "successor": found.origin, "size": found.head.size, "root": found.head.root.hex(),
        "given_up": found.given_up, "linked_back": found.linked_back, "stopped": found.stopped, "reason": reason,
        "actor": actor,
    }  # fmt: skip
    record(SystemEvent.STREAM_CONTINUED, told)
