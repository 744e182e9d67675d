"""The spool: what must not be forgotten while the database is away, in local files.

One JSON line for each record, with the SHA-256 of the line before it, synced before `note` returns. A line
that was changed, or removed from the middle, breaks the chain, and the break itself is recorded when the
spool is entered.
"""

from __future__ import annotations

import fcntl
import hashlib
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, cast

from django.conf import settings

from ledger.core.canonical import canonical
from ledger.core.strict_json import parse
from ledger.core.types import JSONObject
from ledger.errors import Malformed
from ledger.services.ids import fresh_id

log = logging.getLogger(__name__)

START = "0" * 64
MAX_BYTES = 64 * 1024 * 1024
_TAIL = 256 * 1024


@dataclass(frozen=True, slots=True)
class Spooled:
    """A record with its id, its type and the time it was noted (RFC 3339)."""

    id: str
    type: str
    noted: str
    payload: JSONObject


@dataclass(frozen=True, slots=True)
class Reading:
    """The records of the spool and the number of lines whose chain or form is broken."""

    records: tuple[Spooled, ...]
    broken: int
    length: int


def note(kind: str, payload: JSONObject) -> None:
    """Append one record durably; never touches the database. A full spool (64 MiB) is told to the log
    instead.
    """
    with _locked() as file:
        if file.seek(0, os.SEEK_END) > MAX_BYTES:
            log.critical("the spool is full; lost: %s %s", kind, payload)
            return
        line: JSONObject = {
            "id": str(fresh_id()),
            "noted": datetime.now(tz=UTC).isoformat(),
            "payload": payload,
            "prev": _last_hash(file),
            "type": kind,
        }
        file.seek(0, os.SEEK_END)
        file.write(canonical(line) + b"\n")
        file.flush()
        os.fsync(file.fileno())


def read() -> Reading:
    """Read all records in order; a broken line is counted, and reading goes on behind it."""
    with _locked() as file:
        return _parsed(file.read())


def forget(length: int) -> None:
    """Remove the first `length` bytes, which have been entered; what came since stays."""
    with _locked() as file:
        rest = file.read()[length:]
        file.seek(0)
        file.write(rest)
        file.truncate()
        file.flush()
        os.fsync(file.fileno())


def is_empty() -> bool:
    """Whether nothing waits to be entered."""
    place = _path()
    return not place.exists() or place.stat().st_size == 0


def _path() -> Path:
    return Path(settings.COUNTERSIGN_STATE_DIR) / "spool" / "events.ndjson"


@contextmanager
def _locked() -> Iterator[BinaryIO]:
    place = _path()
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(place, os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(handle, "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield cast("BinaryIO", file)


def _last_hash(file: BinaryIO) -> str:
    file.seek(max(0, file.seek(0, os.SEEK_END) - _TAIL))
    lines = file.read().splitlines()
    return hashlib.sha256(lines[-1]).hexdigest() if lines else START


def _parsed(data: bytes) -> Reading:
    records, broken, before = [], 0, None
    for line in data.splitlines():
        try:
            value = cast("JSONObject", parse(line))
            records.append(
                Spooled(
                    str(value["id"]),
                    str(value["type"]),
                    str(value["noted"]),
                    cast("JSONObject", value["payload"]),
                )
            )
            broken += before is not None and value["prev"] != before
        except (Malformed, KeyError, TypeError):
            broken += 1
        before = hashlib.sha256(line).hexdigest()
    return Reading(tuple(records), broken, len(data))
