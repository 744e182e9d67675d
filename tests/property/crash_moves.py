"""Everything that can happen next in a world: one durable step, a crash, a restore, a sleeper's awakening.

A process may be slow for ever, so that every step of every process is a move of its own. At any time at most
one of database and guard lies behind what was acknowledged: with both rolled back only witnesses can tell.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from ledger.core.recovery import Step
from tests.property.crash_world import (
    Appender,
    Branch,
    Order,
    Sealer,
    World,
    agree,
    decision,
    longer,
)


class Move(NamedTuple):
    """Where a move leads, and what went wrong on the way (nothing: empty)."""

    name: str
    world: World
    wrong: str = ""


GO_ON = {Step.NONE, Step.REDO_FROM_PREPARED, Step.SIGN_GUARD_TEXT}
"""After these an append may go on; the last two are the sealer's work."""


def moves(world: World, order: Order) -> Iterator[Move]:
    if world.mode == "running" or order.connections_outlive_restores:
        yield from _append(world)
    if world.mode == "running":
        yield from _begin_seal(world, order)
    for place, appender in enumerate(world.appenders):
        others = world.appenders[:place] + world.appenders[place + 1 :]
        yield from _appender(world, appender, others, order)
    for place, sealer in enumerate(world.sealers):
        rest = world.sealers[:place] + world.sealers[place + 1 :]
        yield from _sealer(world, sealer, rest, order)
    if order.receipts_are_asked_for_later:
        yield from _asked_later(world, order)
    yield from recover(world)
    yield from _failures(world)


def _append(world: World) -> Iterator[Move]:
    """A2: lock, insert, commit."""
    if not world.left.appends or len(world.appenders) == world.left.appenders:
        return
    leaves = (*world.database.leaves, world.tag)
    yield Move(
        "A2",
        world._replace(
            left=world.left._replace(appends=world.left.appends - 1),
            database=world.database._replace(leaves=leaves),
            appenders=_sorted(world.appenders, Appender(leaves)),
            tag=world.tag + 1,
        ),
    )


def _appender(world: World, me: Appender, others: tuple[Any, ...], order: Order) -> Iterator[Move]:
    yield Move("killed", world._replace(appenders=others))
    if me.advanced:
        wrong = "receipts contradict" if not agree(me.branch, world.promised) else ""
        wrong = wrong or ("receipt against checkpoint" if not agree(me.branch, world.signed) else "")
        yield Move("A4", world._replace(appenders=others, promised=longer(me.branch, world.promised)), wrong)
        return
    if not order.guard_knows_receipts:
        yield Move("A3", world._replace(appenders=_sorted(others, Appender(me.branch, advanced=True))))
        return
    after = _receipted(world, me.branch, order)
    if after is None:
        yield Move("A3 refused", world._replace(appenders=others))
    else:
        guard = world.guard._replace(receipted=after)
        appenders = _sorted(others, Appender(me.branch, advanced=True))
        yield Move("A3", world._replace(guard=guard, appenders=appenders))


def _asked_later(world: World, order: Order) -> Iterator[Move]:
    """GET of the newest receipt that may be derived: below what the guard knows, where the guard's leaf is held."""
    held = world.guard.receipted
    known = len(held) if not order.readers_ask_for_the_guards_leaf or world.holds(held) else 0
    believed = 0 if order.readers_ask_for_the_guards_leaf else world.database.served
    branch = world.database.leaves[: max(known, believed)]
    if not agree(branch, world.promised) or not agree(branch, world.signed):
        yield Move("GET", world, "receipts contradict")
    elif len(branch) > len(world.promised):
        yield Move("GET", world._replace(promised=branch))


def _receipted(world: World, branch: Branch, order: Order) -> Branch | None:
    """What the guard holds after it was told of `branch`; None where it refuses."""
    held = world.guard.receipted
    if len(held) == len(branch) and held != branch:
        return None
    if order.guard_asks_the_database and not (world.holds(branch) and world.holds(held)):
        return None
    return longer(held, branch)


def _begin_seal(world: World, order: Order) -> Iterator[Move]:
    """S1: resume the row, or manifest and row in one transaction."""
    database = world.database
    if len(world.sealers) == world.left.sealers:
        return
    if database.prepared:
        row = Sealer("S1", database.leaves[: database.prepared])
        yield Move("S1", world._replace(sealers=_sorted(world.sealers, row)))
        return
    if not world.left.seals or database.leaves[-1] < 0:
        return
    leaves = (*database.leaves, -world.tag)
    begun = world._replace(left=world.left._replace(seals=world.left.seals - 1), tag=world.tag + 1)
    if order.swap_before_commit:
        planned = Sealer("planned", leaves, world.guard.head)
        yield Move("S0", begun._replace(sealers=_sorted(world.sealers, planned)))
        return
    committed = database._replace(leaves=leaves, prepared=len(leaves))
    yield Move("S1", begun._replace(database=committed, sealers=_sorted(world.sealers, Sealer("S1", leaves))))


def _sealer(world: World, me: Sealer, others: tuple[Any, ...], order: Order) -> Iterator[Move]:
    yield Move("killed", world._replace(sealers=others))
    step = {"S1": _told, "told": _s2, "S2": _s3, "S3": _s4, "S4": _s5, "planned": _s3, "swapped": _commit}[me.done]
    yield step(world, me, others, order)


