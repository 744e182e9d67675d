"""Large streams that are kept between runs, in a database of their own; made where they are missing or outdated."""

from __future__ import annotations

import hashlib
import json
import secrets
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bench.house import House
from bench.places import HOME, ROOT, say
from console.supervisor.roles import DatabaseUrls

# What decides the form of leaves, receipts and tiles: another form, and all is made again. Migrations carry rows over.
_SOURCES = (
    "ledger/core/schemas.py", "ledger/core/tile*.py", "ledger/core/window.py", "ledger/core/receipt.py",
    "bench/ours/making/*.py", "bench/events.py",
)  # fmt: skip


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
    return digest.hexdigest()


def _sorted(found: Iterable[Iterable[Path]]) -> list[Path]:
    return sorted(path for paths in found for path in paths)
