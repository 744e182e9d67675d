"""The signing page: the same bytes each time, named by digests, on its own origin alone where it has one."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client, override_settings

from console import signing_page
from console.signing_host import host_of
from console.views.sign import POLICY
from ledger.core.canonical import canonical

ROOT = Path(__file__).resolve().parents[3]
SCRIPTS = sorted((ROOT / "static/js/sign").glob("*.js"))
REACHES = re.compile(
    r"\bfetch\(|XMLHttpRequest|sendBeacon|WebSocket|EventSource|importScripts|\beval\(|innerHTML|outerHTML|https?://"
)
OWN = {"COUNTERSIGN_SIGN_ORIGIN": "https://sign.localhost", "COUNTERSIGN_SITE_URL": "https://portal.localhost"}


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_no_script_of_it_can_reach_anything(script: Path) -> None:
    assert REACHES.findall(script.read_text()) == []
    assert len(script.read_text().splitlines()) <= 400


def test_every_script_is_in_the_one_that_is_served() -> None:
    served = signing_page.script().decode()
    assert [script.name for script in SCRIPTS if f'sources["sign/{script.name}"]' not in served] == []


def test_what_is_served_is_what_the_digests_name() -> None:
    told = json.loads(Client().get("/sign/digests.json").content)
    paths = {"index.html": "/sign/", "signer.css": "/sign/signer.css", "signer.js": "/sign/signer.js"}
    files = {name: hashlib.sha256(Client().get(path).content).hexdigest() for name, path in paths.items()}
    assert told["files"] == files
    assert told["bundle"] == hashlib.sha256(canonical(dict(files))).hexdigest()
    saved = Client().get("/sign/countersign-sign.html")
    assert told["saved"] == hashlib.sha256(saved.content).hexdigest()
    assert saved["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize("path", ["/sign/", "/sign/signer.js", "/sign/signer.css"])
def test_every_answer_carries_the_strict_policy_and_no_cookie(path: str) -> None:
    answer = Client().get(path)
    assert answer["Content-Security-Policy"] == POLICY
    assert "connect-src 'none'" in POLICY
    assert answer["Integrity-Policy"] == "blocked-destinations=(script)"
    assert answer["Cross-Origin-Opener-Policy"] == "unsafe-none"
    assert answer["X-Frame-Options"] == "DENY"
    assert not answer.cookies
    assert Client().post(path).status_code == 405


def test_the_page_is_the_same_for_everybody() -> None:
    plain, asked = Client().get("/sign/"), Client().get("/sign/?next=x", headers={"accept-language": "de"})
    assert plain.content == asked.content
    assert b"csrf" not in plain.content


@override_settings(**OWN)
def test_on_an_origin_of_its_own_it_stands_there_alone() -> None:
    own, portal = Client(headers={"host": "sign.localhost"}), Client(headers={"host": "portal.localhost"})
    signing_page.document.cache_clear()
    try:
        assert b'data-portal="https://portal.localhost"' in own.get("/sign/").content
    finally:
        signing_page.document.cache_clear()
    for path in ("/login/", "/static/js/page.js", "/api/v1/streams/", "/"):
        assert own.get(path).status_code == 404, path
    sent = portal.get("/sign/")
    assert (sent.status_code, sent["Location"]) == (302, "https://sign.localhost/sign/")


@pytest.mark.parametrize("text", ["sign.example", "https://sign.example/", "ftp://x", "https://", "https://a/b"])
def test_what_is_no_origin_is_refused(text: str) -> None:
    with pytest.raises(ImproperlyConfigured):
        host_of(text)
