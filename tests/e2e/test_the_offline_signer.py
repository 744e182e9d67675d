"""The saved file signs from a disk with the network off, and keeps nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.management import call_command
from playwright.sync_api import Browser, Page, expect

from console.signing_page import FILE_NAME, saved
from governance.change.core.statement import built
from governance.sign.__main__ import main
from ledger.core.canonical import canonical
from tests.support.signing import PASSPHRASE, fields_for, key_of, statement_for, with_tier
from tests.support.signing_sites import answer_of, as_file

pytestmark = [pytest.mark.e2e]
STORED = "async () => [(await indexedDB.databases()).length, localStorage.length, sessionStorage.length]"


@pytest.fixture
def offline(browser: Browser, tmp_path: Path) -> Iterator[Page]:
    call_command("signer_page_build", "--out", str(tmp_path / FILE_NAME), "--json")
    assert (tmp_path / FILE_NAME).read_bytes() == saved()
    context = browser.new_context(offline=True)
    context.set_default_timeout(10_000)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda one: complaints.append(one.text) if one.type == "error" else None)
    page.goto((tmp_path / FILE_NAME).as_uri())
    yield page
    context.close()
    assert complaints == []


def choose(page: Page, statement: bytes, key: bytes | None = None) -> None:
    page.get_by_label("Statement").set_input_files(as_file(statement, "statement.json"))
    if key is not None:
        page.get_by_label("Encrypted key file").set_input_files(as_file(key, "key.json"))
    page.get_by_role("button", name="Show the statement").click()


def test_it_signs_what_the_command_line_verifies_and_keeps_nothing(offline: Page, tmp_path: Path) -> None:
    key = key_of()
    statement = built(with_tier(fields_for(key), "critical"))
    choose(offline, canonical(answer_of(statement)), key.to_bytes())
    expect(offline.locator("#code")).to_have_text(statement.code)
    offline.get_by_label("Type the six words").fill(statement.code)
    offline.get_by_label("Passphrase of your key").fill(PASSPHRASE)
    offline.get_by_role("button", name="Sign", exact=True).click()
    with offline.expect_download() as download:
        offline.get_by_role("link", name="Save the signed envelope").click()
    download.value.save_as(tmp_path / "envelope.json")
    (tmp_path / "key.json").write_bytes(key.to_bytes())
    (tmp_path / "raw").write_bytes(statement.raw)
    files = ["--key", str(tmp_path / "key.json"), "--statement", str(tmp_path / "raw")]
    assert main(["verify", str(tmp_path / "envelope.json"), *files]) == 0
    assert offline.evaluate(STORED) == [0, 0, 0]


def test_a_statement_is_read_without_a_key(offline: Page) -> None:
    statement = statement_for(key_of())
    choose(offline, statement.raw + b"\n")
    expect(offline.locator("#code")).to_have_text(statement.code)
    expect(offline.get_by_role("button", name="Sign", exact=True)).to_have_count(0)


@pytest.mark.parametrize("name", ["another person", "no statement", "another code"])
def test_refusals_are_those_of_the_command_line(offline: Page, name: str) -> None:
    key, statement = key_of(), statement_for(key_of())
    given = {
        "another person": (statement.raw, key_of(person="person:x").to_bytes(), "key_differs"),
        "no statement": (statement.raw[:-1], key.to_bytes(), "statement_malformed"),
        "another code": (canonical(answer_of(statement, code="acid " * 6)), key.to_bytes(), "code_differs"),
    }
    data, file, code = given[name]
    choose(offline, data, file)
    expect(offline.get_by_role("alert")).to_contain_text(code)


def test_axe_finds_nothing(offline: Page) -> None:
    assert Axe().run(offline).response["violations"] == []
    choose(offline, statement_for(key_of()).raw, key_of().to_bytes())
    offline.locator("#code").wait_for()
    assert Axe().run(offline).response["violations"] == []


def test_the_same_sources_give_the_same_bytes_and_reach_nothing() -> None:
    saved.cache_clear()
    first = saved()
    saved.cache_clear()
    assert saved() == first
    text = first.decode()
    assert "connect-src 'none'" in text
    assert text.count("<script>") == 1
    script = text.partition("<script>")[2]
    assert [
        word for word in ("fetch(", "XMLHttpRequest", "sendBeacon", "WebSocket", "innerHTML") if word in script
    ] == []
