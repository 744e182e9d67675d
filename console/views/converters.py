"""What may stand in an address: names of namespaces and streams, and leaf indices."""

from __future__ import annotations

LARGEST_INDEX = 2**53 - 1


class NameConverter:
    """Lower-case letters, digits, hyphens; a leading `_` for the platform's own."""

    regex = "_?[a-z0-9-]{1,63}"

    def to_python(self, value: str) -> str:
        """As it is."""
        return value

    def to_url(self, value: str) -> str:
        """As it is."""
        return value


class KindConverter(NameConverter):
    """The name of a kind of change, such as `tenant.state` or `freeze`."""

    regex = "[a-z_]{1,30}(?:[.][a-z_]{1,30})?"


class StepConverter(NameConverter):
    """A step of a change that nobody signs."""

    regex = "ask|close|comment|hold|note|rebase|release|submit|withdraw"


class LeafIndexConverter:
    """A 0-based index, without leading zeros, within I-JSON."""

    regex = "0|[1-9][0-9]{0,15}"

    def to_python(self, value: str) -> int:
        """The number; ValueError (404) beyond the largest."""
        index = int(value)
        if index > LARGEST_INDEX:
            raise ValueError(value)
        return index

    def to_url(self, value: int) -> str:
        """Its digits."""
        return str(value)
