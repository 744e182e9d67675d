"""The browser checks by itself what the page says: signature, weak keys, commitments; and tells what it cannot."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from playwright.sync_api import Page, expect

from governance.identity.core.roles import Role
from ledger.selectors.keys import log_vkeys
from tests.e2e.conftest import Site, sign_in, somebody
from tests.support.tampering import replace_object

pytestmark = [pytest.mark.e2e]
EVENT = "/streams/acme/decisions/events/21/"
REPLACED = 22
WITHOUT_ED25519 = """
const known = crypto.subtle.importKey.bind(crypto.subtle);
crypto.subtle.importKey = (form, key, kind, ...rest) => kind?.name === "Ed25519"
  ? Promise.reject(new DOMException("no such algorithm", "NotSupportedError")) : known(form, key, kind, ...rest);
"""
# RFC 8032, 7.1, test 3; then keys of order 1, 2, 4 and 8, one in a second encoding, and a short one.
CHECKS = """async () => {
  const { verify, weakness } = await import("/static/js/ed25519.js");
  const { bytesOf } = await import("/static/js/bytes.js");
  const key = bytesOf("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025");
  const signature = bytesOf("6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
    + "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a");
  const message = bytesOf("af82");
  const larger = signature.slice();
  larger.set(bytesOf("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010"), 32);
  const small = signature.slice();
  small.set(bytesOf("01" + "00".repeat(31)), 0);
  const weak = ["01" + "00".repeat(31), "ec" + "ff".repeat(30) + "7f", "00".repeat(32), "00".repeat(31) + "80",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "ed" + "ff".repeat(30) + "7f", "f0" + "ff".repeat(30) + "7f", "00".repeat(31)];
  return [await verify(key, message, signature), await verify(key, bytesOf("af83"), signature),
    await verify(key, message, larger), await verify(key, message, small), weakness(key),
    weak.map((one) => Boolean(weakness(bytesOf(one))))];
}"""


@pytest.fixture(scope="module")
def site(shared_site: Site) -> Site:
    """Nothing here changes what another test reads."""
    return shared_site


@pytest.fixture
def ada(site: Site, tab: Page) -> Site:
    cache.clear()
    sign_in(tab, site, somebody(site, Role.TENANT_ADMIN))
    return site


def forge(tab: Page, change: Callable[[str], str]) -> None:
    """Let the server lie: the page arrives changed."""

    def changed(route: Any) -> None:
        answer = route.fetch()
        text = answer.text()
        assert change(text) != text
        route.fulfill(response=answer, body=change(text))

    tab.route(f"**{EVENT}", changed)


def test_it_verifies_the_signature_under_the_logs_key(ada: Site, tab: Page) -> None:
    (key,) = log_vkeys(ada.house.stream.id)
    tab.goto(ada.url + EVENT)
    told = tab.locator("[data-told=signature]")
    expect(told).to_have_text(f"It verified the signature of the note just now, under {key.name}+{key.key_id.hex()}.")
    expect(tab.locator("[data-verdict]")).to_have_class(re.compile("is-pass"))


def other_size(text: str) -> str:
    """One more leaf in the signed text, and in the page that shows it."""
    number = re.search(r'data-size="(\d+)"', text)
    assert number
    more = str(int(number[1]) + 1)
    text = text.replace(number[0], f'data-size="{more}"')
    return text.replace(f"0a{number[1].encode().hex()}0a", f"0a{more.encode().hex()}0a", 1)


def other_root(text: str) -> str:
    return re.sub(r'data-root="[0-9a-f]{2}', 'data-root="ff', text)


def other_key(text: str) -> str:
    return re.sub(r'(data-vkeys="[^"+]+\+)[0-9a-f]{8}', r"\g<1>00000000", text)


@pytest.mark.parametrize("change", [other_size, other_key, lambda text: re.sub('data-vkeys="[^"]+"', "", text)])
def test_a_note_that_its_key_did_not_sign_is_found(ada: Site, tab: Page, change: Callable[[str], str]) -> None:
    forge(tab, change)
    tab.goto(ada.url + EVENT)
    expect(tab.locator("[data-told=signature]")).to_have_text(re.compile("It found NO valid signature on the note"))
    expect(tab.locator("[data-verdict]")).to_have_class(re.compile("is-fail"))


def test_the_root_is_the_notes_and_not_the_one_beside_it(ada: Site, tab: Page) -> None:
    forge(tab, other_root)
    tab.goto(ada.url + EVENT)
    expect(tab.locator("[data-told=root]")).to_have_text("Your browser recomputed this root just now: equal.")


def test_a_browser_without_ed25519_says_so_and_claims_nothing(ada: Site, tab: Page) -> None:
    tab.add_init_script(WITHOUT_ED25519)
    tab.goto(ada.url + EVENT)
    told = tab.locator("[data-told=signature]")
    expect(told).to_have_text(re.compile("It does not know Ed25519, so only this server verified the signature"))
    expect(tab.locator("[data-told=root]")).to_have_text("Your browser recomputed this root just now: equal.")


def test_weak_keys_and_second_forms_are_refused_by_a_check_of_its_own(ada: Site, tab: Page) -> None:
    tab.goto(ada.url + EVENT)
    true, other_message, large_s, small_r, weak, refused = tab.evaluate(CHECKS)
    assert (true, other_message, large_s, small_r, weak) == (True, False, False, False, "")
    assert refused == [True] * 9


def test_it_opens_both_commitments(ada: Site, tab: Page) -> None:
    tab.goto(ada.url + EVENT)
    for role in ("attributes", "payload"):
        expect(tab.get_by_text(f"Your browser opened the commitment to the {role} just now: equal.")).to_be_visible()


def test_it_finds_a_payload_that_was_replaced(ada: Site, tab: Page) -> None:
    forged = b'{"model":"m-3","outcome":"accept","score":20}'
    replace_object(ada.house.stream.id, REPLACED, "payload", data=forged, size=len(forged))
    tab.goto(f"{ada.url}/streams/acme/decisions/events/{REPLACED}/")
    told = tab.locator("[data-object=payload] [data-opened]")
    expect(told).to_contain_text("Your browser hashed the payload just now: NOT what this leaf commits to.")
    expect(told).to_have_class(re.compile("is-fail"))
    expect(tab.locator("[data-object=attrs] [data-opened]")).to_have_class(re.compile("is-pass"))


def test_it_finds_a_server_that_shows_another_text_than_it_hashed(ada: Site, tab: Page) -> None:
    forge(tab, lambda text: text.replace("&quot;refer&quot;", "&quot;accept&quot;"))
    tab.goto(ada.url + EVENT)
    told = tab.locator("[data-object=payload] [data-opened]")
    expect(told).to_contain_text("equal, but the text shown here says something else")
    expect(told).to_have_class(re.compile("is-fail"))
