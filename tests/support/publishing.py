"""A stream's log in public form, as tests fill it, publish it and read it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from governance.operations.actions.set_publicity import set_publicity
from ledger.selectors.streams import StreamView
from ledger.services import prepare
from ledger.services.seal import seal_window
from tests.support.streams import append, events, fresh
from tests.support.world import SEED, moment


def grown(stream: StreamView, *sizes: int, patch: pytest.MonkeyPatch | None = None) -> StreamView:
    """The stream with a checkpoint of each size: events until one is missing, and the manifest.

    With `patch` the checkpoints do not wait for the second between two of them.
    """
    if patch is not None:
        patch.setattr(prepare, "PACE", timedelta(0))
    for size in sizes:
        now = fresh(stream)
        missing = [f"e{number}" for number in range(now.size, size - 1)]
        if missing:
            append(now, *events(missing))
        assert seal_window(stream.id, reason="request") is not None
        assert fresh(stream).signed_size == size
    return fresh(stream)


def publish(stream: StreamView, *, tiles: bool | None = None, entries: bool | None = None) -> None:
    """Set what is public, by the audited action."""
    set_publicity(stream, tiles=tiles, entries=entries, reason="a test", by=SEED, at=moment())


def get(client: Client, stream: StreamView, path: str, **headers: str) -> Any:
    """A part of the log."""
    return client.get(f"/log/{stream.namespace}/{stream.name}/{path}", headers=headers)
