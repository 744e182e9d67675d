"""`make gallery`: each stage of a change, on both papers, on a desk and on a phone; and axe finds nothing on any."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page, expect

from governance.change.core.states import State
from governance.change.models import Change
from tests.e2e.conftest import served
from tests.e2e.stages import Stages, deployment, frozen, looking, staged
from tests.e2e.test_accessibility import faults
from tests.e2e.test_gallery import PLACE, WIDTHS
from tests.support.clones import Clone
from tests.support.governed import World

pytestmark = [pytest.mark.db, pytest.mark.e2e, pytest.mark.long]
ENDLESS = frozenset({State.FAILED, State.EXPIRED, State.LAPSED, State.RATIFIED})
"""States in which a change looks like one that was rejected, or like one that was applied."""


@dataclass
class Place:
    """A founded deployment under a server."""

    url: str
    it: World


@pytest.fixture
def place(ledger_db: Clone) -> Iterator[Place]:
    settings.COUNTERSIGN_STATE_DIR.mkdir(parents=True, exist_ok=True)
    it = deployment()
    with served(ledger_db, settings.COUNTERSIGN_STATE_DIR) as (url, _):
        yield Place(url, it)


@pytest.mark.parametrize("paper", ["light", "dark"])
def test_every_stage_is_taken_and_axe_finds_nothing(place: Place, browser: Browser, paper: Any) -> None:
    PLACE.mkdir(parents=True, exist_ok=True)
    found = looked_at(place, browser, staged(place.it), paper)
    assert set(State) - ENDLESS <= {State(one.state) for one in Change.objects.all()}
    preflight(place, browser, paper)
    found += looked_at(place, browser, frozen(place.it), paper)
    assert not found, "\n".join(found)


def looked_at(place: Place, browser: Browser, stages: Stages, paper: Any) -> list[str]:
    """Take each picture; what axe finds, and what runs wide."""
    found, rows = list[str](), sorted((who, name, path) for name, (who, path) in stages.items())
    for who, mine in groupby(rows, itemgetter(0)):
        with looking(browser, place.it, place.url, who, color_scheme=paper) as page:
            for _, name, path in mine:
                found += taken(page, f"{place.url}{path}", f"flow-{name}-{paper}")
    return found


def taken(page: Page, address: str, name: str) -> list[str]:
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == 200, address
        page.wait_for_load_state("networkidle")
        page.screenshot(path=PLACE / f"{name}-{width}.png", full_page=True)
        found += faults(page)
        if (wide := page.evaluate("document.documentElement.scrollWidth")) > width:
            found.append(f"{address} is {wide} wide on {width}")
    return found


def preflight(place: Place, browser: Browser, paper: Any) -> None:
    """The form as it is filled in, with the effect that is computed beside it."""
    with looking(browser, place.it, place.url, "ada", color_scheme=paper) as page:
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            page.goto(f"{place.url}/changes/new/stream.retention/")
            page.get_by_label("Log").select_option(place.it.acme.stream.origin)
            page.get_by_label("Payloads, days").fill("365")
            page.get_by_label("Reason").fill("Auditors ask for a year.")
            expect(page.locator("#preview")).to_contain_text("What it takes", timeout=15_000)
            page.screenshot(path=PLACE / f"flow-change-form-preflight-{paper}-{width}.png", full_page=True)
