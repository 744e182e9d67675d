"""gzip (RFC 1952) as a stream, with one member, no names or times when writing, and limits when reading.

Guarantees that the same chunks give the same file, and that a bomb is refused before it has been written out.
"""

from __future__ import annotations

import zlib
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from ledger.core.tar import CHUNK, ArchiveLimit, ArchiveMalformed, Limits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import BinaryIO

MAGIC: Final = b"\x1f\x8b"
ZSTD_MAGIC: Final = b"\x28\xb5\x2f\xfd"
_HEADER: Final = MAGIC + b"\x08\0\0\0\0\0\x00\xff"
_IN_CHUNK: Final = 1 << 16
_GZIP_WINDOW: Final = 31


def compressed(chunks: Iterable[bytes], level: int = 6) -> Iterator[bytes]:
    """The gzip file over `chunks`: time 0, no name, unknown system."""
    deflate = zlib.compressobj(level, zlib.DEFLATED, -15)
    checksum, size = 0, 0
    yield _HEADER
    for chunk in chunks:
        checksum, size = zlib.crc32(chunk, checksum), size + len(chunk)
        if piece := deflate.compress(chunk):
            yield piece
    yield deflate.flush() + checksum.to_bytes(4, "little") + (size & 0xFFFFFFFF).to_bytes(4, "little")


def expand(
    source: BinaryIO, scratch: BinaryIO, limits: Limits, look: Callable[[bytes], object] = bytes
) -> tuple[str, int]:
    """Write the tar behind `source` (gzip or plain) to `scratch`; return its SHA-256 (hex) and size.

    Raises ArchiveMalformed or ArchiveLimit; never writes more than the limits allow, nor anything that
    `look`, which sees every chunk first, refuses.
    """
    digest, size = sha256(), 0
    for chunk in _tar_of(source, limits):
        size += len(chunk)
        if size > limits.tar_bytes:
            raise ArchiveLimit("The archive is too large", why=f"more than {limits.tar_bytes:,} bytes")
        look(chunk)
        digest.update(chunk)
        scratch.write(chunk)
    return digest.hexdigest(), size


def _tar_of(source: BinaryIO, limits: Limits) -> Iterator[bytes]:
    first = source.read(_IN_CHUNK)
    if first.startswith(ZSTD_MAGIC):
        raise ArchiveMalformed(
            "The archive is packed with zstd, which is not read here", next_step="Unpack it first: zstd -d"
        )
    if first.startswith(MAGIC):
        yield from _inflated(first, source, limits)
        return
    while first:
        yield first
        first = source.read(CHUNK)


def _inflated(tail: bytes, source: BinaryIO, limits: Limits) -> Iterator[bytes]:
    inflate = zlib.decompressobj(_GZIP_WINDOW)
    taken, given = len(tail), 0
    while not inflate.eof:
        fresh = b"" if tail else source.read(_IN_CHUNK)
        chunk = _piece(inflate, tail or fresh)
        if not (chunk or tail or fresh):
            raise ArchiveMalformed("The compressed file ends too early")
        taken, given, tail = taken + len(fresh), given + len(chunk), inflate.unconsumed_tail
        if given > limits.ratio_from and given > limits.ratio * taken:
            raise ArchiveLimit("The archive inflates beyond measure", why=f"more than {limits.ratio} times")
        yield chunk
    if inflate.unused_data or source.read(1):
        raise ArchiveMalformed("Something follows the compressed archive")


def _piece(inflate: zlib._Decompress, data: bytes) -> bytes:
    try:
        return inflate.decompress(data, CHUNK)
    except zlib.error as error:
        raise ArchiveMalformed("The compression of the archive is damaged", why=str(error)) from error
