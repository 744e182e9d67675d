"""What is tried against the signing page: lying portals, strange openers, altered scripts, frames, second messages."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from console import signing_page
from governance.change.core.statement import Statement, built
from governance.change.core.verbs import Verb
from governance.sign.keyfile import KeyFile
from ledger.core.canonical import canonical
from ledger.core.dsse import parse_envelope
from tests.support.signing import PASSPHRASE, fields_for, key_of, statement_for
from tests.support.signing_sites import PORTAL, SIGNER, STRANGER, Sites, answer_of

pytestmark = [pytest.mark.e2e]
HOLD = """
window.heard = [];
window.addEventListener("message", ({ data, origin }) => window.heard.push({ ...data, origin }));
document.addEventListener("click", () => { window.signer = window.open(%s, "_blank", "popup"); });
"""


@pytest.fixture
def key() -> KeyFile:
    return key_of(custody="passphrase")


def attacker(sites: Sites, origin: str) -> tuple[Page, Page]:
    """A page with a script of its own on an origin, and the signing page that it opened."""
    sites.attack = HOLD % json.dumps(f"{SIGNER}/sign/")
    page = sites.context.new_page()
    page.goto(f"{origin}/attack/")
    with sites.context.expect_page() as opened:
        page.locator("body").click()
    return page, opened.value


def send(page: Page, message: dict[str, Any]) -> None:
    page.evaluate("([message, origin]) => window.signer.postMessage(message, origin)", [message, SIGNER])


def message_of(statement: Statement, /, **more: Any) -> dict[str, Any]:
    return {"countersign": "sign", **answer_of(statement), **more}


def heard(page: Page, kind: str) -> list[dict[str, Any]]:
    page.wait_for_function("(kind) => window.heard.some((one) => one.countersign === kind)", arg=kind)
    told: list[dict[str, Any]] = page.evaluate("() => window.heard")
    return [one for one in told if one["countersign"] == kind]


def test_a_page_of_another_origin_gets_no_word_and_no_statement_in(sites: Sites, key: KeyFile) -> None:
    sites.keep(key)
    page, signer = attacker(sites, STRANGER)
    expect(signer.get_by_text(f"It comes from {PORTAL}")).to_be_visible()
    send(page, message_of(statement_for(key)))
    signer.wait_for_timeout(300)
    expect(signer.get_by_role("heading", level=1)).to_have_text("Waiting for the statement")
    assert page.evaluate("() => window.heard") == []
    sites.complaints.clear()  # the browser may tell that `ready` was not for this origin


def test_a_second_window_of_the_portal_is_not_the_opener(sites: Sites, key: KeyFile) -> None:
    sites.keep(key)
    page, signer = attacker(sites, PORTAL)
    heard(page, "ready")
    inner = "(message) => { const one = document.createElement('iframe'); one.id = 'f'; document.body.append(one); }"
    page.evaluate(inner, {})
    page.evaluate(
        "([message, origin]) => document.querySelector('#f').contentWindow.Function"
        "('signer', 'message', 'origin', 'signer.postMessage(message, origin)')(window.signer, message, origin)",
        [message_of(statement_for(key)), SIGNER],
    )
    signer.wait_for_timeout(300)
    expect(signer.get_by_role("heading", level=1)).to_have_text("Waiting for the statement")


def lies() -> dict[str, tuple[dict[str, Any], str]]:
    key = key_of(custody="passphrase")
    good = statement_for(key)
    effect: Any = good.fields["effect"]
    diff = canonical({**good.fields, "effect": {**effect, "diff": [{**effect["diff"][0], "new": "3601"}]}})
    result = canonical({**good.fields, "effect": {**effect, "result": {"oracle": {"ttl_s": 9}}}})
    base64ed = {name: base64.b64encode(data).decode() for name, data in {"diff": diff, "result": result}.items()}
    proto = good.raw.replace(b'"way_back":{', b'"way_back":{"__proto__":{"direction":"tightens"},')
    twice = good.raw[:-1] + b',"verb":"reject"}'
    long = canonical({**good.fields, "effect": {**effect, "way_back": {"a": "x" * 65_536}}})
    long = long[: 65_536 + 1]
    encoded = {name: base64.b64encode(data).decode() for name, data in {"twice": twice, "long": long}.items()}
    policy = base64.b64encode(b'{"rules":[],"v":"countersign-governance-policy/1"}').decode()
    assert proto != good.raw
    return {
        "a difference that does not follow": ({"statement": base64ed["diff"]}, "statement_malformed"),
        "another state than the digest": ({"statement": base64ed["result"]}, "statement_malformed"),
        "a key twice": ({"statement": encoded["twice"]}, "statement_malformed"),
        "64 KiB and one byte": ({"statement": encoded["long"]}, "statement_malformed"),
        "the payload type of another verb": ({"payload_type": Verb.REJECT.payload_type}, "payload_type_wrong"),
        "the payload type of nobody": ({"payload_type": "__proto__"}, "payload_type_wrong"),
        "another short code": ({"code": "acid acid acid acid acid acid"}, "code_differs"),
        "another policy": ({"policy": policy}, "policy_differs"),
        "bytes that are no base64": ({"statement": "AA AA"}, "message_malformed"),
        "a message of another kind": ({"countersign": "please"}, "message_malformed"),
        "a statement that is no text": ({"statement": {"a": 1}}, "message_malformed"),
        "a statement without end": ({"statement": "A" * 200_000}, "message_malformed"),
    }


@pytest.mark.parametrize("name", lies())
def test_a_portal_that_lies_gets_a_refusal_and_no_signature(sites: Sites, key: KeyFile, name: str) -> None:
    sites.keep(key)
    more, code = lies()[name]
    page, _signer = attacker(sites, PORTAL)
    heard(page, "ready")
    send(page, message_of(statement_for(key), **more))
    assert heard(page, "refused")[0]["code"] == code
    assert [one for one in page.evaluate("() => window.heard") if one["countersign"] == "signed"] == []


def test_what_a_portal_says_beside_the_bytes_is_never_shown(sites: Sites, key: KeyFile) -> None:
    """The page of the change may show a harmless difference; the signer shows the one that is signed."""
    sites.keep(key)
    page, signer = attacker(sites, PORTAL)
    heard(page, "ready")
    lie = {"diff": "ttl_s: 3600 -> 60", "title": "A harmless thing", "direction": "tightens"}
    send(page, message_of(statement_for(key), **lie))
    expect(signer.get_by_role("row", name="/oracle/ttl_s")).to_contain_text("7200")
    expect(signer.get_by_text("THIS CHANGE WEAKENS")).to_be_visible()
    assert "harmless" not in signer.inner_text("body")


def test_prototype_keys_are_values_like_others_and_shown(sites: Sites, key: KeyFile) -> None:
    sites.keep(key)
    made = fields_for(key)
    made["effect"]["way_back"] = {"__proto__": {"tier": "low"}, "constructor": 1}
    page, signer = attacker(sites, PORTAL)
    heard(page, "ready")
    send(page, message_of(built(made)))
    expect(signer.locator(".sign-json")).to_have_text('{"__proto__":{"tier":"low"},"constructor":1}')


def test_a_rule_without_a_tier_is_taken_as_critical(sites: Sites, key: KeyFile) -> None:
    sites.keep(key)
    made = fields_for(key)
    made["policy"]["rule"] = {"__proto__": {"tier": "low"}}
    page, signer = attacker(sites, PORTAL)
    heard(page, "ready")
    send(page, message_of(built(made)))
    expect(signer.get_by_label("Type the six words")).to_be_visible()
    expect(signer.get_by_text("taken as critical")).to_be_visible()


def test_text_that_runs_backwards_is_written_out_and_told_first(sites: Sites, key: KeyFile) -> None:
    sites.keep(key)
    made = fields_for(key)
    made["change"]["reason"] = "\u202e<b>000,1</b>\u202c"
    page, signer = attacker(sites, PORTAL)
    heard(page, "ready")
    send(page, message_of(built(made)))
    expect(signer.locator("q")).to_have_text("<U+202E><b>000,1</b><U+202C>")
    expect(signer.get_by_text("characters that cannot be seen")).to_be_visible()
    assert signer.locator("b").count() == 0


def test_a_character_that_is_seen_is_not_told_to_be_unseen(sites: Sites, key: KeyFile) -> None:
    sites.keep(key)
    made = fields_for(key)
    made["change"]["reason"] = "p < 0.05, and <b>"
    page, signer = attacker(sites, PORTAL)
    heard(page, "ready")
    send(page, message_of(built(made)))
    expect(signer.locator("q")).to_have_text("p < 0.05, and <b>")
    expect(signer.get_by_text("characters that cannot be seen")).to_have_count(0)
    assert signer.locator(".is-suspect").count() == 0


def test_one_window_takes_one_statement_and_signs_what_it_showed(sites: Sites, key: KeyFile) -> None:
    sites.keep(key)
    first, second = statement_for(key), statement_for(key, Verb.EXECUTE)
    page, signer = attacker(sites, PORTAL)
    heard(page, "ready")
    send(page, message_of(first))
    send(page, message_of(second))
    assert heard(page, "refused")[0]["code"] == "signer_busy"
    expect(signer.locator("#code")).to_have_text(first.code)
    signer.get_by_label("Passphrase of your key").fill(PASSPHRASE)
    send(page, message_of(second))
    signer.get_by_role("button", name="Sign", exact=True).click()
    (signed,) = heard(page, "signed")
    assert parse_envelope(canonical(signed["envelope"])).payload == first.raw


def test_a_message_that_comes_again_after_the_signature_is_refused(sites: Sites, key: KeyFile) -> None:
    sites.keep(key)
    page, signer = attacker(sites, PORTAL)
    heard(page, "ready")
    send(page, message_of(statement_for(key)))
    signer.get_by_label("Passphrase of your key").fill(PASSPHRASE)
    signer.get_by_role("button", name="Sign", exact=True).click()
    heard(page, "signed")
    send(page, message_of(statement_for(key)))
    assert heard(page, "refused")[0]["code"] == "signer_busy"
    assert len(heard(page, "signed")) == 1
    expect(signer.get_by_role("heading", level=1)).to_have_text("Signed")


def test_a_double_press_signs_once(sites: Sites, key: KeyFile) -> None:
    sites.keep(key)
    page, signer = attacker(sites, PORTAL)
    heard(page, "ready")
    send(page, message_of(statement_for(key)))
    signer.get_by_label("Passphrase of your key").fill(PASSPHRASE)
    signer.get_by_role("button", name="Sign", exact=True).dblclick()
    heard(page, "signed")
    signer.wait_for_timeout(300)
    assert len(heard(page, "signed")) == 1


@pytest.mark.parametrize("field", ["person", "key"])
def test_a_statement_for_another_signer_is_not_signed_with_this_key(sites: Sites, key: KeyFile, field: str) -> None:
    sites.keep(key)
    made = fields_for(key)
    made["signer"]["person"] = "person:other"
    if field == "key":
        made["deployment"]["origin"] = "elsewhere.example/log/_governance/changes"
    page, _ = attacker(sites, PORTAL)
    heard(page, "ready")
    send(page, message_of(built(made)))
    assert heard(page, "refused")[0]["code"] == "key_differs"


def test_an_altered_script_does_not_run(sites: Sites) -> None:
    evil = signing_page.script() + b"\ndocument.body.textContent = 'altered';"
    sites.altered["/sign/signer.js"] = evil
    page = sites.signer()
    page.wait_for_timeout(300)
    expect(page.get_by_role("heading", level=1)).to_contain_text("did not arrive whole")
    assert [one for one in sites.complaints if "integrity" in one]
    sites.complaints.clear()


def test_a_script_without_integrity_does_not_run(sites: Sites) -> None:
    planted = b'<script src="/sign/signer.css"></script><script src="/sign/signer.js" crossorigin></script></head>'
    whole = signing_page.document()
    sites.altered["/sign/"] = whole.replace(b"</head>", planted).replace(b' integrity="', b' data-was="')
    page = sites.signer()
    page.wait_for_timeout(300)
    expect(page.get_by_role("heading", level=1)).to_contain_text("did not arrive whole")
    sites.without = {"Integrity-Policy"}
    expect(sites.signer().get_by_role("heading", level=1)).to_have_text("Signing page")
    sites.complaints.clear()


TRIES = {
    "markup": "document.body.innerHTML = '<p>x</p>'",
    "code": "(0, eval)('1')",
    "a function": "new Function('1')",
    "a script": "document.body.append(Object.assign(document.createElement('script'), { src: '/sign/signer.js' }))",
    "a late script": "setTimeout('1')",
    "a policy": "trustedTypes.createPolicy('default', {})",
    "a connection": f"await fetch('{PORTAL}/decisions/', {{ method: 'POST' }})",
    "its own origin": "await fetch('/sign/digests.json')",
}


@pytest.mark.parametrize("name", TRIES)
def test_a_script_of_the_page_itself_is_held_by_the_policy(
    sites: Sites, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asserted from a script that the page serves: what a debugger evaluates is exempt from the policy."""
    tried = f"(async () => {{ {TRIES[name]}; }})().then(() => 'passed', (problem) => problem.name)"
    program = f"{tried}.then((told) => {{ document.title = told; }});".encode()
    monkeypatch.setattr(signing_page, "script", lambda: program)
    signing_page.document.cache_clear()
    page = sites.signer()
    page.wait_for_function("() => document.title !== 'Sign · Countersign'")
    assert page.title() in {"TypeError", "EvalError"}
    assert sites.complaints
    sites.complaints.clear()


def test_it_stands_in_no_frame(sites: Sites) -> None:
    sites.attack = (
        f"document.body.append(Object.assign(document.createElement('iframe'), {{ src: '{SIGNER}/sign/' }}));"
    )
    page = sites.context.new_page()
    page.goto(f"{PORTAL}/attack/")
    page.wait_for_timeout(500)
    assert [frame.url for frame in page.frames if frame.url.startswith(SIGNER)] == []
    assert [one for one in sites.complaints if "frame-ancestors" in one or "X-Frame-Options" in one]
    sites.complaints.clear()
