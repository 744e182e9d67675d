"""Is this stream healthy, why, and prove that event to an outsider: three readers, no document read, no mouse."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from governance.identity.actions.found_platform import found_platform
from governance.identity.core.roles import Role
from tests.e2e.conftest import Site, sign_in
from tests.e2e.test_by_keyboard import open_by_keyboard, reach
from tests.web.house import BY, at

pytestmark = [pytest.mark.db, pytest.mark.e2e]
STREAM = "/streams/acme/decisions/"
READERS = (Role.PLATFORM_OPERATOR, Role.COMPLIANCE_OFFICER, Role.TENANT_ADMIN)


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("role", READERS)
def test_the_three_questions_are_answered_by_keyboard(
    site: Site, tab: Page, tmp_path: Path, role: Role, width: int
) -> None:
    found_platform(by=BY, moment=at)
    site.house.person(role)
    tab.set_viewport_size({"width": width, "height": 844})
    sign_in(tab, site, "ada@acme.test")
    expect(tab.get_by_text("Is the evidence healthy?")).to_be_in_viewport()
    open_by_keyboard(tab, "acme/decisions", STREAM)
    expect(tab.locator(".answer")).to_be_in_viewport()
    expect(tab.locator(".answer")).to_contain_text("health paths pass")
    expect(tab.get_by_role("heading", name="Health paths")).to_be_visible()
    open_by_keyboard(tab, "All events", f"{STREAM}events/")
    open_by_keyboard(tab, "60", f"{STREAM}events/60/")
    expect(tab.locator("[data-verdict]")).to_contain_text("Your browser recomputed this root just now: equal.")
    open_by_keyboard(tab, "Prove it outside", "#outside")
    assert prove(tab, tmp_path) == 0


def prove(tab: Page, folder: Path) -> int:
    """Follow the three steps of the page, and check what they gave with nothing of this server."""
    proof = fetched(tab, folder, "the proof file")
    open_by_keyboard(tab, "trust sheet", "/trust-sheet/**")
    verifier, *_ = [fetched(tab, folder, name) for name in ("countersign-verify.py", "trust.policy", "trust.json")]
    command = [sys.executable, "-S", verifier.name, "proof", proof.name]
    command += ["--policy", "trust.policy", "--trust", "trust.json"]
    return subprocess.run(command, cwd=folder, env={}, capture_output=True, check=False).returncode


def fetched(tab: Page, folder: Path, name: str) -> Path:
    """The file behind the link of that name, reached and opened by keyboard."""
    reach(tab, name)
    with tab.expect_download() as told:
        tab.keyboard.press("Enter")
    path = folder / told.value.suggested_filename
    told.value.save_as(path)
    return path
