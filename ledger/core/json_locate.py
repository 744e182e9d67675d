"""The slow reader of JSON text: finds the first refusal and its JSON path.

Guarantees one pass without recursion, so that 10^5 nested brackets cost no stack, and the rules of I-JSON
(RFC 8259, RFC 7493). It builds no value: `strict_json.parse` calls it only for text already refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from json import JSONDecodeError, JSONDecoder
from math import isinf

from ledger.core import json_faults as faults

_SPACE = re.compile(r"[ \t\n\r]*")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_LITERAL = re.compile(r"true|false|null")
_NO_NUMBER = re.compile(r"NaN|-?Infinity")
_SAFE_DIGITS = 17
_READER = JSONDecoder()


class RefusedError(ValueError):
    """A literal breaks a rule; whoever knows the place turns it into a `JSONInvalid`."""


class IntegerTooLargeError(RefusedError):
    """Beyond 2^53-1 in magnitude."""


class NumberOverflowError(RefusedError):
    """Beyond the doubles."""


def integer(literal: str) -> int:
    """Return the int of a JSON integer literal; raises IntegerTooLargeError (RFC 7493, section 2.2)."""
    # The length comes first: Python's conversion of very long digits is quadratic and capped.
    if len(literal) > _SAFE_DIGITS:
        raise IntegerTooLargeError
    number = int(literal)
    if abs(number) > faults.MAX_SAFE_INTEGER:
        raise IntegerTooLargeError
    return number


def fraction(literal: str) -> float:
    """Return the float of a literal with fraction or exponent; raises RefusedError.

    `1e17` is refused like its canonical form 100000000000000000: what is read can always be read again.
    """
    number = float(literal)
    if isinf(number):
        raise NumberOverflowError
    if faults.is_unsafe_integer(number):
        raise IntegerTooLargeError
    return number


@dataclass(slots=True)
class _Frame:
    closing: str
    part: str | int = 0
    count: int = 0
    keys: set[str] = field(default_factory=set)


def locate(text: str, max_depth: int) -> None:
    """Raise the JSONInvalid of the first refusal in `text`; return None when there is none."""
    _Locator(text, max_depth).run()


class _Locator:
    def __init__(self, text: str, max_depth: int) -> None:
        self.text = text
        self.at = 0
        self.max_depth = max_depth
        self.frames: list[_Frame] = []

    def run(self) -> None:
        self._value()
        while self.frames:
            self._advance(self.frames[-1])
        self._space()
        if self.at != len(self.text):
            raise faults.trailing_data(self.at)

    def _path(self) -> str:
        return faults.path_of([frame.part for frame in self.frames if frame.count])

    def _space(self) -> str:
        found = _SPACE.match(self.text, self.at)
        self.at = found.end() if found else self.at
        return self.text[self.at : self.at + 1]

    def _expect(self, character: str, expected: str) -> None:
        if self._space() != character:
            raise faults.syntax(self._path(), expected, self.at)
        self.at += 1

    def _advance(self, frame: _Frame) -> None:
        if self._space() == frame.closing:
            self.at += 1
            self.frames.pop()
            return
        if frame.count:
            self._expect(",", f"',' or '{frame.closing}'")
        self._name(frame) if frame.closing == "}" else self._next_element(frame)
        self._value()

    @staticmethod
    def _next_element(frame: _Frame) -> None:
        frame.part = frame.count
        frame.count += 1

    def _name(self, frame: _Frame) -> None:
        if self._space() != '"':
            raise faults.syntax(self._path(), "a key in double quotes", self.at)
        frame.part = self._string()
        frame.count += 1
        self._sound(frame.part)
        if frame.part in frame.keys:
            raise faults.duplicate_key(self._path())
        frame.keys.add(frame.part)
        self._expect(":", "':'")

    def _value(self) -> None:
        first = self._space()
        if first == '"':
            self._sound(self._string())
        elif first in ("{", "["):
            self._open("}" if first == "{" else "]")
        else:
            self._atom()

    def _open(self, closing: str) -> None:
        if len(self.frames) >= self.max_depth:
            raise faults.too_deep(self._path(), self.max_depth)
        self.at += 1
        self.frames.append(_Frame(closing))

    def _string(self) -> str:
        try:
            string, self.at = _READER.raw_decode(self.text, self.at)
        except JSONDecodeError as error:
            raise faults.syntax(self._path(), "a complete string", error.pos) from None
        return str(string)

    def _sound(self, string: str) -> None:
        if faults.has_lone_surrogate(string):
            raise faults.lone_surrogate(self._path())

    def _atom(self) -> None:
        if _NO_NUMBER.match(self.text, self.at):
            raise faults.not_a_number(self._path())
        found = _LITERAL.match(self.text, self.at)
        if found is None:
            found = _NUMBER.match(self.text, self.at)
            if found is None:
                raise faults.syntax(self._path(), "a value", self.at)
            self._number(found)
        self.at = found.end()

    def _number(self, found: re.Match[str]) -> None:
        whole = found.group(1) is None and found.group(2) is None
        try:
            integer(found.group()) if whole else fraction(found.group())
        except IntegerTooLargeError:
            raise faults.integer_too_large(self._path()) from None
        except NumberOverflowError:
            raise faults.number_overflow(self._path()) from None
