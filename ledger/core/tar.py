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

    tar_bytes: int = 64 << 30
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


def read_members(tar: BinaryIO, limits: Limits) -> Iterator[Member]:
    """The files of a tar, each read and hashed once, in order.

    Raises ArchiveMalformed or ArchiveLimit at the first place that is not as this module writes it.
    """
    last, count = b"", 0
    while (block := _exactly(tar, BLOCK)) != _END[:BLOCK]:
        name, size = _name_and_size(block)
        if name.encode() <= last:
            raise ArchiveMalformed("Files of the archive do not ascend by name", why=ascii(name), path=name)
        last, count = name.encode(), count + 1
        if count > limits.files:
            raise ArchiveLimit("The archive has too many files", why=f"more than {limits.files:,}")
        offset = tar.tell()
        yield Member(name, size, offset, _digest(tar, size))
        if any(_exactly(tar, -size % BLOCK)):
            raise ArchiveMalformed("The padding after a file is not zero", path=name)
    if _exactly(tar, BLOCK) != _END[:BLOCK] or tar.read(1):
        raise ArchiveMalformed("Something follows the end of the archive")


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


def _digest(tar: BinaryIO, size: int) -> str:
    digest = sha256()
    while size:
        chunk = _exactly(tar, min(size, CHUNK))
        digest.update(chunk)
        size -= len(chunk)
    return digest.hexdigest()


def _exactly(tar: BinaryIO, size: int) -> bytes:
    data = tar.read(size)
    if len(data) != size:
        raise ArchiveMalformed("The archive ends too early", why=f"{size - len(data)} bytes are lacking")
    return data
