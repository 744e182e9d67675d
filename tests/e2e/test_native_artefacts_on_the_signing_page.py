"""Native artefacts on the signing page and in the saved file: all shown, all signed in one gesture."""

from __future__ import annotations

import base64
import json
import random
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from console.signing_page import saved
from governance.change.core.native import NativeMade, check_made, fixed_form, read_artefact
from governance.change.core.native_forms import EPOCH, EVENT, NULLSPEC, RECORD
from governance.change.core.verbs import Verb
from governance.evidenceos.core.epoch import EpochControl
from governance.sign.keyfile import KeyFile
from ledger.core.canonical import canonical
from ledger.core.dsse import parse_envelope, signed_by
from tests.support.native_artefacts import payload, statement_with
from tests.support.signing import PASSPHRASE, key_of
from tests.support.signing_sites import Sites, answer_of, as_file

pytestmark = [pytest.mark.e2e]
DECIDES = key_of(custody="passphrase")
NATIVE = key_of(custody="passphrase", use="native", seed=bytes(range(1, 33)))
CHANCE = random.Random("page")  # noqa: S311  (the same on every run)
EPOCH_CONTROL = EpochControl(2**64 - 1, 1_735_689_600, "ops-1").payload()


def given(
    verb: Verb, rows: list[tuple[str, bytes]], *, handed: list[tuple[str, bytes]] | None = None
) -> dict[str, Any]:
    statement = statement_with(DECIDES, verb, rows)
    listed = [{"kind": kind, "payload": base64.b64encode(data).decode()} for kind, data in handed or rows]
    return answer_of(statement, native={"kid": NATIVE.kid, "artefacts": listed})


def opened(sites: Sites, told: dict[str, Any], *keys: KeyFile) -> tuple[Page, Page]:
    for key in keys:
        sites.keep(key)
    sites.given = told
    return sites.press()


def sign(page: Page) -> None:
    code = page.locator("#code").inner_text()
    typed = page.get_by_label("Type the six words of the short code")
    if typed.count():
        typed.fill(code)
    page.get_by_label("Passphrase of your keys").fill(PASSPHRASE)
    page.get_by_role("button", name="Sign", exact=True).click()


def made_in(posted: dict[str, Any]) -> list[NativeMade]:
    return [
        NativeMade(
            row["kind"], base64.b64decode(row["payload"]), base64.b64decode(row["signature"]),
            base64.b64decode(row["detached"]) if row["detached"] else None, NATIVE.public,
        )
        for row in posted["native"]["artefacts"]
    ]  # fmt: skip


def test_one_gesture_signs_the_statement_and_every_artefact_of_the_executor(sites: Sites) -> None:
    rows = [(EPOCH, EPOCH_CONTROL), (EVENT, payload(EVENT, CHANCE)), (RECORD, payload(RECORD, CHANCE))]
    portal, page = opened(sites, given(Verb.EXECUTE, rows), DECIDES, NATIVE)
    expect(page.get_by_text("18446744073709551615", exact=True).first).to_be_visible()
    expect(page.get_by_text("1735689600 (2025-01-01 00:00:00 UTC)").first).to_be_visible()
    for kind, data in rows:
        artefact = read_artefact(kind, data)
        expect(page.get_by_text(artefact.code, exact=True)).to_be_visible()
        shown = page.locator(".sign-native", has_text=artefact.code).locator(".sign-all tr")
        lines = [(row.locator("th").inner_text(), row.locator("td").inner_text()) for row in shown.all()]
        assert lines == [(line.path, line.text) for line in artefact.lines()]
    sign(page)
    expect(portal.get_by_role("status")).to_have_text("Signed.")
    (posted,) = sites.posted
    assert posted["native"]["kid"] == NATIVE.kid
    for made, (kind, data) in zip(made_in(posted), rows, strict=True):
        check_made(made)
        assert (made.kind, made.payload) == (kind, data)
    assert signed_by(parse_envelope(canonical(posted["envelope"])), {"": DECIDES.public}) == [""]


def test_an_author_signs_the_contract_and_the_registrys_signature(sites: Sites) -> None:
    data = payload(NULLSPEC, CHANCE)
    portal, page = opened(sites, given(Verb.SUBMIT, [(NULLSPEC, data)]), DECIDES, NATIVE)
    expect(page.get_by_text("then the registry's signature")).to_be_visible()
    sign(page)
    expect(portal.get_by_role("status")).to_have_text("Signed.")
    (made,) = made_in(sites.posted[0])
    check_made(made)
    assert made.detached is not None


def test_an_approver_is_shown_what_the_executor_will_sign_and_signs_nothing_of_it(sites: Sites) -> None:
    rows = [(EPOCH, EPOCH_CONTROL)]
    told = given(Verb.APPROVE, rows, handed=[(EPOCH, fixed_form(EPOCH, EPOCH_CONTROL))])
    portal, page = opened(sites, told, DECIDES)
    expect(page.get_by_text("18446744073709551615", exact=True).first).to_be_visible()
    expect(page.get_by_text("Whoever carries the change out signs it")).to_be_visible()
    page.get_by_label("Passphrase of your key").fill(PASSPHRASE)
    if page.get_by_label("Type the six words").count():
        page.get_by_label("Type the six words").fill(page.locator("#code").inner_text())
    page.get_by_role("button", name="Sign", exact=True).click()
    expect(portal.get_by_role("status")).to_have_text("Signed.")
    assert "native" not in sites.posted[0]


