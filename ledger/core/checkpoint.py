"""Checkpoint: origin, size and root of a log, as the text of a signed note.

Guarantees one text for each checkpoint: decimal without leading zeros, canonical base64 of 32 bytes, no empty
line, and the empty tree only with its own root. Follows C2SP tlog-checkpoint v1.0.0 ("Note text"); RFC 6962,
2.1.
"""

from __future__ import annotations

from dataclasses import dataclass
from re import fullmatch
from typing import Final

from ledger.core import strict_base64
from ledger.core.merkle import EMPTY_ROOT
from ledger.core.types import HASH_BYTES, Hash, TreeSize
from ledger.errors import NoteMalformed

MAX_SIZE: Final = 2**63 - 1
_FIXED_LINES: Final = 3


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The head of the log `origin`: `size` leaves under `root` (32 bytes), and extension lines."""

    origin: str
    size: TreeSize
    root: Hash
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what has no text of its own: NoteMalformed."""
        if not all(_is_line(line) for line in (self.origin, *self.extensions)):
            raise NoteMalformed("The origin or an extension line of a checkpoint is empty or has control characters")
        if not 0 <= self.size <= MAX_SIZE:
            raise NoteMalformed("The size of a checkpoint is out of range", why=str(self.size), path="line 2")
        if len(self.root) != HASH_BYTES:
            raise NoteMalformed("The root of a checkpoint is not 32 bytes", why=f"{len(self.root)}", path="line 3")
        if self.size == 0 and self.root != EMPTY_ROOT:
            raise NoteMalformed("An empty log has another root than the hash of nothing", path="line 3")

    def text(self) -> str:
        """Write the note text, final newline included."""
        lines = (self.origin, str(self.size), strict_base64.encode(self.root), *self.extensions)
        return "".join(f"{line}\n" for line in lines)


def parse_checkpoint(text: str) -> Checkpoint:
    """Read the text of a note; raise NoteMalformed with the line as `path`."""
    lines = text.split("\n")
    if lines.pop() != "" or len(lines) < _FIXED_LINES:
        raise NoteMalformed("A checkpoint is not at least three lines that each end in a newline")
    origin, size, root, *extensions = lines
    return Checkpoint(origin, _size(size), _root(root), tuple(extensions))


def decimal(text: str) -> int:
    """Read an ASCII decimal without sign or leading zeros up to 2^63-1; raise ValueError."""
    if not fullmatch(r"0|[1-9][0-9]{0,18}", text) or int(text) > MAX_SIZE:
        raise ValueError("not a decimal without leading zeros up to 2^63-1")
    return int(text)


def _is_line(line: str) -> bool:
    return line != "" and not any(character < " " or "\ud800" <= character <= "\udfff" for character in line)


def _size(line: str) -> TreeSize:
    try:
        return TreeSize(decimal(line))
    except ValueError as error:
        raise NoteMalformed("The size of a checkpoint is not a number", why=str(error), path="line 2") from error


def _root(line: str) -> Hash:
    try:
        return Hash(strict_base64.decode(line))
    except ValueError as error:
        raise NoteMalformed("The root of a checkpoint is not base64", why=str(error), path="line 3") from error
