"""Points at which a process that appends, seals or creates may die, named after what is durable then.

`create`: the guard's document; `genesis`: the genesis leaf. `D1` objects, `D2` leaves, `D3` the guard knows them.
`D4` manifest and row, `told` the guard knows the manifest, `D5` tiles, `D6` the guard's head, `signed` in memory
alone, `D8` note and served head, which are one commit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from ledger.services import append, streams
from ledger.services.committer import telling

CREATING = {"create": (streams, "_genesis"), "genesis": (streams, "tell")}
APPENDING = {"D1": (append, "_committed"), "D2": (telling, "told"), "D3": (append, "receipted")}
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

    place = {**CREATING, **APPENDING}.get(point)
    if place is None:
        yield reached
        return
    with patch.object(*place, there):
        yield reached


def killed() -> None:
    """Die by raising."""
    raise KilledError
