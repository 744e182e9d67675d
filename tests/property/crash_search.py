"""Breadth first through every world that the moves lead to, counting what went wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

from ledger.core.recovery import Step
from tests.property.crash_moves import moves, recover
from tests.property.crash_world import Branch, Database, Guard, Limits, Order, World, agree, decision

ENOUGH = 24
"""More moves than any recovery and the seal behind it need."""


@dataclass
class Found:
    """Worlds reached, moves from the first to the last of them, and how often each thing went wrong."""

    worlds: int = 0
    depth: int = 0
    wrong: Counter[str] = field(default_factory=Counter)
    names: Counter[str] = field(default_factory=Counter)


def search(order: Order, limits: Limits) -> Found:
    found, seen = Found(), {World(limits)}
    level = list(seen)
    while level:
        found.worlds, following = found.worlds + len(level), []
        for world in level:
            found.wrong.update(_wrong_with(world))
            for move in moves(world, order):
                found.names[move.name] += 1
                if move.wrong:
                    found.wrong[move.wrong] += 1
                if move.world not in seen:
                    seen.add(move.world)
                    following.append(move.world)
        level = following
        found.depth += bool(level)
    return found


def _wrong_with(world: World) -> Iterator[str]:
    stopped = decision(world.database, world.guard).step in {Step.STOP, Step.REFUSE}
    if stopped and not world.rolled_back:
        yield "halted for ever"
    kept = world.holds(world.promised) and world.holds(world.signed)
    if not stopped and not kept and world.mode != "guard restored":
        yield "loss not noticed"
    if not agree(world.promised, world.signed):
        yield "receipt against checkpoint"
    if not stopped and not _comes_to_rest(world.database, world.guard, world.tiles):
        yield "never comes to rest"


@cache
def _comes_to_rest(database: Database, guard: Guard, tiles: Branch) -> bool:
    """Whether a lone process after a crash ends all that was begun: nothing prepared, nothing to recover."""
    alone = Limits(appends=0, seals=0, database_restores=0, guard_restores=0, sealers=1)
    world = World(alone, database, guard, tiles, mode="crashed", rolled_back=True)
    for _ in range(ENOUGH):
        work = [move for move in moves(world, Order()) if move.name not in {"killed", "crash"}]
        if not work:
            return world.mode == "running" and not world.database.prepared
        world = (next(recover(world), None) or work[0]).world
    return False
