"""What a decided change writes, step by step, and how far it came: pure, from digests and bytes alone.

Guarantees that each step is recognised as done, due or overtaken by somebody else from what the file is now, so that
whoever goes on after a crash neither repeats nor skips one, and never writes over what nobody here has seen.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ledger.core.types import JSONObject


class Act(StrEnum):
    """`WRITE` replaces a file whole; `APPEND` adds one line to a file that only grows."""

    WRITE = "write"
    APPEND = "append"


class Progress(StrEnum):
    """How a step stands. `PARTLY`: an appended line is there in part, as after a crash."""

    DUE = "due"
    PARTLY = "partly"
    DONE = "done"
    OVERTAKEN = "overtaken"


@dataclass(frozen=True, slots=True)
class FileStep:
    """`before` is the SHA-256 in hex of the whole file ('' for none) when it was planned; `size` its length then.

    `about` names what it is about, such as the id of a contract.
    """

    act: Act
    path: str
    before: str
    size: int
    data: bytes
    about: str = ""

    @property
    def after(self) -> str:
        """SHA-256 in hex of a written file; of an appended line alone."""
        return sha256(self.data).hexdigest()

    def to_json(self) -> JSONObject:
        """As it stands in the journal."""
        return {
            "act": self.act.value, "path": self.path, "before": self.before, "size": self.size,
            "data": base64.b64encode(self.data).decode(), "about": self.about,
        }  # fmt: skip


def step_of(value: Mapping[str, object]) -> FileStep:
    """The step of a row of the journal."""
    return FileStep(
        Act(str(value["act"])), str(value["path"]), str(value["before"]), int(str(value["size"])),
        base64.b64decode(str(value["data"])), str(value["about"]),
    )  # fmt: skip


def written(files: Mapping[str, bytes], path: str, data: bytes, about: str = "") -> FileStep:
    """The step that makes a file these bytes, from what it is now."""
    now = files.get(path)
    return FileStep(Act.WRITE, path, "" if now is None else sha256(now).hexdigest(), len(now or b""), data, about)


def appended(files: Mapping[str, bytes], path: str, line: bytes, about: str = "") -> FileStep:
    """The step that adds a line to a file, from what it is now."""
    now = files.get(path)
    return FileStep(Act.APPEND, path, "" if now is None else sha256(now).hexdigest(), len(now or b""), line, about)


def progress(step: FileStep, now: bytes | None) -> Progress:
    """How a step stands, from the bytes of the file now (None for no file)."""
    if step.act is Act.APPEND:
        return _appending(step, now or b"")
    if now is not None and now == step.data:
        return Progress.DONE
    is_as_it_was = (now is None and not step.before) or (now is not None and sha256(now).hexdigest() == step.before)
    return Progress.DUE if is_as_it_was else Progress.OVERTAKEN


def tail_of(step: FileStep, now: bytes) -> bytes:
    """What is left to be appended of a line that is there in part."""
    return step.data[len(_torn(now)) :]


def _appending(step: FileStep, now: bytes) -> Progress:
    """The beginning has to be as it was; lines of others may have come behind it meanwhile."""
    if len(now) < step.size or _began(step, now) != step.before:
        return Progress.OVERTAKEN
    added = now[step.size :]
    if step.data in _lines(added):
        return Progress.DONE
    torn = _torn(now) if added else b""
    if not torn:
        return Progress.DUE
    return Progress.PARTLY if step.data.startswith(torn) else Progress.OVERTAKEN


def _began(step: FileStep, now: bytes) -> str:
    return sha256(now[: step.size]).hexdigest() if step.before else ""


def _lines(data: bytes) -> Iterable[bytes]:
    return data.splitlines(keepends=True)


def _torn(data: bytes) -> bytes:
    """What stands behind the last newline."""
    return data[data.rfind(b"\n") + 1 :]
