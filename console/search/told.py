"""What a search looked at and what it did not, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console import words

if TYPE_CHECKING:
    from collections.abc import Collection

    from console.search.asked import Asked

NAMED = 5


def searched(asked: Asked, streams: int, *, system: bool = False) -> tuple[str, ...]:
    """One sentence for each look-up that was made."""
    where = f"in the {words.counted(streams, 'stream')} that you may see"
    told = []
    if asked.index is not None:
        told.append(f"Index {words.grouped(asked.index)} {where}.")
    if asked.hash is not None:
        told.append(f"A hash: of leaves, roots of windows and checkpoints {where}, and of bundles and their files.")
    if asked.kid is not None:
        told.append(f"A key id: of signing keys {where}.")
    named = "" if asked.index is not None else ", and parts of the names of streams,"
    told.append(f"A name: ids and types of events by exact match{named} {where}.")
    if asked.uuid is not None:
        told.append("An id: of jobs and bundles in your namespaces.")
    if asked.actor is not None:
        ledger = ", and of the system ledger" if system else ""
        told.append(f"An actor: of accepted events that you may read, of bundles and jobs in your namespaces{ledger}.")
    return tuple(told)


def not_searched(unread: Collection[str]) -> tuple[str, ...]:
    """What nobody may take for an answer of this search."""
    told = ["Only what you may read is searched: ids and hashes by keyed look-up, what events say is not searched."]
    if unread:
        some = sorted(unread)
        rest = [words.counted(len(some) - NAMED, "other")] if len(some) > NAMED else []
        names = words.listed([*some[:NAMED], *rest])
        told.append(f"Ids of events were left out where you see metadata alone: {names}.")
    told.append("An erased event is not found by its id or its type, only by its index or leaf hash.")
    return tuple(told)
