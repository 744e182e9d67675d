"""Path segments: names of namespaces and streams, indices, ids. What does not fit is not there (404)."""

from __future__ import annotations

from functools import cache

from django.urls import register_converter

MAX_INDEX = 2**53 - 1


class NamespaceConverter:
    """`[a-z0-9-]{1,63}`, with a leading underscore for the platform's own."""

    regex = "_?[a-z0-9-]{1,63}"

    def to_python(self, value: str) -> str:
        """The name itself."""
        return value

    def to_url(self, value: str) -> str:
        """The name itself."""
        return value


class IndexConverter:
    """A whole number from 0 to 2^53-1."""

    regex = "0|[1-9][0-9]{0,15}"

    def to_python(self, value: str) -> int:
        """The number; ValueError (404) beyond 2^53-1."""
        number = int(value)
        if number > MAX_INDEX:
            raise ValueError(value)
        return number

    def to_url(self, value: int) -> str:
        """Its digits."""
        return str(value)


@cache
def register() -> None:
    """Make `<ns:...>` and `<index:...>` known to Django's routes, once for all tables that use them."""
    register_converter(NamespaceConverter, "ns")
    register_converter(IndexConverter, "index")
