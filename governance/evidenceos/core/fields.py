"""The fields of one JSON object, taken by name and type; what is missing, unknown or of another type is refused.

Guarantees that nothing of an object goes unnoticed: `close` refuses every field that was not taken.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from governance.evidenceos.core.floats import U64_MAX
from governance.evidenceos.core.jsons import parse
from governance.evidenceos.errors import FieldMalformed, FieldMissing, FieldUnknown
from ledger.core.json_faults import path_of
from ledger.core.types import HASH_BYTES

if TYPE_CHECKING:
    from ledger.core.types import JSON, JSONObject

U32_MAX: Final = 2**32 - 1
_HEX: Final = re.compile(r"(?:[0-9a-f]{2})*")
_BYTE_MAX: Final = 255
_LONGEST_SHOWN: Final = 60


class Fields:
    """One object at `path`; each method takes a field and remembers that it did."""

    def __init__(self, value: JSON, path: str = "$") -> None:
        if not isinstance(value, dict):
            raise malformed(path, "an object", value)
        self._members: JSONObject = value
        self._taken: set[str] = set()
        self.path = path

    @classmethod
    def of(cls, data: bytes) -> Fields:
        """The object of one JSON text; raises JSONUnreadable, or FieldMalformed where it is none."""
        return cls(parse(data))

    def place(self, name: str) -> str:
        """The JSON path of a field."""
        return self.path + path_of([name]).removeprefix("$")

    def take(self, name: str) -> JSON:
        """The value of a field as it stands; raises FieldMissing."""
        self._taken.add(name)
        if name not in self._members:
            raise FieldMissing("A field is missing", why="the format demands it", path=self.place(name))
        return self._members[name]

    def maybe(self, name: str) -> JSON:
        """The value of a field, None where it is absent: serde reads both alike."""
        self._taken.add(name)
        return self._members.get(name)

    def rest(self) -> JSONObject:
        """What was not taken so far, as it stands."""
        return {name: value for name, value in self._members.items() if name not in self._taken}

    def close(self) -> None:
        """Raise FieldUnknown for the first field that was not taken."""
        for name in self.rest():
            raise FieldUnknown("A field is unknown", why="the format does not have it", path=self.place(name))

    def text(self, name: str) -> str:
        """A string."""
        return text_of(self.take(name), self.place(name))

    def maybe_text(self, name: str) -> str | None:
        """A string or null."""
        value = self.maybe(name)
        return None if value is None else text_of(value, self.place(name))

    def unsigned(self, name: str, most: int = U64_MAX) -> int:
        """An integer from 0 to `most`."""
        return unsigned_of(self.take(name), self.place(name), most)

    def maybe_unsigned(self, name: str) -> int | None:
        """An integer of 64 bits or null."""
        value = self.maybe(name)
        return None if value is None else unsigned_of(value, self.place(name))

    def number(self, name: str) -> float:
        """A double; an integer is read as one."""
        return number_of(self.take(name), self.place(name))

    def numbers(self, name: str) -> tuple[float, ...]:
        """An array of doubles."""
        return tuple(number_of(one, f"{self.place(name)}[{n}]") for n, one in enumerate(self.list(name)))

    def list(self, name: str) -> list[JSON]:
        """An array as it stands."""
        value = self.take(name)
        if not isinstance(value, list):
            raise malformed(self.place(name), "an array", value)
        return value

    def object(self, name: str) -> Fields:
        """An object inside."""
        return Fields(self.take(name), self.place(name))

    def flag(self, name: str) -> bool:
        """True or false."""
        value = self.take(name)
        if not isinstance(value, bool):
            raise malformed(self.place(name), "true or false", value)
        return value

    def octets(self, name: str, length: int | None = None) -> bytes:
        """Bytes as an array of integers, `length` of them where one is given."""
        parts = [unsigned_of(one, f"{self.place(name)}[{n}]", _BYTE_MAX) for n, one in enumerate(self.list(name))]
        if length is not None and len(parts) != length:
            raise malformed(self.place(name), f"{length} bytes", f"{len(parts)} bytes")
        return bytes(parts)

    def hash(self, name: str) -> bytes:
        """32 bytes as an array of integers."""
        return self.octets(name, HASH_BYTES)

    def hex(self, name: str, length: int | None = None) -> bytes:
        """Bytes as lower-case hexadecimal text."""
        return hex_of(self.take(name), self.place(name), length)


def text_of(value: JSON, path: str) -> str:
    """The value where it is a string; raises FieldMalformed."""
    if not isinstance(value, str):
        raise malformed(path, "text", value)
    return value


def unsigned_of(value: JSON, path: str, most: int = U64_MAX) -> int:
    """The value where it is an integer from 0 to `most`; raises FieldMalformed."""
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        raise malformed(path, f"an integer from 0 to {most}", value)
    return value


def number_of(value: JSON, path: str) -> float:
    """The value as a double; raises FieldMalformed."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise malformed(path, "a number", value)
    return float(value)


def hex_of(value: JSON, path: str, length: int | None = None) -> bytes:
    """The bytes of lower-case hexadecimal text, `length` of them where one is given; raises FieldMalformed."""
    wanted = "lower-case hexadecimal text" if length is None else f"{length} bytes as lower-case hexadecimal text"
    if not isinstance(value, str) or not _HEX.fullmatch(value) or length not in (None, len(value) // 2):
        raise malformed(path, wanted, value)
    return bytes.fromhex(value)


def octets_json(data: bytes) -> list[JSON]:
    """Bytes as serde writes them: an array of integers."""
    return list(data)


def malformed(path: str, wanted: str, found: object) -> FieldMalformed:
    """The refusal of a value that is not what its field holds."""
    shown = repr(found)
    told = shown if len(shown) <= _LONGEST_SHOWN else shown[:_LONGEST_SHOWN] + "..."
    return FieldMalformed(
        "A field holds something else than its type", why=f"{wanted} belongs here, not {told}", path=path
    )
