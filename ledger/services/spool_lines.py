"""The lines of the spool: their form, their chain and their MAC; nothing here touches a file."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import cast

from ledger.core.canonical import canonical
from ledger.core.strict_json import parse
from ledger.core.types import JSONObject
from ledger.errors import Malformed
from ledger.storage.sealing import derived_keys

START = "0" * 64


@dataclass(frozen=True, slots=True)
class Spooled:
    """A record with its id, its type and the time it was noted (RFC 3339)."""

    id: str
    type: str
    noted: str
    payload: JSONObject


@dataclass(frozen=True, slots=True)
class Reading:
    """The records of the spool, the lines that are not ours, and the number of breaks in the chain.

    `links` are the hash that the first line names and those of all lines; `noted` is the last hash written.
    """

    records: tuple[Spooled, ...]
    foreign: tuple[bytes, ...]
    broken: int
    length: int
    digest: bytes
    links: tuple[str, ...]
    noted: str

    @property
    def last(self) -> str:
        """The hash up to which this reading goes."""
        return self.links[-1] if self.links else self.noted

    def misses_front(self, entered: str) -> bool:
        """Whether something lacks between what was `entered` before and the first line."""
        return entered not in (self.links or (self.noted,))

    @property
    def misses_tail(self) -> bool:
        """Whether something lacks behind the last line."""
        return bool(self.links) and self.noted not in self.links


def hash_of(line: bytes) -> str:
    """The hash by which the next line names this one."""
    return hashlib.sha256(line).hexdigest()


def mac_of(fields: JSONObject) -> str:
    """HMAC-SHA256 of the fields without `mac`, under a key of this purpose alone."""
    return _macs_of(fields)[0]


def _macs_of(fields: JSONObject) -> list[str]:
    """The MAC under each seal key of the ring, the newest first."""
    told = canonical({name: value for name, value in fields.items() if name != "mac"})
    return [hmac.new(key, told, hashlib.sha256).hexdigest() for key in derived_keys(b"ledger/spool")]


def mended(tail: bytes) -> bytes:
    """The newline that a line torn by a crash lacks, so that it does not swallow the next one."""
    return b"" if not tail or tail.endswith(b"\n") else b"\n"


def parsed(data: bytes, noted: str) -> Reading:
    """Read all lines; one that is not ours is counted and kept out, one whose chain is broken is counted and kept."""
    records: list[Spooled] = []
    foreign: list[bytes] = []
    links: list[str] = []
    broken, follows = 0, True
    for line in data.splitlines():
        value = _ours(line)
        if value is None:
            foreign.append(line)
            follows = False
        else:
            links = links or [str(value["prev"])]
            broken += follows and value["prev"] != links[-1]
            records.append(_record(value))
            follows = True
        links.append(hash_of(line))
    digest = hashlib.sha256(data).digest()
    count = broken + len(foreign)
    return Reading(tuple(records), tuple(foreign), count, len(data), digest, tuple(links), noted)


def _ours(line: bytes) -> JSONObject | None:
    try:
        value = cast("JSONObject", parse(line))
        _record(value)
        return value if any(_equal(value["mac"], mac) for mac in _macs_of(value)) else None
    except (Malformed, KeyError, TypeError):
        return None


def _equal(given: object, mac: str) -> bool:
    return hmac.compare_digest(str(given), mac)


def _record(value: JSONObject) -> Spooled:
    payload = cast("JSONObject", value["payload"])
    return Spooled(str(value["id"]), str(value["type"]), str(value["noted"]), payload)
