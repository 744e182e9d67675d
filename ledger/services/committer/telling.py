"""Telling the head guard of what was committed: one advance for all groups that wait, outside of every lock.

Guarantees that no item is settled as promised before the guard was told of its newest leaf (or a later one of the
same history), and that a stream whose guard refused is compared anew before its next group. While one advance is
under way the next groups are committed; they share the next one. Design: durability, A3.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import psycopg

from ledger.core.head_guard import Receipted
from ledger.core.types import Hash
from ledger.selectors.promises import knows_over
from ledger.selectors.streams import StreamView
from ledger.services.committer.items import Item
from ledger.services.committer.wire import Wire
from ledger.storage.guards.configured import head_guard

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Word:
    """What the guard is to be told of one stream, and who waits for it; `forget` makes the stream be compared anew."""

    stream: StreamView
    size: int
    leaf_hash: Hash
    items: list[Item] = field(default_factory=list)
    forget: list[Callable[[int], None]] = field(default_factory=list)

    def join(self, other: Word) -> None:
        """One word for both: the larger size says the smaller."""
        if other.size > self.size:
            self.size, self.leaf_hash = other.size, other.leaf_hash
        self.items += other.items
        self.forget += other.forget


def joined(words: Sequence[Word]) -> list[Word]:
    """One word for each stream."""
    found: dict[int, Word] = {}
    for word in words:
        if word.stream.id in found:
            found[word.stream.id].join(word)
        else:
            found[word.stream.id] = word
    return list(found.values())


def tell(word: Word, wire: Wire) -> None:
    """Tell the guard, asking the database over `wire`, and settle whoever waits; never raises."""
    try:
        size = told(word, wire)
    except BaseException as error:  # noqa: BLE001 - whatever it is, somebody waits
        log.warning("the head guard was not told of %s leaves of %s: %s", word.size, word.stream.origin, error)
        for forget in word.forget:
            forget(word.stream.id)
        for item in word.items:
            item.fail(error)
    else:
        for item in word.items:
            item.done(size)


def told(word: Word, wire: Wire) -> int:
    """The size that is promised then; raises what the guard refuses with, and psycopg.Error."""
    try:
        return _told(word, wire)
    except psycopg.Error:
        if not wire.is_lost:
            raise
    return _told(word, wire)


def _told(word: Word, wire: Wire) -> int:
    own = Receipted(word.size, word.leaf_hash)
    knows = knows_over(wire.connection, word.stream.id, own)
    return head_guard().advance_receipted(word.stream.origin, own.size, own.leaf_hash, knows).size
