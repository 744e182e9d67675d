"""The signing page: one statement in, one signature out, and nothing else leaves it."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from governance.change.core.rendering import lines
from governance.change.core.statement import Statement, built
from governance.change.core.verbs import Verb
from governance.sign.keyfile import KeyFile
from ledger.core.canonical import canonical
from ledger.core.dsse import parse_envelope, signed_by
from tests.support.signing import PASSPHRASE, fields_for, key_of, statement_for, with_tier
from tests.support.signing_sites import PORTAL, SIGNER, Sites, answer_of, as_file

pytestmark = [pytest.mark.e2e]


def verified(envelope: dict[str, Any], statement: Statement, public: bytes) -> bool:
    read = parse_envelope(canonical(envelope))
    return read.payload == statement.raw and signed_by(read, {"k": public}) == ["k"]


@pytest.fixture
def key() -> KeyFile:
    return key_of(custody="passphrase")


def title(page: Page, words: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(words)


def sign(page: Page, passphrase: str = PASSPHRASE) -> None:
    page.get_by_label("Passphrase of your key").fill(passphrase)
    page.get_by_role("button", name="Sign", exact=True).click()


def test_a_person_reads_and_signs_with_a_passphrase(sites: Sites, key: KeyFile) -> None:
    sites.keep(key)
    statement = statement_for(key)
    sites.given = answer_of(statement)
    portal, signer = sites.press()
    title(signer, "Approve: oracle.ttl")
    expect(signer.get_by_text("THIS CHANGE WEAKENS")).to_be_visible()
    expect(signer.get_by_role("row", name="/oracle/ttl_s")).to_contain_text("7200")
    expect(signer.locator("#code")).to_have_text(statement.code)
    sign(signer)
    title(signer, "Signed")
    expect(portal.get_by_role("status")).to_have_text("Signed.")
    (posted,) = sites.posted
    assert posted["token"] == "token-of-the-form"
    assert posted["assertion"] is None
    assert verified(posted["envelope"], statement, key.public)


@pytest.mark.parametrize("verb", [Verb.REJECT, Verb.VETO, Verb.EXECUTE, Verb.FREEZE])
def test_every_verb_is_signed_under_its_own_payload_type(sites: Sites, key: KeyFile, verb: Verb) -> None:
    sites.keep(key)
    statement = statement_for(key, verb)
    sites.given = answer_of(statement)
    portal, signer = sites.press()
    sign(signer)
    expect(portal.get_by_role("status")).to_have_text("Signed.")
    assert sites.posted[0]["envelope"]["payloadType"] == verb.payload_type
    assert verified(sites.posted[0]["envelope"], statement, key.public)


def test_every_value_that_is_signed_is_shown(sites: Sites, key: KeyFile) -> None:
    sites.keep(key)
    statement = statement_for(key)
    sites.given = answer_of(statement)
    _, signer = sites.press()
    signer.get_by_text("Everything that is signed").click()
    rows = signer.locator(".sign-all tr")
    shown = [(row.locator("th").inner_text(), row.locator("td").inner_text()) for row in rows.all()]
    assert shown == [(line.path, line.text) for line in lines(statement)]


def test_where_much_rests_on_it_the_six_words_are_typed(sites: Sites, key: KeyFile) -> None:
    sites.keep(key)
    statement = built(with_tier(fields_for(key), "critical"))
    sites.given = answer_of(statement)
    portal, signer = sites.press()
    sign(signer)
    expect(signer.get_by_role("alert")).to_contain_text("code_differs")
    signer.get_by_label("Type the six words").fill(f"  {statement.code.upper()} ")
    sign(signer)
    expect(portal.get_by_role("status")).to_have_text("Signed.")


def test_a_wrong_passphrase_signs_nothing_and_may_be_typed_again(sites: Sites, key: KeyFile) -> None:
    sites.keep(key)
    sites.given = answer_of(statement_for(key))
    portal, signer = sites.press()
    sign(signer, "not the passphrase")
    expect(signer.get_by_role("alert")).to_contain_text("passphrase_wrong")
    assert sites.posted == []
    sign(signer)
    expect(portal.get_by_role("status")).to_have_text("Signed.")


def test_who_does_not_sign_says_so(sites: Sites, key: KeyFile) -> None:
    sites.keep(key)
    sites.given = answer_of(statement_for(key))
    portal, signer = sites.press()
    signer.get_by_role("button", name="Do not sign").click()
    title(signer, "Nothing was signed")
    expect(portal.get_by_role("status")).to_contain_text("declined")
    assert sites.posted == []


def test_a_closed_window_is_told_to_the_portal(sites: Sites, key: KeyFile) -> None:
    sites.given = answer_of(statement_for(key))
    portal, signer = sites.press()
    title(signer, "Approve: oracle.ttl")
    signer.close()
    expect(portal.get_by_role("status")).to_contain_text("signer_closed")


def test_a_lacking_key_is_imported_under_the_statement(sites: Sites, key: KeyFile) -> None:
    sites.given = answer_of(statement_for(key))
    portal, signer = sites.press()
    expect(signer.get_by_text("It is not in this browser")).to_be_visible()
    signer.get_by_label("Encrypted key file").set_input_files(as_file(key.to_bytes(), "k.json"))
    signer.get_by_role("button", name="Keep this key here").click()
    sign(signer)
    expect(portal.get_by_role("status")).to_have_text("Signed.")


def test_a_key_that_no_browser_may_hold_is_refused(sites: Sites) -> None:
    page = sites.signer()
    page.get_by_label("Encrypted key file").set_input_files(as_file(key_of(custody="offline").to_bytes(), "k.json"))
    page.get_by_role("button", name="Keep this key here").click()
    expect(page.get_by_role("alert")).to_contain_text("custody_refused")
    expect(page.get_by_text("None yet.")).to_be_visible()


def test_a_key_is_forgotten_and_only_wrapped_keys_are_kept(sites: Sites, key: KeyFile) -> None:
    sites.keep(key)
    page = sites.signer()
    read = """() => new Promise((done) => {
      const request = indexedDB.open("countersign-signer");
      request.onsuccess = () => {
        const rows = request.result.transaction("keys").objectStore("keys").getAll();
        rows.onsuccess = () => done(rows.result);
      };
    })"""
    assert page.evaluate(read) == [key.fields]
    page.get_by_text("Forget this key").click()
    page.get_by_role("button", name="Forget").click()
    expect(page.get_by_text("None yet.")).to_be_visible()
    assert page.evaluate(read) == []


def test_the_page_reaches_nothing_but_its_own_three_files(sites: Sites, key: KeyFile) -> None:
    sites.keep(key)
    sites.given = answer_of(statement_for(key))
    portal, signer = sites.press()
    sign(signer)
    expect(portal.get_by_role("status")).to_have_text("Signed.")
    asked = {url for url in sites.asked if url.startswith(SIGNER)}
    assert asked == {f"{SIGNER}/sign/", f"{SIGNER}/sign/signer.js", f"{SIGNER}/sign/signer.css"}
    assert {url for url in sites.asked if not url.startswith((SIGNER, PORTAL))} == set()


def test_a_browser_without_ed25519_is_sent_to_the_command_line(sites: Sites) -> None:
    sites.context.add_init_script(
        "crypto.subtle.generateKey = () => Promise.reject(new DOMException('none', 'NotSupportedError'));"
    )
    page = sites.signer()
    title(page, "This browser cannot sign")
    expect(page.get_by_text("python -m governance.sign")).to_be_visible()


def test_without_javascript_it_names_the_command_line(browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    sites = Sites(context)
    expect(sites.signer().get_by_text("python -m governance.sign sign")).to_be_visible()
    context.close()


def test_all_of_it_by_keyboard(sites: Sites, key: KeyFile) -> None:
    sites.keep(key)
    statement = built(with_tier(fields_for(key), "high"))
    sites.given = answer_of(statement)
    portal, signer = sites.press()
    title(signer, "Approve: oracle.ttl")
    expect(signer.get_by_role("heading", level=1)).to_be_focused()
    signer.keyboard.press("Tab")
    expect(signer.get_by_text("Everything that is signed")).to_be_focused()
    signer.keyboard.press("Tab")
    signer.keyboard.type(statement.code)
    signer.keyboard.press("Tab")
    signer.keyboard.type(PASSPHRASE)
    signer.keyboard.press("Enter")
    expect(portal.get_by_role("status")).to_have_text("Signed.")


@pytest.mark.parametrize("paper", ["light", "dark"])
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(sites: Sites, key: KeyFile, paper: Any) -> None:
    sites.keep(key)
    made = with_tier(fields_for(key), "high")
    made["change"]["reason"] = f"hidden \u202e and long {'x' * 300}"
    made["effect"]["way_back"] = None
    sites.given = answer_of(built(made))
    _, review = sites.press()
    found = []
    for page in (review, sites.signer()):
        page.emulate_media(color_scheme=paper)
        page.get_by_role("heading", level=1).wait_for()
        for summary in page.locator("summary").all():
            summary.click()
        for width in (1280, 390, 320):
            page.set_viewport_size({"width": width, "height": 900})
            violations = Axe().run(page).response["violations"]
            found += [f"{one['id']}: {[node['html'][:160] for node in one['nodes'][:3]]}" for one in violations]
            assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert found == []
