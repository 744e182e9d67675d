"""P7: inclusion proofs of pymerkle on SQLite."""

from __future__ import annotations

import random
import time

from pymerkle import SqliteTree, verify_inclusion

from bench.events import line_of

_trees: dict[str, SqliteTree] = {}


def prepare(path: str, size: int) -> None:
    """Open the tree, and fill it where it is short."""
    tree = _trees[path] = SqliteTree(path)
    held = tree.get_size()
    if held < size:
        tree.append_entries([line_of(number) for number in range(held, size)])


def prove(path: str, count: int, seed: int, remembering: bool) -> float:  # noqa: FBT001  arrives as JSON
    """Seconds for one proof, over `count` random leaves; every proof is verified afterwards.

    Unless `remembering`, its cache in memory is emptied before each: ours keeps nothing between proofs either.
    """
    tree = _trees[path]
    size, root = tree.get_size(), tree.get_state()
    chosen = random.Random(seed)  # noqa: S311  which leaves are asked for is no secret
    indices = [1 + chosen.randrange(size) for _ in range(count)]
    found, seconds = [], 0.0
    for index in indices:
        if not remembering:
            tree.cache_clear()
        begun = time.perf_counter()
        found.append(tree.prove_inclusion(index, size))
        seconds += time.perf_counter() - begun
    for index, proof in zip(indices, found, strict=True):
        verify_inclusion(tree.get_leaf(index), root, proof)
    return seconds / count
