"""What the model sees of a file (`features`), what it must not see (`label`), what it never learns from."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

from ledger.core.event import RawEvent
from ledger.core.strict_json import parse

CODE_SUFFIXES = frozenset(
    {".bat", ".c", ".cc", ".cpp", ".dll", ".exe", ".h", ".hpp", ".js", ".mjs", ".pxd", ".ps1", ".py", ".pyd"}
    | {".pyi", ".pyx", ".rs", ".sh", ".so", ".sql"}
)
HELD_OUT_OF_256 = 26
_WORD = re.compile("[a-z]+")


@dataclass(frozen=True)
class KnownFile:
    """A file whose RECORD gives digest and size; `digest` is SHA-256 in hex, `size` in bytes."""

    package: str
    version: str
    path: str
    digest: str
    size: int


def known_files(events: Iterable[RawEvent]) -> list[KnownFile]:
    """The files of the inventory's events that have a digest and a size, in the order of their ids."""
    return sorted(filter(None, map(_known, events)), key=lambda file: (file.path, file.package, file.version))


def label(file: KnownFile) -> str:
    """`code` or `data`, by the suffix alone."""
    return "code" if PurePosixPath(file.path).suffix.lower() in CODE_SUFFIXES else "data"


def held_out(file: KnownFile) -> bool:
    """Whether the model must not learn from this file: about one in ten, by the digest of its place."""
    place = f"{file.package}\0{file.path}".encode()
    return hashlib.sha256(place).digest()[0] < HELD_OUT_OF_256


def features(file: KnownFile) -> tuple[str, ...]:
    """Names of what the file shows, without its suffix, sorted, each once."""
    path = PurePosixPath(file.path)
    folders = {f"folder:{part.lower()}" for part in path.parts[1:-1]}
    words = {f"word:{word}" for word in _WORD.findall(path.name.partition(".")[0].lower())}
    shape = {f"size:{file.size.bit_length()}", f"depth:{len(path.parts)}", f"dots:{path.name.count('.')}"}
    return tuple(sorted(folders | words | shape))


def _known(event: RawEvent) -> KnownFile | None:
    match parse(event.payload):
        case {"package": str(name), "version": str(version), "path": str(path), **rest}:
            digest, size = rest.get("sha256"), rest.get("size")
            if isinstance(digest, str) and isinstance(size, int):
                return KnownFile(name, version, path, digest, size)
    return None
