"""The world of the crash model: what is durable where, what has left the house, and who is on the way.

A branch is the tuple of its leaves' tags; every leaf ever made has a tag of its own (events positive,
manifests negative), so that a branch says everything before its last leaf, as a real leaf does by `prev`. Two
branches agree when one begins with the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from ledger.core import merkle
from ledger.core.head_guard import GuardHead, GuardState, Receipted
from ledger.core.recovery import Action, Seen, decide
from ledger.core.types import Hash

Branch = tuple[int, ...]
NOTHING: Branch = ()
GENESIS: Branch = (0,)


@dataclass(frozen=True)
class Order:
    """Which order of writes is modelled; the defaults are the product's."""

    swap_before_commit: bool = False
    guard_knows_receipts: bool = True
    guard_asks_the_database: bool = True
    guard_knows_manifest_before_tiles: bool = True
    publication_only_forward: bool = True
    receipts_are_asked_for_later: bool = False
    readers_ask_for_the_guards_leaf: bool = True
    connections_outlive_restores: bool = False


class Limits(NamedTuple):
    """How much may happen on one path."""

    appends: int = 3
    seals: int = 2
    database_restores: int = 1
    guard_restores: int = 1
    appenders: int = 2
    sealers: int = 2


class Database(NamedTuple):
    """Leaves, size of the prepared row (0: none), newest stored note, served size."""

    leaves: Branch = GENESIS
    prepared: int = 0
    note: Branch = NOTHING
    served: int = 0


class Guard(NamedTuple):
    """Branches up to the newest receipted leaf and to the newest head."""

    receipted: Branch = GENESIS
    head: Branch = NOTHING


class Appender(NamedTuple):
    """After its commit; `advanced` once the guard has been told."""

    branch: Branch
    advanced: bool = False


class Sealer(NamedTuple):
    """`done` is the last finished step, `branch` the row, `expected` the head that it read and checked."""

    done: str
    branch: Branch
    expected: Branch = NOTHING


class World(NamedTuple):
    """One state. `promised` and `signed` are the longest branches that a receipt or a note ever told;
    `rolled_back` says that the database was restored at least once."""

    left: Limits
    database: Database = Database()
    guard: Guard = Guard()
    tiles: Branch = NOTHING
    promised: Branch = NOTHING
    signed: Branch = NOTHING
    appenders: tuple[Appender, ...] = ()
    sealers: tuple[Sealer, ...] = ()
    mode: str = "running"
    tag: int = 1
    old_database: Database = Database()
    old_guard: Guard = Guard()
    rolled_back: bool = False

    def holds(self, branch: Branch) -> bool:
        """Whether the database holds all leaves of a branch."""
        return self.database.leaves[: len(branch)] == branch


def agree(one: Branch, other: Branch) -> bool:
    shorter = min(len(one), len(other))
    return one[:shorter] == other[:shorter]


def longer(one: Branch, other: Branch) -> Branch:
    return one if len(one) >= len(other) else other


@cache
def leaf_of(branch: Branch) -> Hash:
    """The hash of a branch's last leaf, which commits to the leaf before it."""
    before = leaf_of(branch[:-1]) if branch[:-1] else Hash(bytes(32))
    return merkle.leaf_hash(before + str(branch[-1]).encode())


@cache
def root_of(branch: Branch) -> Hash:
    return merkle.root([leaf_of(branch[:size]) for size in range(1, len(branch) + 1)])


def head_of(branch: Branch) -> GuardHead | None:
    return GuardHead(len(branch), root_of(branch)) if branch else None


def receipted_of(branch: Branch) -> Receipted | None:
    return Receipted(len(branch), leaf_of(branch)) if branch else None


@cache
def decision(database: Database, guard: Guard) -> Action:
    """What the product's own table says."""
    leaves = database.leaves
    seen = Seen(
        guard=GuardState(receipted_of(guard.receipted), head_of(guard.head)),
        size=len(leaves),
        leaf_hash=lambda index: leaf_of(leaves[: index + 1]),
        root=lambda size: root_of(leaves[:size]),
        signed=head_of(database.note),
        prepared=head_of(leaves[: database.prepared]),
    )
    return decide(seen)
