"""A moment of the database's clock beside this machine's steady one, in a file that a supervisor's processes share.

A process that starts after the clock has jumped has nothing of its own to compare it with. The supervisor names the
file and removes it when it starts itself: the steady clock begins anew at each boot, and whoever has looked at a clock
that is right again, or never was wrong, starts over. Nothing here is durable; what cannot be read is not there.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from datetime import datetime
from pathlib import Path

EVERY_S = 60.0
"""A mark is written anew when it is older."""


def read_mark(path: Path) -> tuple[datetime, float] | None:
    """The database's time and the steady seconds at one moment; None where there is no such file."""
    try:
        told = json.loads(path.read_text())
        return datetime.fromisoformat(told["clock"]), float(told["steady_s"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_mark(path: Path, clock: datetime, steady_s: float) -> None:
    """Replace the mark as a whole; a directory that cannot be written costs nothing but the mark."""
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    with suppress(OSError):
        fresh.write_text(json.dumps({"clock": clock.isoformat(), "steady_s": steady_s}))
        fresh.replace(path)
