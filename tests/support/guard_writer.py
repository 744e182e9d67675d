"""A program that writes a guard as fast as it can and says what was acknowledged, until it is killed.

`python -m tests.support.guard_writer URL ORIGIN FIRST`: receipts leaf after leaf from size FIRST on, every
fourth with a swap of the head.
"""

from __future__ import annotations

import sys
from hashlib import sha256

from ledger.core.head_guard import GuardHead, Swap
from ledger.core.types import Hash
from ledger.storage.guards import open_guard


def leaf(size: int) -> Hash:
    return Hash(sha256(b"leaf %d" % size).digest())


def head(size: int) -> GuardHead:
    return GuardHead(size, Hash(sha256(b"root %d" % size).digest()))


def main(url: str, origin: str, first: int) -> None:
    guard = open_guard(url)
    for size in range(first, first + 1_000_000):
        if size % 4:
            guard.advance_receipted(origin, size, leaf(size), lambda held: held.leaf_hash == leaf(held.size))
        else:
            before = guard.read(origin).head
            if guard.swap_head(origin, before, head(size), leaf(size), lambda _: True) is Swap.CONFLICT:
                continue  # Another writer was faster.
        sys.stdout.write(f"{size}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
