"""A reader without an account verifies a file on a page; nothing is sent, and the outcome stands first."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect

from console.verifier_page import FILE_NAME, build
from tests.corpus.all import all_cases
from tests.corpus.cases import Input, base, own, packed
from tests.corpus.run import outcome_of
from tests.corpus.singles import proof, receipt
from tests.e2e.conftest import Site
from tests.support.verify_page import capabilities, reports_of

pytestmark = [pytest.mark.e2e]
NOW = "2026-11-21T11:00:00Z"
WITHOUT_ED25519 = """
const known = crypto.subtle.importKey.bind(crypto.subtle);
crypto.subtle.importKey = (form, key, kind, ...rest) => kind?.name === "Ed25519"
  ? Promise.reject(new DOMException("no such algorithm", "NotSupportedError")) : known(form, key, kind, ...rest);
"""


@pytest.fixture(scope="module")
def site(shared_site: Site) -> Site:
    """Nothing here changes what another test reads."""
    return shared_site


def given(page: Page, folder: Path, data: bytes, name: str, source: Input | None = None) -> None:
    """Choose the evidence and both files of the reader."""
    held = source or Input(data)
    for file, content in ((name, data), ("trust.policy", held.policy), ("trust.json", held.trust_bytes)):
        (folder / file).write_bytes(content)
    page.get_by_label("Evidence file").set_input_files(folder / name)
    page.get_by_label("or the file trust.policy").set_input_files(folder / "trust.policy")
    page.get_by_label("or the file trust.json").set_input_files(folder / "trust.json")
    page.get_by_text("Another time, or a leaf").click()
    page.get_by_label("Judge by this time").fill(NOW)


@pytest.fixture
def page(site: Site, tab: Page) -> Page:
    """The page as somebody finds it who was never here."""
    tab.goto(f"{site.url}/verify/")
    return tab


def outcome(page: Page) -> str:
    page.get_by_role("button", name="Verify", exact=True).click()
    told = page.locator("[data-outcome]")
    expect(told).to_be_visible(timeout=30_000)
    return told.inner_text()


def test_a_stranger_verifies_a_bundle_and_nothing_is_sent(page: Page, site: Site, tmp_path: Path) -> None:
    asked: list[Request] = []
    given(page, tmp_path, packed(own(base())), "export.tar.gz")
    page.on("request", lambda one: asked.append(one))  # noqa: PLW0108 - playwright takes no builtin
    assert outcome(page).startswith("verified: 22 events of ")
    scripts = (f"{site.url}/static/js/verify/", f"{site.url}/static/js/sign/")
    assert [one.url for one in asked if not one.url.startswith(scripts)] == []
    assert {(one.method, one.post_data) for one in asked} == {("GET", None)}
    assert page.locator("[data-outcome]").evaluate("one => one === document.activeElement")


def test_the_page_may_not_connect_to_anything(page: Page, site: Site) -> None:
    refused = "fetch('/health/live').then(() => 'sent', () => 'refused')"
    assert page.request.get(f"{site.url}/verify/").headers["content-security-policy"].count("connect-src 'none'") == 1
    assert page.evaluate(refused) == "refused"
    site.complaints.clear()


def test_the_worker_has_a_policy_of_its_own(page: Page, site: Site) -> None:
    url = f"{site.url}/static/js/verify/worker.js"
    fresh = page.request.get(url)
    kept = page.request.get(url, headers={"If-None-Match": fresh.headers["etag"]})
    assert kept.status == 304
    for answer in (fresh, kept):
        assert "connect-src 'none'" in answer.headers["content-security-policy"]


def test_problems_come_with_code_place_and_next_step(page: Page, tmp_path: Path) -> None:
    (case,) = (one for one in all_cases() if one.name == "changed-payload-repacked")
    source = case.build()
    given(page, tmp_path, source.data, "export.tar", source)
    assert outcome(page).startswith("rejected: ")
    found = page.get_by_role("listitem").filter(has_text="payload_digest_mismatch")
    expect(found.first).to_contain_text("objects/payloads.ndjson")
    expect(found.first).to_contain_text("Next: ")


def test_the_report_that_is_saved_is_the_python_verifiers(page: Page, tmp_path: Path) -> None:
    source = Input(own(base()))
    given(page, tmp_path, source.data, "export.tar", source)
    outcome(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the report").click()
    download.value.save_as(tmp_path / "report.json")
    saved = json.loads((tmp_path / "report.json").read_text())
    assert saved == {**outcome_of(source).to_json(), "notes": saved["notes"]}


@pytest.mark.parametrize(("name", "data"), [("a.tlog-proof", proof(7)), ("receipt.json", receipt())])
def test_proofs_and_receipts_are_told_from_their_bytes(page: Page, tmp_path: Path, name: str, data: bytes) -> None:
    given(page, tmp_path, data, name)
    assert outcome(page).startswith("verified: ")


def test_lacking_input_is_told_beside_its_field(page: Page, site: Site) -> None:
    page.get_by_role("button", name="Verify", exact=True).press("Enter")
    expect(page.get_by_text("Choose the file that is to be verified.")).to_be_visible()
    assert page.get_by_label("Evidence file").evaluate("one => one === document.activeElement")


def test_a_policy_that_is_none_is_unusable(page: Page, tmp_path: Path) -> None:
    given(page, tmp_path, own(base()), "export.tar", Input(b"", policy=b"quorum some\n"))
    assert outcome(page) == "unusable: nothing was verified (policy_invalid)"


def test_a_browser_without_ed25519_computes_the_equation_itself(site: Site, tab: Page) -> None:
    tab.goto(f"{site.url}/verify/")
    verdicts = tab.evaluate(
        f"""async () => {{
          {WITHOUT_ED25519}
          const {{ isNative, verify }} = await import("/static/js/verify/ed25519.js");
          const {{ fromHex }} = await import("/static/js/verify/octets.js");
          const key = fromHex("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025");
          const signature = fromHex("6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
            + "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a");
          const verdicts = [await isNative()];
          for (const message of ["af82", "af83"]) {{
            verdicts.push(await verify(key, fromHex(message), signature));
          }}
          return verdicts;
        }}"""
    )
    assert verdicts == [False, True, False]


def test_helpers_answer_on_the_served_page(page: Page) -> None:
    assert capabilities(page)["helpers"]


def test_the_served_page_gives_the_same_outcomes_as_the_corpus(page: Page) -> None:
    cases = [case for case in all_cases() if not case.needs][::9]
    reports = reports_of(page, [case.build() for case in cases])
    found = {
        case.name: {row["code"] for row in report["problems"]} for case, report in zip(cases, reports, strict=True)
    }
    assert found == {case.name: set(case.codes) for case in cases}


@pytest.mark.parametrize("paper", ["light", "dark"])
def test_axe_finds_nothing_before_and_after(site: Site, context: BrowserContext, tmp_path: Path, paper: str) -> None:
    page = context.new_page()
    page.goto(f"{site.url}/verify/")
    page.get_by_role("button", name=paper, exact=True).click()
    found = faults(page)
    (case,) = (one for one in all_cases() if one.name == "changed-payload-repacked")
    given(page, tmp_path, case.build().data, "export.tar", case.build())
    outcome(page)
    for width in (1280, 390, 320):
        page.set_viewport_size({"width": width, "height": 900})
        found += faults(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert found == []


def faults(page: Page) -> list[str]:
    violations = Axe().run(page).response["violations"]
    return [f"{one['id']}: {[node['html'][:160] for node in one['nodes'][:3]]}" for one in violations]


def test_without_javascript_it_says_what_to_do_instead(site: Site, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site.url}/verify/")
    expect(page.get_by_text("python3 countersign-verify.py bundle FILE")).to_be_visible()
    expect(page.get_by_role("button", name="Verify", exact=True)).to_be_hidden()
    context.close()


@pytest.fixture
def offline(browser: Browser, tmp_path: Path) -> Iterator[Page]:
    (tmp_path / FILE_NAME).write_bytes(build())
    context = browser.new_context(offline=True)
    page = context.new_page()
    page.goto((tmp_path / FILE_NAME).as_uri())
    yield page
    context.close()


def test_the_saved_file_verifies_with_the_network_off(offline: Page, tmp_path: Path) -> None:
    given(offline, tmp_path, packed(own(base())), "export.tar.gz")
    assert outcome(offline).startswith("verified: 22 events of ")
    assert faults(offline) == []


def test_files_dropped_on_the_page_find_their_places(page: Page) -> None:
    page.evaluate(
        """() => {
          const transfer = new DataTransfer();
          transfer.items.add(new File(["x"], "export.tar.gz"));
          transfer.items.add(new File(["quorum none\\n"], "trust.policy"));
          document.querySelector("[data-verify]").dispatchEvent(
            new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
        }"""
    )
    expect(page.get_by_label("Policy (C2SP tlog-policy)")).to_have_value("quorum none\n")
    assert page.locator("#evidence").evaluate("one => one.files[0].name") == "export.tar.gz"
