"""Packing: parts by name into one deterministic tar, without ever holding a part in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256

from ledger.core.bundle.layout import MANIFEST, is_known
from ledger.core.bundle.manifest import FileEntry
from ledger.core.tar import ArchiveMalformed, tar_chunks


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a bundle: its size, its SHA-256 (hex), and how to read it from the start."""

    size: int
    sha256: str
    chunks: Callable[[], Iterable[bytes]]

    @property
    def entry(self) -> FileEntry:
        """How it stands in the manifest."""
        return FileEntry(self.size, self.sha256)


def part_of(data: bytes) -> Part:
    """A part that is in memory."""
    return Part(len(data), sha256(data).hexdigest(), lambda: (data,))


def bundle_chunks(parts: Mapping[str, Part], manifest: bytes) -> Iterator[bytes]:
    """The bytes of the uncompressed tar over `parts` and the signed manifest; its SHA-256 is the bundle's id.

    Raises ArchiveMalformed for a name that no bundle has.
    """
    foreign = [name for name in parts if not is_known(name) or name == MANIFEST]
    if foreign:
        raise ArchiveMalformed("A bundle has no file of this name", why=foreign[0])
    everything = {**parts, MANIFEST: part_of(manifest)}
    return tar_chunks((name, part.size, part.chunks()) for name, part in sorted(everything.items()))
