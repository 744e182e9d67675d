"""In a browser: from a file of buckets to the bytes that the author signs, which form as one types."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from nacl.signing import SigningKey
from playwright.sync_api import Browser, Page, expect

from governance.evidenceos.core.nullspec import read_contract
from governance.evidenceos.core.nullspec_checks import number_faults, reading_faults, signature_faults
from governance.identity.core.roles import Role
from tests.e2e.conftest import Site, sign_in
from tests.web.test_authoring import COUNTS, expected

pytestmark = [pytest.mark.db, pytest.mark.e2e]
EMAIL = "ada@acme.test"
AUTHOR = SigningKey(b"\x21" * 32)


@pytest.fixture
def plain(browser: Browser, site: Site) -> Iterator[Page]:
    """A tab without scripts."""
    context = browser.new_context(java_script_enabled=False, accept_downloads=True)
    context.set_default_timeout(15_000)
    yield context.new_page()
    context.close()


@pytest.fixture
def buckets(tmp_path: Path) -> Path:
    file = tmp_path / "buckets.csv"
    file.write_text("bucket,count\n" + "".join(f"{n},{one}\n" for n, one in enumerate(COUNTS)))
    return file


def written(tab: Page) -> None:
    """What is said besides the counts."""
    for label, value in {
        "Oracle": "settle", "Holdout": "holdout-a", "Weight of each bucket (alpha)": "1", "Author's key": "author-1",
        "Epoch of its making": "10", "Holds for epochs": "20",
    }.items():  # fmt: skip
        tab.get_by_label(label, exact=True).fill(value)


def payload(tab: Page, folder: Path) -> bytes:
    with tab.expect_download() as download:
        tab.get_by_role("button", name="Download the bytes").click()
    target = folder / download.value.suggested_filename
    download.value.save_as(target)
    return target.read_bytes()


def test_a_file_of_buckets_becomes_the_bytes_that_are_signed(
    site: Site, tab: Page, buckets: Path, tmp_path: Path
) -> None:
    site.house.person(Role.TENANT_ADMIN, email=EMAIL)
    sign_in(tab, site, EMAIL)
    tab.get_by_role("link", name="EvidenceOS", exact=True).click()
    tab.get_by_role("link", name="Author a NullSpec contract").click()
    tab.get_by_label("A file of buckets").set_input_files(buckets)
    expect(tab.get_by_label("Counts of the calibration")).to_have_value(", ".join(map(str, COUNTS)))
    expect(tab.locator(".plot--bars g")).to_have_count(len(COUNTS))
    expect(tab.locator("#forming")).to_contain_text("Still needed: Oracle")
    written(tab)
    expect(tab.locator(".author-id")).to_contain_text("whole, not signed")
    expect(tab.locator(".author-id-hex")).to_have_text(expected().computed_id().hex())
    data = payload(tab, tmp_path)
    assert data == expected().signing_payload()
    signed = read_contract(data).signed(bytes(AUTHOR.sign(data).signature))
    keyring = {"author-1": bytes(AUTHOR.verify_key)}
    assert not [*signature_faults(signed, keyring), *number_faults(signed), *reading_faults(signed)]


def test_the_id_follows_every_stroke(site: Site, tab: Page) -> None:
    site.house.person(Role.TENANT_ADMIN, email=EMAIL)
    sign_in(tab, site, EMAIL)
    tab.goto(f"{site.url}/evidenceos/author/?example=buckets")
    tab.get_by_label("Holds for epochs").press("End")
    tab.get_by_label("Holds for epochs").press_sequentially("7")
    expect(tab.locator(".author-id-hex")).to_have_text(expected(ttl_epochs=207).computed_id().hex())
    expect(tab.get_by_label("Chance of bucket 1 under the alternative")).to_be_hidden()
    tab.get_by_label("One chance (Bernoulli), against a fixed alternative").check()
    tab.get_by_label("Chance of bucket 1 under the alternative").fill("0.7")
    tab.get_by_label("Chance of bucket 1 under the null").fill("0.4")
    expect(tab.locator(".plot--bars g")).to_have_count(2)


def test_the_same_without_scripts(site: Site, plain: Page, buckets: Path, tmp_path: Path) -> None:
    site.house.person(Role.TENANT_ADMIN, email=EMAIL)
    sign_in(plain, site, EMAIL)
    plain.goto(f"{site.url}/evidenceos/author/")
    plain.get_by_label("A file of buckets").set_input_files(buckets)
    plain.get_by_role("button", name="Read the file").click()
    expect(plain.get_by_label("Counts of the calibration")).to_have_value(", ".join(map(str, COUNTS)))
    written(plain)
    plain.get_by_role("button", name="Compute").click()
    assert payload(plain, tmp_path) == expected().signing_payload()