def _told(world: World, me: Sealer, others: tuple[Any, ...], order: Order) -> Move:
    """The guard is told of the manifest like of any leaf, before anything is written beside the database."""
    told = world._replace(sealers=_sorted(others, Sealer("told", me.branch)))
    if not (order.guard_knows_receipts and order.guard_knows_manifest_before_tiles):
        return Move("not told", told)
    after = _receipted(world, me.branch, order)
    if after is None:
        return Move("told nothing", world._replace(sealers=others))
    return Move("told", told._replace(guard=world.guard._replace(receipted=after)))


def _s2(world: World, me: Sealer, others: tuple[Any, ...], order: Order) -> Move:
    """Tiles from the leaves as they are now, then the guard's head is read and checked against the row."""
    del order
    if not world.holds(me.branch) or not agree(me.branch, world.tiles):
        return Move("S2", world._replace(sealers=others), "" if world.rolled_back else "halted for ever")
    head = world.guard.head
    published = world._replace(tiles=longer(me.branch, world.tiles))
    if not (agree(head, me.branch) and len(head) <= len(me.branch)):
        return Move("S2 lost", published._replace(sealers=others))
    return Move("S2", published._replace(sealers=_sorted(others, Sealer("S2", me.branch, head))))


def _s3(world: World, me: Sealer, others: tuple[Any, ...], order: Order) -> Move:
    """The swap; whoever finds its own head there goes on."""
    done = "swapped" if me.done == "planned" else "S3"
    swapped = world._replace(sealers=_sorted(others, Sealer(done, me.branch)))
    if world.guard.head == me.branch:
        return Move("S3 ours", swapped)
    if world.guard.head != me.expected:
        return Move("S3 lost", world._replace(sealers=others))
    if not order.guard_knows_receipts or me.done == "planned":
        receipted = world.guard.receipted if not order.guard_knows_receipts else me.branch
        return Move("S3", swapped._replace(guard=world.guard._replace(receipted=receipted, head=me.branch)))
    receipted_then = _receipted(world, me.branch, order)
    if receipted_then is None:
        return Move("S3 lost", world._replace(sealers=others))
    return Move("S3", swapped._replace(guard=world.guard._replace(receipted=receipted_then, head=me.branch)))


def _commit(world: World, me: Sealer, others: tuple[Any, ...], order: Order) -> Move:
    """Of the order that swaps first: the row only now, if nothing came between."""
    del order
    if world.database.leaves != me.branch[:-1]:
        return Move("S1 late", world._replace(sealers=others))
    committed = world.database._replace(leaves=me.branch, prepared=len(me.branch))
    return Move("S1 late", world._replace(database=committed, sealers=_sorted(others, Sealer("S3", me.branch))))


def _s4(world: World, me: Sealer, others: tuple[Any, ...], order: Order) -> Move:
    del order
    wrong = "fork signed" if not agree(me.branch, world.signed) else ""
    wrong = wrong or ("receipt against checkpoint" if not agree(me.branch, world.promised) else "")
    signed = world._replace(signed=longer(me.branch, world.signed))
    return Move("S4", signed._replace(sealers=_sorted(others, Sealer("S4", me.branch))), wrong)


def _s5(world: World, me: Sealer, others: tuple[Any, ...], order: Order) -> Move:
    """S5 and S6: note, row and served size in one transaction."""
    before, size = world.database, len(me.branch)
    after = before._replace(
        note=longer(before.note, me.branch),
        prepared=0 if before.prepared <= size else before.prepared,
        served=max(before.served, size) if order.publication_only_forward else size,
    )
    wrong = "served head went back" if after.served < before.served else ""
    return Move("S5", world._replace(database=after, sealers=others), wrong)


def recover(world: World) -> Iterator[Move]:
    """One action of the table, whoever opens a connection, at any time."""
    action, database = decision(world.database, world.guard), world.database
    if action.step in GO_ON:
        if world.mode != "running":
            yield Move("recovered", world._replace(mode="running"))
    elif action.step is Step.ADVANCE_RECEIPTED:
        yield Move("advance", world._replace(guard=world.guard._replace(receipted=database.leaves)))
    elif action.step is Step.RECREATE_ROW and action.head is not None:
        yield Move("row", world._replace(database=database._replace(prepared=action.head.size)))
    elif action.step is Step.RECORD:
        receipted = longer(world.guard.receipted, database.note)
        yield Move("behind", world._replace(guard=world.guard._replace(receipted=receipted, head=database.note)))
    elif world.rolled_back and agree(database.leaves, world.guard.receipted):
        refilled = database._replace(leaves=longer(database.leaves, world.guard.receipted))
        yield Move("refilled", world._replace(database=refilled))


def _failures(world: World) -> Iterator[Move]:
    """Everything killed at once; snapshots; one of the two rolled back."""
    left = world.left
    mode = "crashed" if world.mode == "running" else world.mode
    yield Move("crash", world._replace(appenders=(), sealers=(), mode=mode))
    if left.database_restores:
        yield Move("snapshot", world._replace(old_database=world.database))
        if world.mode != "guard restored":
            fewer = left._replace(database_restores=left.database_restores - 1)
            back = world._replace(left=fewer, database=world.old_database, mode="database restored", rolled_back=True)
            yield Move("restore database", back)
    if left.guard_restores:
        yield Move("snapshot of guard", world._replace(old_guard=world.guard))
        if world.mode != "database restored":
            fewer = left._replace(guard_restores=left.guard_restores - 1)
            yield Move("restore guard", world._replace(left=fewer, guard=world.old_guard, mode="guard restored"))


def _sorted(some: tuple[Any, ...], one: Any) -> tuple[Any, ...]:
    """Processes of one kind are interchangeable."""
    return tuple(sorted((*some, one)))
