"""Runs of usual event leaves, taken together: most lines of leaves.ndjson.

Guarantees that a run is taken only where every leaf of it is without fault: in its usual form (event_leaf.py), of the
log's own origin, at its index, behind the leaf before it, at an existing time that is neither earlier than the one
before nor ahead of the clock. Whatever differs in one byte sends the whole run to the reader of single lines, which
decides and names the fault.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from ledger.core.event_leaf import usual_lines
from ledger.core.times import parse_time
from ledger.core.types import Hash
from ledger.errors import LeafSchema

SHORTEST: Final = 4
"""Fewer usual lines in a row are read one by one."""

_LEAF_PREFIX: Final = b"\0"
_HEX: Final = b"0123456789abcdef"


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines of the file in a row, from line `number` and offset `at` on.

    `facts`: `attrs`, index, `payload`, `prev` and `recorded` of each, as written, where all look like its events.
    """

    number: int
    at: int
    raws: tuple[bytes, ...]
    facts: tuple[tuple[bytes, ...], ...] = ()

    def part(self, start: int, stop: int) -> Lines:
        """Lines `start` to `stop` (outside) of these."""
        at = self.at + sum(map(len, self.raws[:start])) + start
        return Lines(self.number + start, at, self.raws[start:stop], tuple(fact[start:stop] for fact in self.facts))


def runs(blocks: Iterator[bytes], origin: str | None) -> Iterator[Lines]:
    """All lines of `blocks` (whole lines each), in order, as runs of usual leaves of `origin` and what lies between."""
    form = usual_lines(origin)
    number, at = 1, 0
    for block in blocks:
        if form is None:
            raws = tuple(block.removesuffix(b"\n").split(b"\n"))
            yield Lines(number, at, raws)
            number, at = number + len(raws), at + len(block)
            continue
        for lines in _split(form, block if block.endswith(b"\n") else block + b"\n", number, at):
            yield lines
            number, at = number + len(lines.raws), at + sum(map(len, lines.raws)) + len(lines.raws)


def _split(form: re.Pattern[bytes], block: bytes, number: int, at: int) -> Iterator[Lines]:
    """The lines of one block; `form` matches every line, a usual one with its facts."""
    found = form.findall(block)
    start = 0
    for stop in (*(place for place, line in enumerate(found) if not line[0]), len(found)):
        if stop - start >= SHORTEST:
            raws, *facts, _ = zip(*found[start:stop], strict=True)
            yield Lines(number, at, raws, tuple(facts))
        elif stop > start:
            raws = tuple(line[0] for line in found[start:stop])
            yield Lines(number, at, raws)
        else:
            raws = ()
        number, at = number + len(raws), at + sum(map(len, raws)) + len(raws)
        if stop < len(found):
            raws = (found[stop][-1],)
            yield Lines(number, at, raws)
            number, at = number + 1, at + len(raws[0]) + 1
        start = stop + 1


def chained(lines: Lines, index: int, prev: Hash, earliest: str, latest: str | None) -> list[Hash] | None:
    """Hashes of the leaves where they stand faultless at `index` and on, behind the leaf `prev` recorded at `earliest`.

    None where anything is wrong, or ahead of `latest`.
    """
    attrs, indices, payload, prevs, recorded = lines.facts
    if list(map(int, indices)) != list(range(index, index + len(indices))):
        return None
    if b"".join((*attrs, *payload)).translate(None, _HEX) or not _in_time(recorded, earliest, latest):
        return None
    hashes = [Hash(sha256(_LEAF_PREFIX + raw).digest()) for raw in lines.raws]
    stated = prev.hex() + b"".join(hashes[:-1]).hex()
    return hashes if b"".join(prevs) == stated.encode() else None


def _in_time(recorded: tuple[bytes, ...], earliest: str, latest: str | None) -> bool:
    """Whether the times exist, ascend from `earliest` and end by `latest`."""
    try:
        for time in set(recorded):
            parse_time(time.decode("ascii"))
    except (LeafSchema, UnicodeDecodeError):
        return False
    ascending = list(recorded) == sorted(recorded) and recorded[0] >= earliest.encode()
    return ascending and (latest is None or recorded[-1] <= latest.encode())
