"""The forms of a data directory in a browser: what it has is offered, the effect is there while one types, and axe
finds nothing on any of them, on both papers, on a desk and on a phone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page, expect

from governance.change.actions.own_incident import open_incident
from governance.change.models import Change
from governance.evidenceos.core.canary import CanaryConfig, begun
from governance.evidenceos.core.jsons import compact
from tests.e2e.conftest import WATCH, served
from tests.e2e.stages import looking
from tests.e2e.test_accessibility import faults
from tests.e2e.test_gallery import PLACE, WIDTHS
from tests.support.clones import Clone
from tests.support.evidenceos import public
from tests.support.evidenceos_gate import EPOCH, PAIR, Gate
from tests.support.evidenceos_target import SLUG, adopted
from tests.support.world import moment

pytestmark = [pytest.mark.db, pytest.mark.e2e]
SLOW_MS = 20_000
LARGEST = str(2**64 - 1)
BEYOND = str(2**53 + 1)
"""What a browser's own numbers cannot hold."""


@dataclass
class Place:
    """A server over two directories; `forms` are the kinds with what their address fills in."""

    url: str
    gate: Gate
    forms: dict[str, dict[str, str]]


@pytest.fixture
def place(ledger_db: Clone, tmp_path: Path) -> Iterator[Place]:
    settings.COUNTERSIGN_STATE_DIR.mkdir(parents=True, exist_ok=True)
    for name in ("data", "other"):
        (tmp_path / name).mkdir()
    gate = Gate(tmp_path / "data")
    adopted(tmp_path / "other", "other")
    counts, waits = gate.installed(gate.contract()), gate.installed(gate.contract(ttl_epochs=7))
    gate.applied("nullspec.activate", gate.activate_body(counts))
    frozen = replace(begun(CanaryConfig()), e_drift=41.5, last_epoch_checked=11, drift_frozen=True)
    states: Any = [["settle::holdout-a", frozen.to_json()]]
    (gate.root / "state.json").write_bytes(compact({"canary_states": states}))
    with served(ledger_db, settings.COUNTERSIGN_STATE_DIR) as (url, _):
        yield Place(url, gate, _forms(gate, sha256(waits.signing_payload()).hexdigest()))


def _forms(gate: Gate, waits: str) -> dict[str, dict[str, str]]:
    ben = gate.it["ben"].principal()
    incident = open_incident("canary drift", "The feed was replaced on Monday.", tenant=None, by=ben, at=moment())
    lapsed = gate.contract(epoch_created=1, ttl_epochs=2, created_by="nobody").signing_payload().decode()
    trusted = "\n".join(f"{name} {public(gate.private(name)).hex()}" for name in ("eva", "fay", "ben"))
    return {
        "nullspec.install": {"contract": lapsed, "lane": "fast"}, "nullspec.activate": {"nullspec_id": waits},
        "nullspec.retire": PAIR,
        "oracle.register": {
            "oracle_id": "second", "ttl_epochs": LARGEST, "calibration_manifest_hash": "cd" * 32,
            "scope": "The holdouts of May.", "proof_sha256": "ef" * 32,
        },
        "oracle.ttl": {"oracle_id": "settle", "ttl_epochs": BEYOND},
        "oracle.calibration": {"oracle_id": "settle", "calibration_manifest_hash": "12" * 32},
        "epoch.advance": {}, "epoch.irregular": {"to": "90"},
        "canary.reset": {"claim_name": "settle", "holdout": "holdout-a", "incident": str(incident.public_id)},
        "oracle_keys.set": {"keys": trusted}, "etl_key.rotate": {"public": public(gate.private("ben")).hex()},
    }  # fmt: skip


@pytest.mark.parametrize("paper", ["light", "dark"])
def test_each_form_is_filled_in_by_its_address(place: Place, browser: Browser, paper: Any) -> None:
    PLACE.mkdir(parents=True, exist_ok=True)
    found = list[str]()
    with looking(browser, place.gate.it, place.url, "ada", color_scheme=paper) as page:
        for kind, filled in place.forms.items():
            address = f"{place.url}/changes/new/{kind}/?{urlencode({'target': SLUG, **filled})}"
            found += looked_at(page, address, f"change-new-{kind.replace('.', '-')}-{paper}")
    assert not found, "\n".join(found)


def looked_at(page: Page, address: str, name: str) -> list[str]:
    found = list[str]()
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(address)
        expect(page.locator("#preview")).to_contain_text("Takes effect")
        expect(page.locator("#preview")).to_contain_text("Checked before anybody signs")
        page.screenshot(path=PLACE / f"{name}-{width}.png", full_page=True)
        found += faults(page)
        if (wide := page.evaluate("document.documentElement.scrollWidth")) > width:
            found.append(f"{address} is {wide} wide on {width}")
    return found


def test_a_directory_that_is_chosen_offers_what_it_has_and_the_effect_follows_the_typing(
    place: Place, browser: Browser
) -> None:
    complaints = list[str]()
    with looking(browser, place.gate.it, place.url, "ada") as page:
        page.add_init_script(WATCH)
        page.on("console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None)
        page.goto(f"{place.url}/changes/new/oracle.ttl/")
        oracle = page.get_by_label("Oracle")
        expect(oracle.locator("option")).to_have_text(["Choose a directory first"])
        page.get_by_label("Reason").fill("The feed comes less often.")
        page.get_by_label("Data directory").select_option(SLUG)
        expect(oracle.locator("option")).to_have_text(["Choose one", "settle: TTL 86400"], timeout=SLOW_MS)
        expect(page.get_by_label("Reason")).to_have_value("The feed comes less often.")
        oracle.select_option("settle")
        page.get_by_label("TTL").fill(BEYOND)
        preview = page.locator("#preview")
        expect(preview.locator("ins")).to_have_text(f"{int(BEYOND):,}", timeout=SLOW_MS)
        expect(preview).to_contain_text("fits no claim that is frozen afterwards")
        page.get_by_role("button", name="Save the draft").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Set how long an oracle's record holds")
    row = Change.objects.get(type="oracle.ttl")
    assert row.revisions.get().body["ttl_epochs"] == BEYOND
    assert complaints == []


def test_without_scripts_the_directory_is_read_by_a_button(place: Place, browser: Browser) -> None:
    with looking(browser, place.gate.it, place.url, "ada", java_script_enabled=False) as page:
        page.goto(f"{place.url}/changes/new/epoch.advance/")
        page.get_by_label("Data directory").select_option(SLUG)
        page.get_by_role("button", name="Read the directory").click()
        expect(page.get_by_label("To epoch")).to_have_value(str(EPOCH + 1))
        expect(page.locator("#preview")).to_contain_text("Takes effect")
    assert not Change.objects.filter(type="epoch.advance").exists()
