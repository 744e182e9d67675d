"""Paths of tiles and entry bundles, in the one spelling that C2SP tlog-tiles gives them; others are not there."""

from __future__ import annotations

from django.urls import register_converter

from ledger.core.entry_bundles import EntryBundle
from ledger.core.tile_paths import Tile
from ledger.errors import Malformed

_NUMBER = r"(?:x[0-9]{3}/){0,6}[0-9]{3}(?:\.p/[1-9][0-9]{0,2})?"


class TileConverter:
    """`<L>/<N>[.p/<W>]`; ValueError (404) for what no tile is called."""

    regex = rf"[0-9]{{1,2}}/{_NUMBER}"

    def to_python(self, value: str) -> Tile:
        """The tile."""
        try:
            return Tile.parse(f"tile/{value}")
        except Malformed as error:
            raise ValueError(value) from error

    def to_url(self, value: Tile) -> str:
        """Its path behind `tile/`."""
        return value.path.removeprefix("tile/")


class BundleConverter:
    """`<N>[.p/<W>]`; ValueError (404) for what no bundle is called."""

    regex = _NUMBER

    def to_python(self, value: str) -> EntryBundle:
        """The bundle."""
        try:
            return EntryBundle.parse(f"tile/entries/{value}")
        except Malformed as error:
            raise ValueError(value) from error

    def to_url(self, value: EntryBundle) -> str:
        """Its path behind `tile/entries/`."""
        return value.path.removeprefix("tile/entries/")


def register() -> None:
    """Make `<tile:...>` and `<entries:...>` known to Django's routes."""
    register_converter(TileConverter, "tile")
    register_converter(BundleConverter, "entries")
