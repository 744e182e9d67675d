"""Where a full verification stands: a directory with what it is about and one finished segment after the other.

Guarantees that a segment counts as done only when both of its files stand whole, so that a verification killed at any
point goes on behind the last finished segment and ends in the report it would have ended in. What belongs to another
form, stream or size is thrown away; it only costs time.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from ledger.errors import JobConflict
from ledger.services.store_frozen import Facts
from ledger.services.store_segment import SEGMENT, Account

FORM = 2
"""Raised whenever a segment's account, or what is checked of it, changes."""


@dataclass(frozen=True, slots=True)
class State:
    """A directory of one verification: of `origin` as `facts` tell it, begun at `began` (ISO, UTC)."""

    folder: Path
    origin: str
    facts: Facts
    began: str
    resumed: int = 0

    @property
    def segments(self) -> int:
        """How many there are."""
        return -(-self.facts.size // SEGMENT)

    def bounds(self, number: int) -> tuple[int, int]:
        """First leaf of a segment and the one behind its last."""
        return number * SEGMENT, min((number + 1) * SEGMENT, self.facts.size)

    def done(self, number: int) -> bool:
        """Whether a segment is finished; the account is written after the hashes."""
        return self._account(number).exists()

    def finish(self, number: int, account: Account, hashes: bytes) -> None:
        """Keep what a segment gave."""
        _write(self._hashes(number), hashes)
        _write(self._account(number), json.dumps(asdict(account)).encode())

    def account(self, number: int) -> Account:
        """The account of a finished segment."""
        return Account(**json.loads(self._account(number).read_bytes()))

    def hashes(self, number: int) -> bytes:
        """The leaf hashes of a finished segment."""
        return self._hashes(number).read_bytes()

    def remove(self) -> None:
        """Forget everything."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _account(self, number: int) -> Path:
        return self.folder / f"{number}.json"

    def _hashes(self, number: int) -> Path:
        return self.folder / f"{number}.hashes"


@contextmanager
def alone(root: Path, origin: str) -> Iterator[None]:
    """While the block lasts, nobody else on this machine verifies this stream in full; raises JobConflict."""
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _folder(root, origin).with_suffix(".lock").open("wb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            step = "Wait for the one that runs."
            raise JobConflict("This stream is being verified already", why=origin, next_step=step) from error
        yield


def begin(root: Path, origin: str, facts: Facts, began: str) -> State:
    """A state that has nothing yet."""
    state = State(_folder(root, origin), origin, facts, began)
    state.remove()
    state.folder.mkdir(parents=True, mode=0o700)
    _keep(state)
    return state


def resume(root: Path, origin: str) -> State | None:
    """The state that was left behind, once more resumed; None where there is none that can be used."""
    folder = _folder(root, origin)
    try:
        told: dict[str, Any] = json.loads((folder / "run.json").read_bytes())
        if told["form"] != FORM or told["origin"] != origin:
            return None
        state = State(folder, origin, Facts(**told["facts"]), told["began"], told["resumed"] + 1)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    _keep(state)
    return state


def _keep(state: State) -> None:
    told = {
        "form": FORM, "origin": state.origin, "facts": state.facts.to_json(), "began": state.began,
        "resumed": state.resumed,
    }  # fmt: skip
    _write(state.folder / "run.json", json.dumps(told).encode())


def _folder(root: Path, origin: str) -> Path:
    return root / sha256(origin.encode()).hexdigest()[:16]


def _write(place: Path, data: bytes) -> None:
    """Whole or not at all, also after a power failure."""
    part = place.with_suffix(".part")
    with part.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    part.replace(place)
