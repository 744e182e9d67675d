"""Who can be killed in a running installation, and one of them chosen at random."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from random import Random

import psutil

from tests.support.installation import Installation

WEIGHTS = {
    "web process": 30, "web server": 5, "database session": 24, "database server": 9,
    "task process": 12, "task worker": 5, "scheduler": 2, "broker": 3, "client": 9, "everything": 1,
}  # fmt: skip
"""How often each is chosen. `everything`: the supervisor and all below it, at once."""
ALSO = {"guard": 12}
"""Where there is such a one: the server of the head guard."""


def chosen(numbers: Random, also: Sequence[str] = ()) -> str:
    """A kind of victim."""
    weights = WEIGHTS | {kind: ALSO[kind] for kind in also}
    return numbers.choices(list(weights), list(weights.values()))[0]


def victims(where: Installation, kind: str) -> list[psutil.Process]:
    """Those who are of this kind now."""
    return [process for found, process in _family(where) if found == kind]


def kill_one(where: Installation, kind: str, numbers: Random) -> bool:
    """Kill one of this kind by SIGKILL; False where there is none at this moment."""
    found = victims(where, kind)
    if not found:
        return False
    with contextlib.suppress(psutil.NoSuchProcess):
        numbers.choice(found).kill()
        return True
    return False


def _family(where: Installation) -> Iterator[tuple[str, psutil.Process]]:
    supervisor = where.process.pid if where.process is not None else 0
    for process in where.family():
        with contextlib.suppress(psutil.NoSuchProcess):
            yield _kind(process.cmdline(), below=process.ppid() != supervisor), process


def _kind(words: list[str], *, below: bool) -> str:
    said = " ".join(words)
    if "granian" in words:
        return "web process" if below else "web server"
    if "beat" in words:
        return "scheduler"
    if "celery" in words:
        return "task process" if below else "task worker"
    if said.startswith("postgres: "):
        return "database session" if "countersign_runtime" in said else ""
    return "database server" if "-D" in words and not below else ""
