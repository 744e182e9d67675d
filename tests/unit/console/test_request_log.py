"""A request leaves one line, with the address that limits count by."""

from __future__ import annotations

from typing import Any

import pytest
import structlog
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from structlog.testing import LogCapture

from console.addresses import Proxies
from console.middleware import RequestId
from console.request_log import RequestLog


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> LogCapture:
    kept = LogCapture()
    written = structlog.wrap_logger(None, [structlog.contextvars.merge_contextvars, kept], structlog.stdlib.BoundLogger)
    monkeypatch.setattr("django_structlog.middlewares.request.logger", written)
    return kept


def ask(**headers: Any) -> None:
    def answered(_: HttpRequest) -> HttpResponse:
        return HttpResponse()

    logged: Any = RequestLog(answered)
    RequestId(logged)(RequestFactory(**headers).get("/streams/"))


def test_one_line_says_who_asked_for_what_and_how_it_ended(lines: LogCapture) -> None:
    ask(HTTP_X_REQUEST_ID="r-1", HTTP_USER_AGENT="curl/8")
    (line,) = lines.entries
    told = {"event": "request_finished", "request": "GET /streams/", "code": 200, "ip": "127.0.0.1"}
    assert line.items() >= {**told, "request_id": "r-1", "user_agent": "curl/8"}.items()


def test_a_claimed_address_is_not_believed(lines: LogCapture) -> None:
    ask(HTTP_X_FORWARDED_FOR="192.0.2.1")
    assert lines.entries[0]["ip"] == "127.0.0.1"


def test_that_of_a_trusted_proxy_is(lines: LogCapture, settings: Any) -> None:
    settings.COUNTERSIGN_TRUSTED_PROXIES = Proxies(hops=1)
    ask(HTTP_X_FORWARDED_FOR="192.0.2.1")
    assert lines.entries[0]["ip"] == "192.0.2.1"
