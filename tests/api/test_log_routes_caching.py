"""What caches may keep of a log, conditional requests, HEAD, and gzip at most once."""

from __future__ import annotations

import gzip
import hashlib
from typing import Any

import pytest
from django.test import Client

from console.api.log.answers import takes_gzip
from governance.identity.core.roles import Role
from governance.identity.factors import BEGAN
from ledger.core.tiles import decode_entries
from ledger.selectors.streams import StreamView
from tests.support.publishing import get, grown, publish
from tests.support.world import Place, person, signed_in

TILE, ENTRIES, HEAD = "tile/0/000.p/3", "tile/entries/000.p/3", "checkpoint"
FOR_EVER = "max-age=31536000, immutable"


@pytest.fixture
def stream(acme: Place) -> StreamView:
    """A public log of three leaves."""
    made = grown(acme.stream, 3)
    publish(made, tiles=True, entries=True)
    return made


@pytest.mark.parametrize(
    ("path", "kind", "caching"),
    [
        (HEAD, "text/plain; charset=utf-8", "no-cache"),
        (TILE, "application/octet-stream", FOR_EVER),
        (ENTRIES, "application/octet-stream", FOR_EVER),
    ],
)
def test_types_and_caching_are_those_of_the_specification(
    client: Client, acme: Place, stream: StreamView, path: str, kind: str, caching: str
) -> None:
    answer = get(client, stream, path)
    assert (answer["Content-Type"], answer["Cache-Control"]) == (kind, f"public, {caching}")
    assert answer["ETag"] == f'"{hashlib.sha256(answer.content).hexdigest()[:32]}"'
    assert answer["Content-Length"] == str(len(answer.content))
    publish(stream, entries=False)
    publish(stream, tiles=False)
    private = get(client, stream, path, **acme.bearer)
    assert (private["Content-Type"], private["Cache-Control"]) == (kind, f"private, {caching}")
    assert {"Authorization", "Cookie"} <= set(private["Vary"].split(", "))
    assert (private.content, private["ETag"]) == (answer.content, answer["ETag"])
    assert "Access-Control-Allow-Origin" not in private
    assert private["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.parametrize("path", [HEAD, TILE, ENTRIES])
def test_a_public_answer_carries_nothing_of_who_asked(acme: Place, stream: StreamView, path: str) -> None:
    browser = signed_in(person("dev@acme.test", Role.TENANT_DEVELOPER, acme.tenant))
    answer = get(browser, stream, path)
    assert answer.status_code == 200
    assert BEGAN in browser.session  # the middleware wrote to the session, and would set its cookie
    assert not answer.cookies
    assert "Cookie" not in answer.get("Vary", "")
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert answer["Cross-Origin-Resource-Policy"] == "cross-origin"


@pytest.mark.parametrize("path", [HEAD, TILE, ENTRIES])
def test_what_is_known_is_not_sent_again(client: Client, acme: Place, stream: StreamView, path: str) -> None:
    first = get(client, stream, path)
    for known in (first["ETag"], f"W/{first['ETag']}", f'"other", {first["ETag"]}', "*"):
        again = get(client, stream, path, **{"If-None-Match": known})
        assert (again.status_code, again.content) == (304, b"")
        assert (again["ETag"], again["Cache-Control"]) == (first["ETag"], first["Cache-Control"])
        assert again["Access-Control-Allow-Origin"] == "*"
    assert get(client, stream, path, **{"If-None-Match": '"other"'}).status_code == 200
    assert get(client, stream, path, **{"If-Match": '"other"'}).status_code == 412


def test_a_condition_opens_nothing(client: Client, acme: Place, stream: StreamView) -> None:
    known = get(client, stream, TILE)["ETag"]
    publish(stream, entries=False)
    publish(stream, tiles=False)
    assert get(client, stream, TILE, **{"If-None-Match": known}).status_code == 404
    assert get(client, stream, TILE, **{"If-None-Match": known, **acme.bearer}).status_code == 304


def test_the_checkpoint_is_another_one_after_the_next_seal(client: Client, stream: StreamView) -> None:
    known = get(client, stream, HEAD)["ETag"]
    grown(stream, 6)
    assert get(client, stream, HEAD, **{"If-None-Match": known}).status_code == 200


@pytest.mark.parametrize("path", [HEAD, TILE, ENTRIES])
@pytest.mark.parametrize("accepted", ["identity", "gzip"])
def test_head_says_what_get_would(client: Client, stream: StreamView, path: str, accepted: str) -> None:
    asked = {"Accept-Encoding": accepted}
    full = get(client, stream, path, **asked)
    head: Any = client.head(f"/log/acme/decisions/{path}", headers=asked)
    assert (head.status_code, head.content) == (200, b"")
    names = ("Content-Type", "Content-Length", "ETag", "Cache-Control", "Content-Encoding", "Vary")
    assert [head.get(name) for name in names] == [full.get(name) for name in names]
    assert client.head("/log/acme/decisions/tile/0/000.p/2").status_code == 404


def test_entries_are_compressed_once_and_only_for_who_takes_it(client: Client, stream: StreamView) -> None:
    plain = get(client, stream, ENTRIES)
    packed = get(client, stream, ENTRIES, **{"Accept-Encoding": "gzip, deflate, br"})
    assert "Content-Encoding" not in plain
    assert packed["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == plain.content
    assert len(decode_entries(plain.content, 3)) == 3
    assert packed["Content-Length"] == str(len(packed.content))
    assert plain["Vary"] == packed["Vary"] == "Accept-Encoding"
    assert packed["ETag"] != plain["ETag"]
    again = get(client, stream, ENTRIES, **{"Accept-Encoding": "gzip", "If-None-Match": packed["ETag"]})
    assert (again.status_code, again["Vary"]) == (304, "Accept-Encoding")
    assert get(client, stream, ENTRIES, **{"Accept-Encoding": "gzip"}).content == packed.content


@pytest.mark.parametrize("path", [HEAD, TILE])
def test_hashes_are_not_compressed(client: Client, stream: StreamView, path: str) -> None:
    assert "Content-Encoding" not in get(client, stream, path, **{"Accept-Encoding": "gzip"})


@pytest.mark.parametrize(
    ("header", "taken"),
    [
        ("gzip", True), ("GZIP", True), ("br, gzip", True), ("gzip;q=0.5", True), ("gzip ; q=1.0", True),
        ("", False), ("identity", False), ("br", False), ("gzip;q=0", False), ("gzip;q=0.000", False),
        ("x-gzip", False), ("gzipped", False), ("gzip;q=x", False), ("*", False),
    ],
)  # fmt: skip
def test_gzip_is_taken_where_it_is_named(header: str, *, taken: bool) -> None:
    assert takes_gzip(header) is taken
