"""The strict tar: what other tools read, one byte form, and no way around the limits."""

from __future__ import annotations

import io
import tarfile

import pytest

from ledger.core.gzip_stream import compressed, expand
from ledger.core.tar import ArchiveLimit, ArchiveMalformed, Limits, header, read_members, tar_chunks

FILES = {"a.txt": b"", "b/c.bin": bytes(range(256)) * 5, "d.json": b"{}"}


def tar_of(files: dict[str, bytes] = FILES) -> bytes:
    return b"".join(tar_chunks((name, len(data), [data]) for name, data in files.items()))


def members(data: bytes, limits: Limits | None = None) -> dict[str, bytes]:
    stream = io.BytesIO(data)
    return {one.name: data[one.offset : one.offset + one.size] for one in read_members(stream, limits or Limits())}


def expanded(data: bytes, limits: Limits | None = None) -> bytes:
    scratch = io.BytesIO()
    _, size = expand(io.BytesIO(data), scratch, limits or Limits())
    assert size == len(scratch.getvalue())
    return scratch.getvalue()


def gzipped(data: bytes) -> bytes:
    return b"".join(compressed([data]))


def test_what_is_written_is_read_back() -> None:
    assert members(tar_of()) == FILES


def test_other_tools_read_it() -> None:
    with tarfile.open(fileobj=io.BytesIO(gzipped(tar_of()))) as archive:
        rows = archive.getmembers()
        assert [row.name for row in rows] == list(FILES)
        assert {(row.mtime, row.uid, row.gid, row.uname, row.mode, row.type) for row in rows} == {
            (0, 0, 0, "", 0o644, tarfile.REGTYPE)
        }
        found = archive.extractfile("b/c.bin")
        assert found is not None
        assert found.read() == FILES["b/c.bin"]


@pytest.mark.parametrize("name", ["../x", "/x", "a//b", "a/../b", "./a", "a b", "é", "x" * 101, "", "a/", ".hidden"])
def test_a_name_that_leads_elsewhere_has_no_header(name: str) -> None:
    with pytest.raises(ArchiveMalformed):
        header(name, 1)


@pytest.mark.parametrize("size", [-1, 8 << 30, 2**63])
def test_an_absurd_size_has_no_header(size: int) -> None:
    with pytest.raises(ArchiveMalformed):
        header("a", size)


def test_names_must_ascend() -> None:
    with pytest.raises(ArchiveMalformed):
        tar_of({"b": b"", "a": b""})


def test_a_part_that_changes_its_size_is_noticed() -> None:
    with pytest.raises(ArchiveMalformed):
        b"".join(tar_chunks([("a", 3, [b"four"])]))


def forged(at: int, new: bytes) -> bytes:
    """The first header with other bytes and a checksum that fits."""
    block = bytearray(tar_of()[:512])
    block[at : at + len(new)] = new
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block) + tar_of()[512:]


@pytest.mark.parametrize(
    ("at", "new"),
    [
        (0, b"/etc/passwd"),
        (0, b"\xc3\xa9.txt"),
        (100, b"0000777"),
        (108, b"0000001"),
        (124, b"\x80\0\0\0\x7f\xff\xff\xff\xff\xff\xff\xff"),
        (124, b"77777777777"),
        (124, b"-0000000001"),
        (136, b"00000000001"),
        (156, b"1"),
        (156, b"2"),
        (156, b"5"),
        (156, b"L"),
        (156, b"x"),
        (157, b"target"),
        (257, b"ustar  \0"),
        (265, b"root"),
        (345, b"prefix"),
        (511, b"x"),
    ],
)
def test_every_other_header_is_refused(at: int, new: bytes) -> None:
    with pytest.raises(ArchiveMalformed):
        members(forged(at, new))


@pytest.mark.parametrize("cut", [1, 511, 512, 600, 1023, 1024, 1500, 3000])
def test_a_truncated_archive_is_refused(cut: int) -> None:
    with pytest.raises(ArchiveMalformed):
        members(tar_of()[:-cut])


def test_padding_and_end_are_zero() -> None:
    data = bytearray(tar_of())
    data[-1025] = 1
    with pytest.raises(ArchiveMalformed):
        members(bytes(data))
    with pytest.raises(ArchiveMalformed):
        members(tar_of() + b"\0")


def test_nothing_stands_between_the_two_closing_blocks() -> None:
    whole, end = tar_of()[:-1024], bytes(512)
    for wrong in (whole + end + header("z", 0) + end, whole + end + header("z", 0) + end + end):
        with pytest.raises(ArchiveMalformed):
            members(wrong)


def test_too_many_files_are_refused() -> None:
    assert members(tar_of(), Limits(files=3)) == FILES
    with pytest.raises(ArchiveLimit):
        members(tar_of(), Limits(files=2))


def test_plain_and_compressed_archives_expand_alike() -> None:
    assert expanded(tar_of()) == expanded(gzipped(tar_of())) == tar_of()
    assert gzipped(tar_of())[:10] == b"\x1f\x8b\x08\0\0\0\0\0\0\xff"


def test_a_bomb_is_refused_before_it_is_written() -> None:
    data = gzipped(bytes(32 << 20))
    with pytest.raises(ArchiveLimit):
        expanded(data, Limits(ratio_from=1 << 20))
    with pytest.raises(ArchiveLimit):
        expanded(data, Limits(tar_bytes=1 << 20))
    assert len(expanded(data)) == 32 << 20


@pytest.mark.parametrize(
    "change",
    [lambda data: data[:-1], lambda data: data[:20], lambda data: data + b"x", lambda data: data + data],
)
def test_a_damaged_or_prolonged_compression_is_refused(change: object) -> None:
    assert callable(change)
    with pytest.raises(ArchiveMalformed):
        expanded(change(gzipped(tar_of())))


def test_every_flip_in_the_compressed_bytes_is_refused_or_changes_nothing() -> None:
    data, refused = gzipped(tar_of()), 0
    for at in range(len(data)):
        flipped = data[:at] + bytes([data[at] ^ 0x10]) + data[at + 1 :]
        try:
            assert members(expanded(flipped)) == FILES
        except ArchiveMalformed:
            refused += 1
    assert refused > len(data) - 12
