"""Step 1: the archive, opened strictly, and its files as bytes or lines.

Nothing is believed yet: after this step names are known, unique and inside the limits, and each file's
SHA-256 is that of its bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO, Final

from ledger.core.bundle.layout import is_known
from ledger.core.bundle.proofs import MAX_DOCUMENT_BYTES
from ledger.core.gzip_stream import expand
from ledger.core.report import Findings
from ledger.core.tar import CHUNK, ArchiveLimit, ArchiveMalformed, Limits, Member, Walk
from ledger.errors import LeafTooLarge

LINES: Final = 1 << 18
"""Bytes of lines that are taken apart together; apart they take some ten times as much memory."""


@dataclass(frozen=True, slots=True)
class Archive:
    """The files of a bundle in `tar`, a seekable stream; `id` is the SHA-256 (hex) of the whole tar."""

    tar: BinaryIO
    id: str
    size: int
    members: Mapping[str, Member] = field(default_factory=dict)

    def has(self, name: str) -> bool:
        """Whether the bundle holds the file."""
        return name in self.members

    def names(self, folder: str) -> list[str]:
        """Files of a folder, in order."""
        return [name for name in self.members if name.startswith(folder)]

    def read(self, name: str, limit: int = MAX_DOCUMENT_BYTES) -> bytes:
        """All bytes of a file; raises LeafTooLarge above `limit`."""
        member = self.members[name]
        if member.size > limit:
            raise LeafTooLarge(f"The file is longer than {limit:,} bytes", why=f"{member.size:,} bytes")
        self.tar.seek(member.offset)
        return self.tar.read(member.size)

    def slice(self, name: str, start: int, length: int) -> bytes:
        """`length` bytes of a file from `start` on."""
        self.tar.seek(self.members[name].offset + start)
        return self.tar.read(length)

    def chunks(self, name: str, size: int = CHUNK) -> Iterator[bytes]:
        """The bytes of a file, in pieces of `size`; other files may be read in between."""
        member = self.members[name]
        at, end = member.offset, member.offset + member.size
        while at < end:
            self.tar.seek(at)
            chunk = self.tar.read(min(size, end - at))
            at += len(chunk)
            yield chunk

    def blocks(self, name: str, limit: int) -> Iterator[bytes]:
        """The file in pieces of whole lines.

        Raises LeafTooLarge in front of the first line above `limit`.
        """
        rest = b""
        for chunk in self.chunks(name, LINES):
            piece = rest + chunk
            cut = _end_of_lines(piece, limit)
            if len(piece) - cut > limit:
                raise LeafTooLarge(f"A line is longer than {limit:,} bytes", path=name)
            if cut:
                yield piece[:cut]
            rest = piece[cut:]
        if rest:
            yield rest

    def lines(self, name: str, limit: int) -> Iterator[bytes]:
        """The lines of a file without their newlines; raises LeafTooLarge as `blocks` does."""
        for block in self.blocks(name, limit):
            yield from block.removesuffix(b"\n").split(b"\n")


def _end_of_lines(piece: bytes, limit: int) -> int:
    """Where the last newline ends that lines of at most `limit` bytes reach: in jumps as far as a line may go."""
    end = 0
    while found := piece.rfind(b"\n", end, end + limit + 1) + 1:
        end = found
    return end


def open_archive(source: BinaryIO, scratch: BinaryIO, limits: Limits, findings: Findings) -> Archive | None:
    """Expand `source` into `scratch` and list its files; None, with a problem, where it is no strict tar."""
    try:
        walk = Walk(limits)
        digest, size = expand(source, scratch, limits, walk.feed)
        members = walk.close()
    except (ArchiveMalformed, ArchiveLimit) as error:
        findings.refused(error, "archive")
        findings.ran("archive", passed=False)
        return None
    foreign = [member.name for member in members if not is_known(member.name)]
    for name in foreign:
        findings.problem("archive_malformed", name, "No bundle holds a file of this name")
    findings.ran("archive", passed=not foreign)
    findings.subject |= {"bundle": digest, "bytes": size}
    return Archive(scratch, digest, size, {member.name: member for member in members})
