"""Names of tiles and bundles (C2SP tlog-tiles): level, index and width as one spelling of a path.

Guarantees that `parse` accepts exactly what `path` gives: ASCII digits, no superfluous zeros, widths 1 to 255
behind `.p/`, nothing for a full tile.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ledger.core.merkle.hashing import LARGEST_SIZE
from ledger.errors import Malformed

if TYPE_CHECKING:
    from collections.abc import Iterator

TILE_WIDTH: Final = 256
TILE_HEIGHT: Final = 8
LARGEST_LEVEL: Final = 63

_GROUP: Final = 1000
_TILE_PATH: Final = re.compile(r"tile/(0|[1-9][0-9]?)/((?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")


@dataclass(frozen=True, slots=True)
class Tile:
    """`width` hashes of `level`, from `index` * 256 on; full at 256 (C2SP tlog-tiles, Merkle Tree)."""

    level: int
    index: int
    width: int = TILE_WIDTH

    @property
    def path(self) -> str:
        """Path below the log's prefix, for example `tile/1/x001/234.p/17`."""
        return f"tile/{self.level}/{number_path(self.index, self.width)}"

    @property
    def start(self) -> int:
        """Place of the first hash among those of its level."""
        return self.index * TILE_WIDTH

    @classmethod
    def parse(cls, path: str) -> Tile:
        """Return the tile of a path; raises Malformed for any other spelling than `path` gives."""
        found = _TILE_PATH.fullmatch(path)
        if found is None or int(found.group(1)) > LARGEST_LEVEL:
            raise malformed_path("hash tile")
        return cls(int(found.group(1)), *parse_number(found.group(2), found.group(3), "hash tile"))


def number_path(index: int, width: int) -> str:
    """Return the last part of a tile's path: groups of three digits, all but the last behind an x."""
    groups = [f"{index % _GROUP:03}"]
    while index := index // _GROUP:
        groups.append(f"x{index % _GROUP:03}")
    partial = "" if width == TILE_WIDTH else f".p/{width}"
    return "/".join(reversed(groups)) + partial


def parse_number(groups: str, width: str | None, kind: str) -> tuple[int, int]:
    """Return (index, width) of the last part of a path; raises Malformed for a second spelling."""
    index = int(groups.replace("/", "").replace("x", ""))
    tile_width = TILE_WIDTH if width is None else int(width)
    full_width = width is not None and tile_width >= TILE_WIDTH
    if full_width or index > LARGEST_SIZE or number_path(index, TILE_WIDTH) != groups:
        raise malformed_path(kind)
    return index, tile_width


def malformed_path(kind: str) -> Malformed:
    """Return the refusal of a path that names no tile."""
    return Malformed(
        f"Not the path of a {kind}",
        why="a path has one spelling: ASCII digits, no superfluous zeros, widths of 1 to 255",
        next_step="Build the path from level, index and width as C2SP tlog-tiles describes.",
    )


def widths_between(before: int, after: int) -> Iterator[tuple[int, int]]:
    """Yield (index, width) of the tiles that hold one level's items [before, after), full ones first."""
    if before >= after:
        return
    for index in range(before // TILE_WIDTH, after // TILE_WIDTH):
        yield index, TILE_WIDTH
    if after % TILE_WIDTH:
        yield after // TILE_WIDTH, after % TILE_WIDTH
