"""Large streams that are kept between runs, in a database of their own; made where they are missing or outdated."""

from __future__ import annotations

import hashlib
import json
import secrets
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from bench.events import event_of
from bench.house import House
from bench.places import HOME, ROOT, say
from console.supervisor.roles import DatabaseUrls
from ledger.core.checkpoint import Checkpoint
from ledger.core.control import Link
from ledger.core.envelope import build
from ledger.core.event import Salts, attrs_bytes, event_fields, lookup_of
from ledger.core.ingest import Defaults, from_plain
from ledger.core.receipt import promise
from ledger.core.tiles import EntryBundle, Tile, encode_entries
from ledger.core.types import Hash, LeafIndex, TreeSize
from ledger.core.window import Window

_WHEN = "2026-11-21T09:16:58.000000Z"

# What is written there decides what stands in a stream, besides what the core gives (`_samples`): another form, and all
# is made again. Migrations carry rows over.
_SOURCES = ("bench/ours/making/*.py", "bench/events.py")


class Kept:
    """The database of kept streams, and what stands in it."""

    def __init__(self, house: House, database: str = "bench_streams") -> None:
        self._house, self._name = house, database
        self._book = HOME / f"{database.removeprefix('bench_')}.json"
        self._names: dict[str, Any] = json.loads(self._book.read_text()) if self._book.exists() else {}
        stale = self._names.get("form") != _form()
        if stale:
            self._names = {"form": _form(), "streams": []}
            shutil.rmtree(self.folder, ignore_errors=True)
        self.urls: DatabaseUrls = house.ledger_database(database, fresh=stale)
        self._write()

    @property
    def folder(self) -> Path:
        """Where files that belong to kept streams lie."""
        return HOME / "kept" / self._name

    def stream(self, size: int, *, fresh: bool = False) -> str:
        """Name of a stream of at least `size` leaves (`fresh`: one that nothing has been added to)."""
        name = f"made-{size}"
        if fresh:
            name = f"{name}-{secrets.token_hex(3)}"
        if name not in self._names["streams"]:
            self._make(name, size)
        return name

    def _make(self, name: str, size: int) -> None:
        say(f"  making a stream of {size:,} leaves")
        with self._house.ours("making_streams", self.urls) as maker:
            maker.run("begin", name=name, size=size)
            while (part := maker.run("advance", name=name)) is not None:
                say(f"    {part:.0%}")
            assert maker.run("size", name=name) >= size
        self._house.checkpoint()
        self._names["streams"].append(name)
        self._write()

    def _write(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._book.write_text(json.dumps(self._names, indent=1))


def _form() -> str:
    digest = hashlib.sha256()
    for path in _sorted(ROOT.glob(pattern) for pattern in _SOURCES):
        digest.update(path.read_bytes())
    for sample in _samples():
        digest.update(sample)
    return digest.hexdigest()


def _samples() -> Iterator[bytes]:
    """A leaf of each kind that is made, its receipt, its attributes and payload, a note and the paths of its files."""
    event = from_plain(event_of(7), Defaults("", ""))
    attrs, salts = attrs_bytes(event), Salts(bytes(32), bytes(range(32)))
    leaf = build("event", "a/log/b", 7, Hash(bytes(32)), _WHEN, event_fields(event, attrs, salts))
    link = Link(LeafIndex(0), Hash(bytes(32)))
    window = Window(1, LeafIndex(0), LeafIndex(7), Hash(bytes(32)), _WHEN, _WHEN, "count", link)
    manifest = build("window", "a/log/b", 8, leaf.leaf_hash, _WHEN, window.fields())
    yield from (leaf.raw, leaf.leaf_hash, attrs, event.payload, manifest.raw, lookup_of(bytes(32), "a", "b"))
    yield promise(Hash(bytes(32)), leaf, "k", 600).body()
    yield Checkpoint("a/log/b", TreeSize(9), Hash(bytes(32))).text().encode()
    yield f"{Tile(1, 70_000, 3).path} {EntryBundle(70_000, 3).path}".encode() + encode_entries([leaf.raw])


def _sorted(found: Iterable[Iterable[Path]]) -> list[Path]:
    return sorted(path for paths in found for path in paths)
