"""The manifest: every file of the bundle with size and SHA-256, and what the bundle says it is.

It is signed under DSSE by an export key that the log delegates in its own leaves. Everything in it is
compared with the files; nothing is believed because the manifest says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, cast

from ledger.core.canonical import canonical, parse_canonical
from ledger.core.fields import (
    Check,
    Schema,
    check_fields,
    closed,
    hex_hash,
    index,
    list_of,
    moment,
    nullable,
    one_of,
    text,
)
from ledger.core.schemas import MAX_ORIGIN_BYTES, MAX_TYPE_BYTES, VERSION
from ledger.core.types import JSON, Hash, JSONObject, LeafIndex, TreeSize
from ledger.errors import LeafSchema

PAYLOAD_TYPE: Final = "application/vnd.countersign.manifest.v1+json"
MAX_LACKING: Final = 64


@dataclass(frozen=True, slots=True)
class Disclosure:
    """What the bundle means to show beside the leaves; what it does not mean to show is not claimed."""

    receipts: bool = True
    attrs: bool = True
    payloads: bool = True

    def to_json(self) -> JSONObject:
        """The form in which it stands in the manifest."""
        return {"receipts": self.receipts, "attrs": self.attrs, "payloads": self.payloads}


@dataclass(frozen=True, slots=True)
class Period:
    """The period that was asked for: from `start` up to, not including, `end`, and the filter of its
    population.
    """

    basis: Literal["recorded", "claimed"]
    start: str | None = None
    end: str | None = None
    type: str | None = None
    source: str | None = None
    subject: str | None = None

    def to_json(self) -> JSONObject:
        """The form in which it stands in the manifest."""
        return {
            "basis": self.basis,
            "start": self.start,
            "end": self.end,
            "type": self.type,
            "source": self.source,
            "subject": self.subject,
        }


@dataclass(frozen=True, slots=True)
class Population:
    """Events of the range; how many match the filter; and how many claimed times lie outside the period."""

    events: int
    matching: int
    outside: int | None = None

    def to_json(self) -> JSONObject:
        """The form in which it stands in the manifest."""
        return {"events": self.events, "matching": self.matching, "outside": self.outside}


@dataclass(frozen=True, slots=True)
class FileEntry:
    """Size in bytes and SHA-256 (hex) of one file."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a bundle says it is; `first` and `last` are both inside the range, `size` and `root` are the
    head's.
    """

    origin: str
    log: Hash
    first: LeafIndex
    last: LeafIndex
    size: TreeSize
    root: Hash
    exported: str
    kid: str
    disclosed: Disclosure
    population: Population
    files: Mapping[str, FileEntry]
    period: Period | None = None
    redacted: int = 0
    left_out: int = 0
    lacking: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """How many leaves the range holds."""
        return self.last - self.first + 1

    def body(self) -> bytes:
        """The RFC 8785 bytes that are signed under DSSE."""
        files: JSONObject = {name: {"size": entry.size, "sha256": entry.sha256} for name, entry in self.files.items()}
        lacking: list[JSON] = list(self.lacking)
        return canonical(
            {
                "v": VERSION,
                "origin": self.origin,
                "log": self.log.hex(),
                "from": self.first,
                "to": self.last,
                "size": self.size,
                "root": self.root.hex(),
                "exported": self.exported,
                "kid": self.kid,
                "disclosed": self.disclosed.to_json(),
                "population": self.population.to_json(),
                "period": self.period.to_json() if self.period else None,
                "redacted": self.redacted,
                "checkpoints_left_out": self.left_out,
                "lacking": lacking,
                "files": files,
            }
        )


def parse_manifest(body: bytes) -> Manifest:
    """Read the signed bytes of a manifest; raises JSONInvalid, NotCanonical or LeafSchema."""
    value = parse_canonical(body)
    if not isinstance(value, dict):
        raise LeafSchema("A manifest must be a JSON object")
    check_fields(value, _SCHEMA)
    first, last = cast("int", value["from"]), cast("int", value["to"])
    if last < first:
        raise LeafSchema("A manifest's range ends before it begins", path="to")
    period = value["period"]
    return Manifest(
        origin=str(value["origin"]),
        log=Hash(bytes.fromhex(str(value["log"]))),
        first=LeafIndex(first),
        last=LeafIndex(last),
        size=TreeSize(cast("int", value["size"])),
        root=Hash(bytes.fromhex(str(value["root"]))),
        exported=str(value["exported"]),
        kid=str(value["kid"]),
        disclosed=Disclosure(**cast("dict[str, bool]", value["disclosed"])),
        population=Population(**cast("dict[str, int]", value["population"])),
        period=Period(**period) if isinstance(period, dict) else None,  # type: ignore[arg-type]  # the schema has checked each
        redacted=cast("int", value["redacted"]),
        left_out=cast("int", value["checkpoints_left_out"]),
        lacking=tuple(cast("list[str]", value["lacking"])),
        files=_entries(cast("JSONObject", value["files"])),
    )


def _entries(files: JSONObject) -> dict[str, FileEntry]:
    rows = {name: cast("JSONObject", entry) for name, entry in files.items()}
    return {name: FileEntry(cast("int", row["size"]), str(row["sha256"])) for name, row in rows.items()}


def _flag(value: JSON) -> None:
    if not isinstance(value, bool):
        raise LeafSchema("true or false is expected", why=repr(value)[:80])


def _files(value: JSON) -> None:
    if not isinstance(value, dict):
        raise LeafSchema("An object of files is expected")
    for name, entry in value.items():
        try:
            _entry(entry)
        except LeafSchema as error:
            error.path = f"{name[:100]} {error.path}"
            raise


_entry: Check = closed({"size": index, "sha256": hex_hash})
_word: Check = nullable(text(2_048))
_period: Check = closed(
    {
        "basis": one_of("recorded", "claimed"),
        "start": nullable(moment),
        "end": nullable(moment),
        "type": nullable(text(MAX_TYPE_BYTES)),
        "source": _word,
        "subject": _word,
    }
)
_SCHEMA: Final[Schema] = {
    "v": one_of(VERSION),
    "origin": text(MAX_ORIGIN_BYTES),
    "log": hex_hash,
    "from": index,
    "to": index,
    "size": index,
    "root": hex_hash,
    "exported": moment,
    "kid": text(32),
    "disclosed": closed({"receipts": _flag, "attrs": _flag, "payloads": _flag}),
    "population": closed({"events": index, "matching": index, "outside": nullable(index)}),
    "period": nullable(_period),
    "redacted": index,
    "checkpoints_left_out": index,
    "lacking": list_of(text(300), most=MAX_LACKING),
    "files": _files,
}
