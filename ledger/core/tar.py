"""Strict tar: one byte form for each list of files, read and written as a stream.

Guarantees that a header is exactly the one its name and size allow (POSIX ustar, regular file, mode 0644,
owner and times 0), that names ascend in byte order (so none is there twice), that padding is zero and that
nothing follows the two closing blocks. What was written here is read back; anything else is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from ledger.errors import Malformed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import BinaryIO

BLOCK: Final = 512
CHUNK: Final = 1 << 20
MAX_NAME_BYTES: Final = 100
MAX_MEMBER_BYTES: Final = 0o77777777777
DEFAULT_TAR_BYTES: Final = 4 << 30
"""What a reader takes without asking: the tar is written to a temporary file, and a bomb would fill the disk."""

_END: Final = bytes(2 * BLOCK)
_SIZE: Final = re.compile(rb"[0-7]{11}\0")
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(?:/[A-Za-z0-9][A-Za-z0-9._-]*)*", re.ASCII)
_TYPE_AT: Final = 156


class ArchiveMalformed(Malformed):
    """Not a strict, sorted tar."""

    code = "archive_malformed"
    default_next = "Ask for the archive again; tools that unpack and pack it change it."


class ArchiveLimit(Malformed):
    """An archive beyond the reader's limits."""

    code = "archive_limit"
    default_next = "Do not unpack it by hand; raise the limit only if you expect an archive of this size."


@dataclass(frozen=True, slots=True)
class Limits:
    """What a reader takes: bytes of the tar, number of files, and how far a compressed file may inflate."""

    tar_bytes: int = DEFAULT_TAR_BYTES
    files: int = 100_000
    ratio: int = 250
    ratio_from: int = 64 << 20


@dataclass(frozen=True, slots=True)
class Member:
    """One file of an archive: where its bytes begin in the tar, their number, their SHA-256 (hex)."""

    name: str
    size: int
    offset: int
    sha256: str


def header(name: str, size: int) -> bytes:
    """The one 512-byte header of a file; raises ArchiveMalformed for a name or size that has none."""
    raw = name.encode()
    if len(raw) > MAX_NAME_BYTES or _NAME.fullmatch(name) is None:
        raise ArchiveMalformed("A file name in an archive is not a plain relative path", why=ascii(name[:120]))
    if not 0 <= size <= MAX_MEMBER_BYTES:
        raise ArchiveMalformed("A file in an archive is larger than 8 GiB", why=str(size), path=name)
    fields = (
        raw.ljust(MAX_NAME_BYTES, b"\0"),
        b"0000644\0" + b"0000000\0" * 2,
        b"%011o\0" % size,
        b"00000000000\0",
        b" " * 8,
        b"0" + bytes(100) + b"ustar\x0000" + bytes(64) + b"0000000\0" * 2,
    )
    block = b"".join(fields).ljust(BLOCK, b"\0")
    return block[:148] + b"%06o\0 " % sum(block) + block[_TYPE_AT:]


def padding(size: int) -> bytes:
    """The zero bytes after a file of `size` bytes."""
    return bytes(-size % BLOCK)


def tar_chunks(members: Iterable[tuple[str, int, Iterable[bytes]]]) -> Iterator[bytes]:
    """The bytes of a tar over (name, size, chunks) in ascending order of names.

    Raises ArchiveMalformed when names do not ascend or the chunks are not `size` bytes.
    """
    last = b""
    for name, size, chunks in members:
        if name.encode() <= last:
            raise ArchiveMalformed("Files of an archive must ascend by name", why=name)
        last = name.encode()
        yield header(name, size)
        written = 0
        for chunk in chunks:
            written += len(chunk)
            yield chunk
        if written != size:
            raise ArchiveMalformed("A file changed its size while it was packed", why=f"{written} of {size}", path=name)
        yield padding(size)
    yield _END


def read_members(tar: BinaryIO, limits: Limits) -> list[Member]:
    """The files of a tar, each read and hashed once, in order.

    Raises ArchiveMalformed or ArchiveLimit at the first place that is not as this module writes it.
    """
    walk = Walk(limits)
    while chunk := tar.read(CHUNK):
        walk.feed(chunk)
    return walk.close()


class Walk:
    """Reads a tar as it arrives, so that what is none is refused before more of it is taken."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._members: list[Member] = []
        self._block = bytearray()
        self._at = self._data = self._padding = self._ends = 0
        self._name, self._size, self._offset, self._digest = "", 0, 0, sha256()

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes; raises ArchiveMalformed or ArchiveLimit."""
        rest = memoryview(chunk)
        while rest:
            taken = self._take(rest)
            self._at, rest = self._at + taken, rest[taken:]

    def close(self) -> list[Member]:
        """The files, in order; raises ArchiveMalformed where the archive is not at its end."""
        if self._ends != len(_END) // BLOCK:
            raise ArchiveMalformed("The archive ends too early", why=f"after {self._at:,} bytes")
        return self._members

    def _take(self, rest: memoryview) -> int:
        if self._ends == len(_END) // BLOCK:
            raise ArchiveMalformed("Something follows the end of the archive")
        if self._data:
            piece = rest[: self._data]
            self._digest.update(piece)
            self._data -= len(piece)
            if not self._data:
                self._enter()
            return len(piece)
        if self._padding:
            piece = rest[: self._padding]
            if any(piece):
                raise ArchiveMalformed("The padding after a file is not zero", path=self._name)
            self._padding -= len(piece)
            return len(piece)
        piece = rest[: BLOCK - len(self._block)]
        self._block += piece
        if len(self._block) == BLOCK:
            block, self._block = bytes(self._block), bytearray()
            self._begin(block, self._at + len(piece))
        return len(piece)

    def _begin(self, block: bytes, offset: int) -> None:
        """A whole block where a header or the end belongs; the file's bytes begin at `offset`."""
        if not any(block):
            self._ends += 1
            return
        if self._ends:
            raise ArchiveMalformed("Something follows the end of the archive")
        name, size = _name_and_size(block)
        if name.encode() <= self._name.encode():
            raise ArchiveMalformed("Files of the archive do not ascend by name", why=ascii(name), path=name)
        if len(self._members) == self._limits.files:
            raise ArchiveLimit("The archive has too many files", why=f"more than {self._limits.files:,}")
        self._name, self._size, self._offset, self._digest = name, size, offset, sha256()
        self._data, self._padding = size, -size % BLOCK
        if not size:
            self._enter()

    def _enter(self) -> None:
        self._members.append(Member(self._name, self._size, self._offset, self._digest.hexdigest()))


def _name_and_size(block: bytes) -> tuple[str, int]:
    raw = block[:MAX_NAME_BYTES].rstrip(b"\0")
    try:
        name = raw.decode("ascii")
    except UnicodeDecodeError as error:
        raise ArchiveMalformed("A file name in the archive is not ASCII", why=ascii(raw)) from error
    if block[_TYPE_AT : _TYPE_AT + 1] != b"0":
        raise ArchiveMalformed("The archive holds a link, a folder or another special entry", path=ascii(name))
    if _SIZE.fullmatch(block[124:136]) is None:
        raise ArchiveMalformed("The size of a file is not eleven octal digits", path=ascii(name))
    size = int(block[124:135], 8)
    if header(name, size) != block:
        raise ArchiveMalformed("A header is not the one that its name and size allow", path=name)
    return name, size
