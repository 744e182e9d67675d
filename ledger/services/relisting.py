"""After a restore: what the leaves say is listed again, and what they erased is erased again.

A backup from before an erasure brings the content back; the leaf, refilled from entry bundles or kept by the log,
says that it has gone. May be repeated.
"""

from __future__ import annotations

from dataclasses import dataclass

from ledger.core.envelope import parse
from ledger.core.hold import hold_of
from ledger.errors import LedgerError, RequestError
from ledger.models import Leaf, Notice
from ledger.selectors.readiness import all_streams
from ledger.selectors.streams import StreamView
from ledger.services.erasures import finish
from ledger.services.notices import list_leaf
from ledger.services.raw import own_transaction
from ledger.services.recovery import ensure_compared
from ledger.services.store_notices import still_held

KINDS = ("erasure", "hold", "gap", "terms", "reliance")


@dataclass(frozen=True, slots=True)
class Replayed:
    """How many leaves were not listed, and how many erasures were carried out again."""

    listed: int
    erasures: int


def replay(stream: StreamView) -> Replayed:
    """List what is not listed, then carry out every erasure leaf again; raises as `finish` does.

    A closed log ends where its successor says, whatever its guard remembers: what its leaves erased goes there, too.
    """
    if stream.successor is None:
        ensure_compared(stream)
    listed = 0
    rows = Leaf.objects.filter(stream_id=stream.id, kind__in=KINDS).order_by("index")
    for index, raw in rows.values_list("index", "bytes"):
        if not Notice.objects.filter(stream_id=stream.id, index=index).exists():
            _list(stream, bytes(raw))
            listed += 1
    erasures = list(rows.filter(kind="erasure").values_list("index", flat=True))
    for index in erasures:
        finish(stream, index)
    return Replayed(listed, len(erasures))


def replay_all() -> Replayed:
    """The same of every stream; one that cannot be does not keep the others.

    Raises RequestError, once the others are done, where a stream is stopped.
    """
    done, failed = [], []
    for stream in all_streams():
        try:
            done.append(replay(stream))
        except LedgerError as error:
            failed.append(f"{stream.namespace}/{stream.name} ({error.code}: {error})")
    if failed:
        raise RequestError(
            f"{len(failed)} of {len(done) + len(failed)} streams could not be looked at", why="; ".join(failed),
            next_step="The others are done. Bring these back or continue them (docs/durability.md), and repeat this.",
        )  # fmt: skip
    return Replayed(sum(one.listed for one in done), sum(one.erasures for one in done))


def _list(stream: StreamView, raw: bytes) -> None:
    leaf = parse(raw)
    held = leaf.kind == "hold" and not hold_of(leaf).released and still_held(stream.id, leaf)
    with own_transaction():
        list_leaf(stream.id, leaf, is_open=leaf.kind == "erasure" or held)
