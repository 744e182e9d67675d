from __future__ import annotations

import pytest

from tests.support.clones import Clone
from tests.support.world import Place, found_platform, place


@pytest.fixture
def platform(ledger_db: Clone) -> None:
    """The platform's own streams and namespaces."""
    found_platform()


@pytest.fixture
def acme(platform: None) -> Place:
    """The tenant that calls."""
    return place("acme")


@pytest.fixture
def other(platform: None) -> Place:
    """A tenant that must not be seen."""
    return place("other")
