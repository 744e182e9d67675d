"""The table of problems in docs/api.md is the table of the code: code, status, title and next step."""

from __future__ import annotations

from console.api.problems import PROBLEMS
from tests.docs.documents import rows_of


def test_the_documented_table_is_the_one_that_is_sent() -> None:
    documented = [row for row in rows_of("api.md") if len(row) == 4 and row[1].isdecimal()]
    sent = [[f"`{p.code}`", str(p.status), p.title, p.next] for p in PROBLEMS.values()]
    assert documented == sent
