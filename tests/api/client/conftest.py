from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

import countersign_client as client
from console.wsgi import application
from ledger.core.strict_json import parse
from ledger.models import Leaf
from ledger.services.seal import seal_window
from ledger.services.streams import create_stream
from tests.support.live import Between, listening
from tests.support.world import Place


def no_wait(*_: Any) -> None:
    """Back-off without its time."""


@dataclass
class Scene:
    """A ledger behind a socket, whoever stands in between, and the spool of one client."""

    url: str
    line: Between
    place: Place
    vkey: str
    spool: Path

    def client(self, **more: Any) -> client.Client:
        """A client of the stream on the spool, which does not wait between attempts."""
        told = {"vkey": self.vkey, "spool_dir": self.spool, "ambient": client.Ambient(wait=no_wait), **more}
        return client.Client(self.url, "acme", self.place.stream.name, self.place.token, **told)

    def beside(self, name: str) -> Scene:
        """Another stream of the tenant with a spool of its own."""
        place = replace(self.place, stream=create_stream("acme", name, actor="key:tests"))
        return replace(self, place=place, vkey=genesis_key(place), spool=self.spool.with_name(name))

    def seal(self) -> None:
        """Close the window, without waiting for the pace of one checkpoint a second."""
        seal_window(self.place.stream.id, reason="request")

    def environ(self) -> dict[str, str]:
        """What the command line is told."""
        told = {
            "URL": self.url,
            "STREAM": f"acme/{self.place.stream.name}",
            "SPOOL": str(self.spool),
            "VKEY": self.vkey,
        }
        return {
            **{f"COUNTERSIGN_{name}": text for name, text in told.items()},
            "COUNTERSIGN_TOKEN": self.place.token,
        }


@pytest.fixture
def scene(acme: Place, tmp_path: Path) -> Iterator[Scene]:
    """The tenant's stream on a live server."""
    line = Between(application)
    with listening(line) as url:
        yield Scene(url, line, acme, genesis_key(acme), tmp_path / "spool")
    connections.close_all()


def genesis_key(where: Place) -> str:
    """The verifier key of a stream, as its trust sheet shows it."""
    genesis: Any = parse(bytes(Leaf.objects.get(stream_id=where.stream.id, index=0).bytes))
    return str(genesis["log_keys"][0])
