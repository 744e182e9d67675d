"""The spool: what must not be forgotten while the database is away, in local files.

One JSON line for each record, with the SHA-256 of the line before it and a MAC under a key derived from the seal key,
synced before `note` returns. The first record names the last one that was entered in the ledger (or `START`), and the
file `noted` the last one that was written: so lines that were changed, removed from front, middle or tail, or removed
with their file, are found by whoever enters the spool, and no chain can be made anew without the key. What cannot be
found is a spool whose whole directory was set back to an earlier state of the same outage.
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import logging
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

from ledger.core.canonical import canonical
from ledger.core.types import JSONObject
from ledger.services.ids import fresh_id
from ledger.services.spool_lines import START, Reading, Spooled, hash_of, mac_of, mended, parsed

__all__ = [
    "START",
    "Reading",
    "Spooled",
    "entering",
    "forget",
    "is_empty",
    "keep_aside",
    "name",
    "note",
    "noted",
    "read",
]

log = logging.getLogger(__name__)

MAX_BYTES = 64 * 1024 * 1024
STRANGERS_BYTES = 32 * 1024 * 1024
"""Sums of callers nobody knows fill half of it at most; the other half is for what is known."""
_TAIL = 256 * 1024


def note(kind: str, payload: JSONObject, *, room: int | None = None) -> None:
    """Append one record durably; never touches the database. A spool beyond `room` bytes (64 MiB) is told to the log
    instead.
    """
    with _locked():
        if _size() > (MAX_BYTES if room is None else room):
            log.critical("the spool is full; lost: %s %s", kind, payload)
            return
        line: JSONObject = {
            "id": str(fresh_id()),
            "noted": datetime.now(tz=UTC).isoformat(),
            "payload": payload,
            "prev": _before(),
            "type": kind,
        }
        line["mac"] = mac_of(line)
        written = canonical(line)
        _append(mended(_tail()) + written + b"\n")
        _put("noted", _signed(hash_of(written)))


def read() -> Reading:
    """Read all records in order; broken lines are counted, and reading goes on behind them."""
    with _locked():
        return parsed(_path().read_bytes() if _path().exists() else b"", noted())


def forget(reading: Reading, *, entered: str) -> None:
    """Remove what was read and has been entered, up to the hash `entered`; what came since stays.

    Nothing is removed where the file no longer begins with the bytes that were read.
    """
    with _locked():
        held = _path().read_bytes() if _path().exists() else b""
        prefix, rest = held[: reading.length], held[reading.length :]
        if hashlib.sha256(prefix).digest() != reading.digest:
            log.error("the spool is not the one that was entered; nothing is removed from it")
            return
        _put("events.ndjson", rest)
        if not rest:
            _put("noted", _signed(entered))


def keep_aside(lines: tuple[bytes, ...]) -> None:
    """Keep lines that are not entered, since they are not ours, for a person to look at: `spool/broken.ndjson`."""
    place = _path().with_name("broken.ndjson")
    handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(handle, "ab") as file:
        if file.tell() < MAX_BYTES:
            file.write(b"".join(line + b"\n" for line in lines))


@contextmanager
def entering() -> Iterator[bool]:
    """Hold the right to enter the spool: one flusher at a time, over all processes; False for everybody else."""
    with _opened("flush.lock") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def is_empty() -> bool:
    """Whether no line waits to be entered."""
    return _size() == 0


def noted() -> str:
    """The hash of the last line written, as the file `noted` has it; START where that is missing or not ours."""
    try:
        text = _path().with_name("noted").read_text().strip()
    except (FileNotFoundError, UnicodeDecodeError):
        return START
    return text[:64] if hmac.compare_digest(text.encode(), _signed(text[:64]).strip()) else START


def name() -> str:
    """What this spool is called in the ledger's table of watermarks: of this machine and this directory."""
    place = f"{platform.node()}\n{_path()}"
    return f"spool:{hashlib.sha256(place.encode()).hexdigest()[:32]}"


def _path() -> Path:
    return Path(settings.COUNTERSIGN_STATE_DIR) / "spool" / "events.ndjson"


def _size() -> int:
    return _path().stat().st_size if _path().exists() else 0


@contextmanager
def _locked() -> Iterator[None]:
    with _opened("lock") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


@contextmanager
def _opened(which: str) -> Iterator[int]:
    """A file for locks alone: it is never replaced, so that all who wait meet at one."""
    place = _path().with_name(which)
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(place, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        yield handle
    finally:
        os.close(handle)


def _append(data: bytes) -> None:
    handle = os.open(_path(), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(handle, "ab") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _put(which: str, data: bytes) -> None:
    """Replace a file as a whole: a crash leaves the old one or the new one."""
    draft = _path().with_name(f"{which}.new")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(_path().with_name(which))


def _signed(last: str) -> bytes:
    return f"{last} {mac_of({'noted': last})}\n".encode()


def _tail() -> bytes:
    if not _path().exists():
        return b""
    with _path().open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - _TAIL))
        return file.read()


def _before() -> str:
    """What the next line names: the last line, unless it is older than what was noted; then the gap shall show."""
    known, hashes = noted(), [hash_of(line) for line in _tail().splitlines()]
    return hashes[-1] if hashes and (known in hashes or known == START) else known
