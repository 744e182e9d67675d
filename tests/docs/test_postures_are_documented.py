"""The table of what is answered while something is away is that of the code, which a test tries row by row."""

from __future__ import annotations

from ledger.postures import table
from tests.docs.documents import rows_of


def test_the_documented_table_is_the_one_that_is_tried() -> None:
    documented = [row for row in rows_of("durability.md") if len(row) == 6 and row[0] != "what is away"]
    assert documented == table()
