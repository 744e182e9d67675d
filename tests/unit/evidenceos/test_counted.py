"""Counts of calibration buckets from a CSV file or typed: each bucket once, and every refusal with its line."""

from __future__ import annotations

import pytest

from governance.evidenceos.core.counted import MOST_BUCKETS, read_lines, read_sequence, read_typed
from governance.evidenceos.errors import FieldMalformed

U64 = 2**64 - 1


@pytest.mark.parametrize(
    "text",
    [
        "bucket,count\n0,5\n1,0\n2,7\n", "2;7\n0;5\n1;0", "0\t5\n\n2\t7\n1\t0\n", "5\n0\n7\n", "count\r\n5\r\n0\r\n7",
        "\ufeffbucket , count\n0 , 5\n1 , 0\n2 , 7", "\ufeff5\n0\n7",
    ],
)  # fmt: skip
def test_every_way_of_writing_a_file_gives_the_same_counts(text: str) -> None:
    assert read_lines(text.encode()) == (5, 0, 7)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("0,5\n0,6", "line 2"), ("0,5\n2,6", "lines"), ("0,5\n1,-6", "line 2"), ("5\n\n6.5", "line 3"),
        (f"{U64 + 1}", "line 1"), ("0,5\n6", "line 1"), ("0,5,1\n1,6,1", "line 1"), ("", "lines"),
        ("count\n", "lines"), ("\n".join("1" * (MOST_BUCKETS + 1)), "lines"), ("1\n²", "line 2"),
    ],
)  # fmt: skip
def test_what_is_no_count_is_refused_where_it_stands(text: str, where: str) -> None:
    with pytest.raises(FieldMalformed) as refused:
        read_lines(text.encode())
    assert refused.value.path == where


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(FieldMalformed) as refused:
        read_lines(b"\xff\xfe1")
    assert "text in UTF-8 belongs here" in refused.value.why


def test_counts_are_typed_with_anything_between_them_up_to_the_largest() -> None:
    assert read_typed(f" 1, 2;3\n{U64}  ") == (1, 2, 3, U64)
    with pytest.raises(FieldMalformed):
        read_typed(f"{U64 + 1}")
    with pytest.raises(FieldMalformed):
        read_typed("1 two")
    assert read_sequence("0 1,1", "line 1") == (0, 1, 1)
    assert len(read_lines("\n".join("1" * MOST_BUCKETS).encode())) == MOST_BUCKETS
