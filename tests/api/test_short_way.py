"""An append by token gets on its short way what the whole chain of middleware would have answered."""

from __future__ import annotations

import io
import json
import re
from typing import Any

import pytest

from console import settings
from console.handler import SHORT, Handler
from console.metrics import registry
from tests.support.counts import rows_of
from tests.support.world import Place

EVENT = b'{"type":"t","payload":1}'
_FRESH = re.compile(r'"(id|time|instance|trace|request_id)":"[^"]*"')


@pytest.fixture(scope="module")
def handler() -> Handler:
    return Handler()


def call(handler: Handler, path: str, body: bytes, **more: str) -> tuple[str, dict[str, str], bytes]:
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "POST", "PATH_INFO": path, "SERVER_NAME": "localhost", "SERVER_PORT": "80",
        "HTTP_HOST": "localhost", "CONTENT_TYPE": "application/json", "CONTENT_LENGTH": str(len(body)),
        "HTTP_X_REQUEST_ID": "r-1", "REMOTE_ADDR": "127.0.0.1", "wsgi.input": io.BytesIO(body),
        "wsgi.url_scheme": "http", "wsgi.errors": io.StringIO(), **more,
    }  # fmt: skip
    told: list[Any] = []
    begin: Any = lambda *args: told.extend(args)  # noqa: E731 - WSGI's own signature
    answer: Any = handler(environ, begin)
    try:
        return told[0], dict(told[1]), b"".join(answer)
    finally:
        answer.close()


def asked(where: Place) -> dict[str, tuple[str, bytes, dict[str, str]]]:
    bearer = {"HTTP_AUTHORIZATION": where.bearer["Authorization"]}
    events = f"{where.path}events/"
    return {
        "no event": (events, b"{}", bearer),
        "no JSON": (events, b"{", bearer),
        "another type": (events, EVENT, {**bearer, "CONTENT_TYPE": "text/html"}),
        "nobody": (events, EVENT, {"HTTP_AUTHORIZATION": "Bearer cs_key_" + "0" * 32 + "_" + "A" * 43}),
        "no token": (events, EVENT, {"HTTP_AUTHORIZATION": "Bearer x"}),
        "no stream": ("/api/v1/streams/acme/none/events/", EVENT, bearer),
        "elsewhere": ("/api/v1/streams/other/decisions/events/", EVENT, bearer),
        "no host of ours": (events, EVENT, {**bearer, "HTTP_HOST": "evil example"}),
        "too long": (events, b"", {**bearer, "CONTENT_LENGTH": str(1 << 40)}),
        "over TLS": (events, b"{}", {**bearer, "wsgi.url_scheme": "https"}),
    }


REFUSED = [
    "no event", "no JSON", "another type", "nobody", "no token", "no stream", "elsewhere", "no host of ours",
    "too long", "over TLS",
]  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_a_refusal_is_the_same_on_both_ways(
    what: str, acme: Place, other: Place, handler: Handler, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, body, more = asked(acme)[what]
    short = call(handler, path, body, **more)
    monkeypatch.setattr("console.handler.append_at", lambda _: None)
    assert _bare(short) == _bare(call(handler, path, body, **more))


def test_an_event_is_taken_with_the_same_headers(
    acme: Place, handler: Handler, monkeypatch: pytest.MonkeyPatch
) -> None:
    bearer = {"HTTP_AUTHORIZATION": acme.bearer["Authorization"]}
    body = [b'{"type":"t","id":"%d","payload":1}' % number for number in (1, 2)]
    short = call(handler, f"{acme.path}events/", body[0], **bearer)
    monkeypatch.setattr("console.handler.append_at", lambda _: None)
    long = call(handler, f"{acme.path}events/", body[1], **bearer)
    assert short[0] == long[0] == "201 Created"
    assert short[1] == {**long[1], "Content-Length": str(len(short[2]))}
    assert json.loads(short[2]).keys() == json.loads(long[2]).keys()


def test_it_is_counted_under_its_route(acme: Place, handler: Handler) -> None:
    labels = {"route": "api:events", "method": "POST", "status": "2xx"}
    before = registry.get_sample_value("countersign_requests_total", labels) or 0
    call(handler, f"{acme.path}events/", EVENT, HTTP_AUTHORIZATION=acme.bearer["Authorization"])
    assert registry.get_sample_value("countersign_requests_total", labels) == before + 1


def test_a_denial_is_recorded(acme: Place, other: Place, handler: Handler) -> None:
    before = rows_of("_system")
    path, body, more = asked(acme)["elsewhere"]
    assert call(handler, path, body, **more)[0].startswith("404")
    assert rows_of("_system") != before


@pytest.mark.parametrize(
    "more",
    [{"REQUEST_METHOD": "GET"}, {"HTTP_COOKIE": "a=b"}, {"HTTP_AUTHORIZATION": "Basic x"}, {"PATH_INFO": "/events/"}],
)
def test_whatever_is_no_append_by_token_goes_the_long_way(
    acme: Place, handler: Handler, monkeypatch: pytest.MonkeyPatch, more: dict[str, str]
) -> None:
    monkeypatch.setattr(handler, "_short", lambda _: pytest.fail("the short way"))
    bearer = {"HTTP_AUTHORIZATION": acme.bearer["Authorization"]}
    call(handler, f"{acme.path}events/", b"", **{**bearer, **more})


def test_the_short_way_is_a_part_of_the_long_one_in_its_order() -> None:
    assert [name for name in settings.MIDDLEWARE if name in SHORT] == list(SHORT)


def _bare(told: tuple[str, dict[str, str], bytes]) -> tuple[str, dict[str, str], str]:
    return told[0], told[1], _FRESH.sub("", told[2].decode())
