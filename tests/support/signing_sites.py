"""A portal and a signing page on origins of their own, answered by Django itself within a real browser: no server."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from django.test import Client
from playwright.sync_api import BrowserContext, FilePayload, Page, Route, expect

from governance.change.core.statement import Statement
from governance.sign.keyfile import KeyFile

PORTAL = "http://portal.localhost:8000"
SIGNER = "http://sign.localhost:8000"
STRANGER = "http://stranger.localhost:8000"
_PORTAL_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; "
        "frame-ancestors 'none'; frame-src *; require-trusted-types-for 'script'; trusted-types default"
    ),
    "Cross-Origin-Opener-Policy": "same-origin-allow-popups",
}
_PAGE = """<!doctype html><html lang="en"><title>Portal</title><body>
<form data-sign-status><input type="hidden" name="csrfmiddlewaretoken" value="token-of-the-form">
<button type="button" data-sign-here data-signer="{signer}/sign/" data-{kind}="/statement.json" data-post="/decisions/">
Approve</button><p role="status"></p></form>
<script type="module" src="/static/js/sign_here.js"></script></body></html>"""
_ATTACK = """<!doctype html><html lang="en"><title>Page</title><body><p>A page.</p>
<script src="/attack.js"></script></body></html>"""


def answer_of(statement: Statement, /, **more: Any) -> dict[str, Any]:
    """What the portal's API gives for a statement; `more` replaces, for a portal that lies."""
    raw = base64.b64encode(statement.raw).decode()
    return {"payload_type": statement.verb.payload_type, "statement": raw, "code": statement.code, **more}


def as_file(data: bytes, name: str) -> FilePayload:
    """Bytes as a person would choose them from a disk."""
    return {"name": name, "mimeType": "application/json", "buffer": data}


@dataclass
class Sites:
    """Both sites in one browser context. `given` is what the portal answers; `posted` is what came back to it."""

    context: BrowserContext
    given: dict[str, Any] = field(default_factory=dict)
    kind: str = "statement"
    attack: str = ""
    altered: dict[str, bytes] = field(default_factory=dict)
    without: set[str] = field(default_factory=set)
    posted: list[dict[str, Any]] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Answer every request of the context here."""
        self.context.route("**/*", self._answer)
        self.context.on("console", lambda one: self.complaints.append(one.text) if one.type == "error" else None)

    def _answer(self, route: Route) -> None:
        request = route.request
        parts = urlsplit(request.url)
        self.asked.append(request.url)
        origin = f"{parts.scheme}://{parts.netloc}"
        if parts.path.startswith("/static/"):
            route.fulfill(path=f"static/{parts.path.removeprefix('/static/')}", content_type="text/javascript")
        elif origin == SIGNER:
            self._signer(route, parts.path, parts.netloc)
        elif parts.path == "/attack.js":
            route.fulfill(body=self.attack, content_type="text/javascript")
        elif origin == STRANGER or parts.path == "/attack/":
            route.fulfill(body=_ATTACK, content_type="text/html")
        else:
            self._portal(route, parts.path)

    def _signer(self, route: Route, path: str, host: str) -> None:
        answer = Client().get(path, headers={"host": host})
        body = self.altered.get(path, answer.content)
        headers = {
            name: value for name, value in answer.headers.items() if name not in {"Content-Length", *self.without}
        }
        route.fulfill(status=answer.status_code, headers=headers, body=body)

    def _portal(self, route: Route, path: str) -> None:
        if path == "/statement.json":
            route.fulfill(body=json.dumps(self.given), content_type="application/json")
        elif path == "/decisions/":
            token = route.request.headers.get("x-csrftoken")
            self.posted.append({**(route.request.post_data_json or {}), "token": token})
            route.fulfill(body="{}", content_type="application/json")
        else:
            page = _PAGE.format(signer=SIGNER, kind=self.kind)
            route.fulfill(body=page, content_type="text/html", headers=_PORTAL_HEADERS)

    def press(self) -> tuple[Page, Page]:
        """The portal's page and the signing page that its button opened."""
        portal = self.context.new_page()
        portal.goto(f"{PORTAL}/change/")
        with self.context.expect_page() as opened:
            portal.get_by_role("button", name="Approve").click()
        return portal, opened.value

    def keep(self, key: KeyFile) -> None:
        """Import a key into the signing page, as a person does."""
        page = self.signer()
        page.get_by_label("Encrypted key file").set_input_files(as_file(key.to_bytes(), "key.json"))
        page.get_by_role("button", name="Keep this key here").click()
        expect(page.get_by_text(key.kid)).to_be_visible()
        page.close()

    def signer(self) -> Page:
        """The signing page opened by nobody."""
        page = self.context.new_page()
        page.goto(f"{SIGNER}/sign/")
        return page
