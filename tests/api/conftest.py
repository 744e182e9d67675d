from __future__ import annotations

from typing import Any

import pytest

from tests.support.attacks import Doors
from tests.support.attacks import doors as attacked
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


@pytest.fixture
def doors(ledger_db: Clone, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Doors:
    """A founded deployment in which a code of an authenticator is presence enough."""
    settings.COUNTERSIGN_STEP_UP = "totp"
    return attacked(monkeypatch)
