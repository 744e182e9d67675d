"""From the page to an empty folder: export in a browser, carry the file away, verify it without a network."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from governance.identity.core.roles import Role
from tests.e2e.conftest import Site, sign_in

pytestmark = [pytest.mark.db, pytest.mark.e2e]
EMAIL = "ada@acme.test"
TRUST = ("--policy", "trust.policy", "--trust", "trust.json")


def saved(tab: Page, folder: Path, link: str) -> Path:
    with tab.expect_download() as download:
        tab.get_by_role("link", name=link, exact=True).first.click()
    target = folder / download.value.suggested_filename
    download.value.save_as(target)
    return target


def test_a_bundle_exported_on_the_page_verifies_in_an_empty_folder(
    site: Site, worker: None, tab: Page, tmp_path: Path
) -> None:
    site.house.person(Role.TENANT_ADMIN, email=EMAIL)
    sign_in(tab, site, EMAIL)
    tab.goto(f"{site.url}/streams/acme/decisions/")
    tab.get_by_role("link", name="Export bundle").click()
    tab.get_by_label("Last leaf").fill("20")
    expect(tab.locator("#count")).to_have_text("21 leaves: 0 to 20.")
    tab.get_by_label("Payloads").check()
    tab.get_by_role("button", name="Export bundle").click()
    expect(tab.get_by_text("Verified offline just after it was written")).to_be_visible(timeout=30_000)
    expect(tab.locator("#job")).to_contain_text("21 of 21 leaves")

    folder = tmp_path / "empty"
    folder.mkdir()
    bundle = saved(tab, folder, "Download bundle")
    verifier = saved(tab, folder, "Verifier")
    tab.get_by_role("link", name="Trust sheet", exact=True).click()
    saved(tab, folder, "trust.policy")
    saved(tab, folder, "trust.json")
    assert verify(folder, verifier, bundle) == 0
    with bundle.open("r+b") as file:
        file.seek(-8, 2)  # the archive's own checksum
        first = file.read(1)[0]
        file.seek(-8, 2)
        file.write(bytes([first ^ 0xFF]))
    assert verify(folder, verifier, bundle) == 1


def verify(folder: Path, verifier: Path, bundle: Path) -> int:
    command = [sys.executable, "-S", verifier.name, "bundle", bundle.name, *TRUST]
    return subprocess.run(command, cwd=folder, env={}, capture_output=True, check=False).returncode


def test_the_proof_file_verifies_alone(site: Site, tab: Page, tmp_path: Path) -> None:
    site.house.person(Role.TENANT_ADMIN, email=EMAIL)
    sign_in(tab, site, EMAIL)
    tab.goto(f"{site.url}/streams/acme/decisions/events/7/")
    proof = saved(tab, tmp_path, "Download .tlog-proof")
    verifier = saved(tab, tmp_path, "verifier")
    tab.get_by_role("link", name="trust sheet", exact=True).click()
    saved(tab, tmp_path, "trust.policy")
    saved(tab, tmp_path, "trust.json")
    command = [sys.executable, "-S", verifier.name, "proof", proof.name, *TRUST]
    done = subprocess.run(command, cwd=tmp_path, env={}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
