"""Frames: the end of an append that did not return is cut off; damage anywhere else is never passed over."""

from __future__ import annotations

from pathlib import Path

import pytest

import countersign_client as client

BODIES = [b'{"n":1}', b'{"n":22}', b'{"n":333}']
WHOLE = b"".join(map(client.framed, BODIES))
LAST = len(WHOLE) - len(client.framed(BODIES[-1]))


def read_back(tmp_path: Path, data: bytes) -> list[bytes]:
    path = tmp_path / f"events-{0:016x}.seg"
    path.write_bytes(data)
    spool = client.Spool(tmp_path, 2**20, 0)
    found = spool.read(9)
    spool.append(b"after")
    assert spool.read(9) == [*found, b"after"]
    spool.close()
    return found


@pytest.mark.parametrize("cut", range(LAST, len(WHOLE)))
def test_a_write_cut_anywhere_loses_only_itself(tmp_path: Path, cut: int) -> None:
    assert read_back(tmp_path, WHOLE[:cut]) == BODIES[:-1]
    aside = list(tmp_path.glob("*.torn-*"))
    assert [one.read_bytes() for one in aside] == ([WHOLE[LAST:cut]] if cut > LAST else [])


@pytest.mark.parametrize("tail", [bytes(3), bytes(8), bytes(5000), b"\xff" * 40])
def test_what_a_file_system_leaves_behind_a_crash_is_cut_off(tmp_path: Path, tail: bytes) -> None:
    assert read_back(tmp_path, WHOLE + tail) == BODIES


@pytest.mark.parametrize("place", range(LAST))
def test_a_flipped_bit_before_a_whole_frame_is_refused_and_changes_nothing(tmp_path: Path, place: int) -> None:
    data = bytearray(WHOLE)
    data[place] ^= 4
    with pytest.raises(client.SpoolCorrupt, match="events follow"):
        read_back(tmp_path, bytes(data))
    assert (tmp_path / f"events-{0:016x}.seg").read_bytes() == data


def test_a_torn_segment_that_is_not_the_newest_is_refused(tmp_path: Path) -> None:
    (tmp_path / f"events-{3:016x}.seg").write_bytes(client.framed(b"x"))
    with pytest.raises(client.SpoolCorrupt):
        read_back(tmp_path, WHOLE[:-1])


def test_damage_that_appears_while_reading_is_refused(tmp_path: Path) -> None:
    spool = client.Spool(tmp_path, 2**20, 0)
    for body in BODIES:
        spool.append(body)
    (path,) = tmp_path.glob("*.seg")
    path.write_bytes(path.read_bytes().replace(b"22", b"23"))
    with pytest.raises(client.SpoolCorrupt, match="damaged at byte 15"):
        spool.read(9)


def test_no_frame_is_made_of_zeros() -> None:
    assert client.scan(bytes(100)) == ([], 0)


def test_a_large_torn_write_is_looked_through_in_no_time_to_speak_of(tmp_path: Path) -> None:
    torn = client.framed(b'{"n":"' + b"x" * 2**20 + b'"}')[:-1]
    assert read_back(tmp_path, WHOLE + torn) == BODIES
