"""Points at which a process that appends, seals or creates may die, named after what is durable then.

`create`: the guard's document; `genesis`: the genesis leaf. `D1` objects, `D2` leaves, `D3` the guard knows them.
`D4` manifest and row, `told` the guard knows the manifest, `D5` tiles, `D6` the guard's head, `signed` in memory
alone, `D8` note and served head, which are one commit. Within a step (`HALF_*`): `object half`, a file
that is not in its place yet, `group half`, a transaction under its lock, `guard half`, a document about to be
overwritten (`redis half`, `s3 half`: read, and not compared and set yet); `tiles half`, without the entry bundles,
`checkpoint half`, a transaction without receipts.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from ledger.services import append, checkpoint, publish, streams
from ledger.services.committer import telling
from ledger.services.committer.group_transaction import Group
from ledger.storage.guards import file as guard_file
from ledger.storage.guards import redis as guard_redis
from ledger.storage.guards import s3 as guard_s3

CREATING = {"create": (streams, "_genesis"), "genesis": (streams, "tell")}
APPENDING = {"D1": (append, "_committed"), "D2": (telling, "told"), "D3": (append, "receipted")}
HALF_APPENDING = {
    "object half": (os, "link"),
    "group half": (Group, "_write"),
    "guard half": (guard_file, "_overwritten"),
}
HALF_TOLD = {"redis half": (guard_redis, "after_advance"), "s3 half": (guard_s3, "after_advance")}
HALF_SEALING = {"tiles half": (publish, "_put_entries"), "checkpoint half": (checkpoint, "_store_receipts")}
SEALING = {"D4": "S1", "told": "told", "D5": "S2", "D6": "S3", "signed": "S4", "D8": "S5"}


class KilledError(BaseException):
    """As good as SIGKILL: nothing catches it."""


@contextmanager
def dying(point: str, die: Callable[[], Any]) -> Iterator[Callable[[str], None]]:
    """Whoever comes to `point` dies; what is yielded is for `seal_window(reached=...)`."""

    def there(*_: object, **__: object) -> None:
        die()

    def reached(step: str) -> None:
        if step == SEALING.get(point):
            die()

    place = {**CREATING, **APPENDING, **HALF_APPENDING, **HALF_TOLD, **HALF_SEALING}.get(point)
    if place is None:
        yield reached
        return
    with patch.object(*place, there):
        yield reached


def killed() -> None:
    """Die by raising."""
    raise KilledError
