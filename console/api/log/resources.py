"""The resources of a log: checkpoint, hash tiles, entry bundles (C2SP tlog-tiles).

They are not in the OpenAPI document: their paths hold slashes within one part (`x001/x234/067.p/17`), which
OpenAPI has no words for, and their specification is C2SP's.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse

from console.api.call import Call, not_found
from console.api.log.access import opened
from console.api.log.answers import entries_answer, note_answer, tile_answer
from console.api.operation import Operation, request_id_of
from console.api.problems import response_of
from ledger.core.entry_bundles import EntryBundle
from ledger.core.tile_paths import Tile
from ledger.selectors import checkpoints, tiles


class LogResource(Operation):
    """Answers before any credentials are looked at where the log is public; see `access`."""

    schema = None
    public = True


class ShowCheckpoint(LogResource):
    """The newest signed note, whatever its quorum."""

    def get(self, call: Call, ns: str, name: str) -> HttpResponse:
        """The note of the published size."""
        log = opened(call, ns, name, "tiles")
        return note_answer(call.request, checkpoints.at(log.stream, log.stream.signed_size).note, public=log.public)


class ShowTile(LogResource):
    """A hash tile of a published tree."""

    def get(self, call: Call, ns: str, name: str, tile: Tile) -> HttpResponse:
        """Full, or as wide as it was under a checkpoint."""
        log = opened(call, ns, name, "tiles")
        return tile_answer(call.request, tiles.hash_tile(log.stream, tile), public=log.public)


class ShowEntries(LogResource):
    """An entry bundle of a published tree."""

    def get(self, call: Call, ns: str, name: str, bundle: EntryBundle) -> HttpResponse:
        """Full, or as wide as it was under a checkpoint."""
        log = opened(call, ns, name, "entries")
        return entries_answer(call.request, tiles.entry_bundle(log.stream, bundle), public=log.public)


class UnknownResource(LogResource):
    """Every other address: answered as a log that is not there, whatever the method."""

    def dispatch(self, request: HttpRequest, *_: object, **__: Any) -> HttpResponse:
        """404, without looking at credentials."""
        return response_of(not_found(), request_id_of(request))
