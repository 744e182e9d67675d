"""Counts of calibration buckets as people hand them in: a CSV file, or numbers typed one after the other.

Guarantees a count for every bucket from 0 on, each told once; anything else is refused with the line that it stands in.
Rule: reference, section 1.5 (what is counted); RFC 4180 without quotes for the file.
"""

from __future__ import annotations

import re
from typing import Final

from governance.evidenceos.core.fields import malformed
from governance.evidenceos.core.floats import U64_MAX

MOST_BUCKETS: Final = 256
"""Few enough to be looked at, and for a contract that travels in a change."""

_BETWEEN: Final = re.compile(r"[,;\t]")
_TYPED: Final = re.compile(r"[\s,;]+")
_NUMBER: Final = re.compile(r"[0-9]{1,20}")


def read_lines(data: bytes) -> tuple[int, ...]:
    """Return the counts of a CSV file: `bucket,count` a line in any order, or one count a line in the order of buckets.

    Columns are parted by commas, semicolons or tabs; a first line without digits is a heading; blank lines do not
    count. Raises FieldMalformed with the line.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise malformed("line 1", "text in UTF-8", f"byte {error.start}") from None
    rows = [(n, _cells(line)) for n, line in enumerate(text.splitlines(), start=1) if line.strip()]
    if rows and not any(map(_NUMBER.fullmatch, rows[0][1])):
        rows = rows[1:]
    columns = {len(cells) for _, cells in rows}
    return _checked(_paired(rows) if columns == {2} else [_number(cells, n) for n, cells in rows])


def read_typed(text: str, path: str = "$.counts") -> tuple[int, ...]:
    """Return the counts of numbers parted by spaces, commas, semicolons or new lines; raises FieldMalformed."""
    return _checked([_unsigned(one, path) for one in _TYPED.split(text.strip()) if one], path)


def read_sequence(text: str, path: str) -> tuple[int, ...]:
    """Return the buckets of a sequence, written in the same way; raises FieldMalformed."""
    return tuple(_unsigned(one, path) for one in _TYPED.split(text.strip()) if one)


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in _BETWEEN.split(line)]


def _paired(rows: list[tuple[int, list[str]]]) -> list[int]:
    found = dict[int, int]()
    for line, (bucket, count) in rows:
        place = _unsigned(bucket, f"line {line}")
        if place in found:
            raise malformed(f"line {line}", "each bucket once", place)
        found[place] = _unsigned(count, f"line {line}")
    missing = next((one for one in range(len(found)) if one not in found), None)
    if missing is not None:
        raise malformed("lines", "every bucket from 0 on", f"none for bucket {missing}")
    return [found[place] for place in range(len(found))]


def _number(cells: list[str], line: int) -> int:
    if len(cells) != 1:
        raise malformed(f"line {line}", "one count, or bucket and count, in every line alike", ",".join(cells))
    return _unsigned(cells[0], f"line {line}")


def _unsigned(text: str, path: str) -> int:
    if not _NUMBER.fullmatch(text) or int(text) > U64_MAX:
        raise malformed(path, f"an integer from 0 to {U64_MAX}", text)
    return int(text)


def _checked(counts: list[int], path: str = "lines") -> tuple[int, ...]:
    if not 0 < len(counts) <= MOST_BUCKETS:
        raise malformed(path, f"1 to {MOST_BUCKETS} counts", f"{len(counts)} counts")
    return tuple(counts)
