"""Entry bundles of C2SP tlog-tiles: up to 256 leaves behind 16-bit lengths.

Guarantees that no entry above 65,535 bytes is written, and that a bundle is read only when it holds exactly
as many whole entries as its path says.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ledger.core.tile_paths import TILE_WIDTH, malformed_path, number_path, parse_number, widths_between
from ledger.errors import LeafTooLarge, Malformed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

LARGEST_ENTRY: Final = 65_535
_LENGTH_BYTES: Final = 2
_BUNDLE_PATH: Final = re.compile(r"tile/entries/((?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")


@dataclass(frozen=True, slots=True)
class EntryBundle:
    """`width` leaves from `index` * 256 on (C2SP tlog-tiles, Log Entries)."""

    index: int
    width: int = TILE_WIDTH

    @property
    def path(self) -> str:
        """Path below the log's prefix, for example `tile/entries/x001/067.p/3`."""
        return f"tile/entries/{number_path(self.index, self.width)}"

    @property
    def start(self) -> int:
        """Index of the first leaf."""
        return self.index * TILE_WIDTH

    @classmethod
    def parse(cls, path: str) -> EntryBundle:
        """Return the bundle of a path; raises Malformed for any other spelling than `path` gives."""
        found = _BUNDLE_PATH.fullmatch(path)
        if found is None:
            raise malformed_path("entry bundle")
        return cls(*parse_number(found.group(1), found.group(2), "entry bundle"))


def bundles_between(old: int, new: int) -> Iterator[EntryBundle]:
    """Yield the bundles to write when the log grows from `old` to `new` leaves."""
    for index, width in widths_between(old, new):
        yield EntryBundle(index, width)


def encode_entries(entries: Sequence[bytes]) -> bytes:
    """Return the bytes of a bundle of 1 to 256 leaves.

    Raises LeafTooLarge for one above 65,535 bytes, Malformed for another number of leaves.
    """
    _require_width(len(entries))
    for place, entry in enumerate(entries):
        if len(entry) > LARGEST_ENTRY:
            raise LeafTooLarge(
                f"Entry {place} of the bundle has {len(entry)} bytes",
                why="bundles hold 16-bit lengths (C2SP tlog-tiles)",
                next_step="Log a digest and keep the content beside the log.",
            )
    return b"".join(len(entry).to_bytes(_LENGTH_BYTES, "big") + entry for entry in entries)


def decode_entries(data: bytes, width: int = TILE_WIDTH) -> list[bytes]:
    """Return the leaves of a bundle; raises Malformed unless `data` is exactly `width` whole entries."""
    _require_width(width)
    entries: list[bytes] = []
    at = 0
    while at < len(data):
        start = at + _LENGTH_BYTES
        at = start + int.from_bytes(data[at:start], "big")
        entries.append(data[start:at])
    if at != len(data) or len(entries) != width:
        raise _wrong_bundle(f"The bundle does not hold {width} whole entries")
    return entries


def _require_width(width: int) -> None:
    if not 1 <= width <= TILE_WIDTH:
        raise _wrong_bundle(f"A bundle of {width} entries")


def _wrong_bundle(what: str) -> Malformed:
    return Malformed(
        what,
        why="a bundle is 1 to 256 entries, each behind its 16-bit length (C2SP tlog-tiles)",
        next_step="Fetch the bundle again; if it stays so, ask the log's operator.",
    )