@pytest.mark.parametrize(
    ("handed", "code"),
    [
        ([], "native_missing"),
        ([(EPOCH, EpochControl(7, 1_735_689_600, "ops-1").payload())], "native_differs"),
        ([(EPOCH, EPOCH_CONTROL), (EPOCH, EPOCH_CONTROL)], "native_differs"),
        ([(EPOCH, EPOCH_CONTROL.replace(b'"ops-1"', b' "ops-1"'))], "native_malformed"),
        ([(EPOCH, b'{"forced_epoch":18446744073709551615}')], "native_malformed"),
    ],
    ids=["missing", "another", "added", "reads in two ways", "without what is signed"],
)
def test_a_portal_that_hands_over_something_else_gets_no_signature(
    sites: Sites, handed: list[tuple[str, bytes]], code: str
) -> None:
    told = given(Verb.EXECUTE, [(EPOCH, EPOCH_CONTROL)])
    told["native"]["artefacts"] = [{"kind": kind, "payload": base64.b64encode(data).decode()} for kind, data in handed]
    portal, page = opened(sites, told, DECIDES, NATIVE)
    expect(page.get_by_role("heading", level=1)).to_have_text("Nothing can be signed")
    expect(portal.get_by_role("status")).to_contain_text(code)
    assert sites.posted == []


def test_without_the_native_key_nothing_is_signed_until_its_file_is_imported(sites: Sites) -> None:
    told = given(Verb.EXECUTE, [(EPOCH, EPOCH_CONTROL)])
    portal, page = opened(sites, told, DECIDES)
    expect(page.get_by_role("heading", name="Your native key is not here")).to_be_visible()
    expect(page.get_by_role("button", name="Sign", exact=True)).to_have_count(0)
    page.get_by_label("Encrypted file of your native key").set_input_files(as_file(NATIVE.to_bytes(), "native.json"))
    page.get_by_role("button", name="Keep this key here").click()
    sign(page)
    expect(portal.get_by_role("status")).to_have_text("Signed.")
    check_made(made_in(sites.posted[0])[0])


def test_a_wrong_passphrase_signs_neither(sites: Sites) -> None:
    _, page = opened(sites, given(Verb.EXECUTE, [(EPOCH, EPOCH_CONTROL)]), DECIDES, NATIVE)
    typed = page.get_by_label("Type the six words of the short code")
    if typed.count():
        typed.fill(page.locator("#code").inner_text())
    page.get_by_label("Passphrase of your keys").fill(PASSPHRASE)
    page.get_by_label("Passphrase of your native key").fill("not the passphrase at all")
    page.get_by_role("button", name="Sign", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("passphrase_wrong")
    assert sites.posted == []


def test_what_the_saved_file_signs_is_what_the_page_signs(sites: Sites, tmp_path: Path) -> None:
    told = given(Verb.EXECUTE, [(EPOCH, EPOCH_CONTROL)])
    portal, page = opened(sites, told, DECIDES, NATIVE)
    sign(page)
    expect(portal.get_by_role("status")).to_have_text("Signed.")
    other = sites.context.browser
    assert other is not None
    context = other.new_context(offline=True)
    (tmp_path / "signer.html").write_bytes(saved())
    file = context.new_page()
    file.goto((tmp_path / "signer.html").as_uri())
    for label, data in (("Statement", json.dumps(told).encode()), ("Encrypted key file", DECIDES.to_bytes()),
                        ("Encrypted file of your native key", NATIVE.to_bytes())):  # fmt: skip
        file.get_by_label(label).set_input_files(as_file(data, "f.json"))
    file.get_by_role("button", name="Show the statement").click()
    expect(file.locator("#code")).to_have_text(told["code"])
    sign(file)
    with file.expect_download() as download:
        file.get_by_role("link", name="Save the signatures").click()
    download.value.save_as(tmp_path / "answer.json")
    answer = json.loads((tmp_path / "answer.json").read_bytes())
    assert (answer["native"], answer["envelope"]) == (sites.posted[0]["native"], sites.posted[0]["envelope"])
    context.close()


def test_artefacts_stand_with_what_changes_and_their_digests_with_everything_that_is_signed(sites: Sites) -> None:
    _, page = opened(sites, given(Verb.EXECUTE, [(EPOCH, EPOCH_CONTROL)]), DECIDES, NATIVE)
    expect(page.locator("#code")).to_be_visible()
    titles = page.locator(".sign-part > h2").all_inner_texts()
    assert titles.index("The way back") < titles.index("You sign beside it, with your native key")
    assert titles.index("You sign beside it, with your native key") < titles.index("The rule")
    asked = page.locator(".sign-part", has=page.get_by_role("heading", name="What is asked for"))
    expect(asked.get_by_text("sha256")).to_have_count(0)
    page.locator(".sign-everything > summary").click()
    expect(page.locator(".sign-everything").get_by_text("change.body.native[0].sha256")).to_be_visible()
