"""Files whose tests share a server are run by one worker; all others are spread test by test."""

from __future__ import annotations

import pytest

from tests.support.spread import ROOT, Spread, shares


@pytest.mark.parametrize(
    ("nodeid", "scope"),
    [
        ("tests/e2e/test_the_demo.py::test_a", "tests/e2e/test_the_demo.py"),
        ("tests/e2e/test_printing.py::test_b[x]", "tests/e2e/test_printing.py"),
        ("tests/arch/test_tree.py::test_c", "tests/arch/test_tree.py::test_c"),
        ("tests/nowhere.py::test_d", "tests/nowhere.py::test_d"),
    ],
)
def test_a_file_with_a_fixture_of_its_own_is_one_piece(nodeid: str, scope: str) -> None:
    assert Spread._split_scope(object.__new__(Spread), nodeid) == scope


def test_every_file_that_shares_a_site_is_known_as_such() -> None:
    using = [path for path in ROOT.glob("tests/e2e/test_*.py") if "shared_site" in path.read_text()]
    assert using
    assert all(shares(str(path.relative_to(ROOT))) for path in using)
