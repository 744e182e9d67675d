"""A log through the product's own web server: HEAD without a body, one gzip, 304, and every path as it is written."""

from __future__ import annotations

import gzip
from http.client import HTTPConnection, HTTPResponse

import pytest

from ledger.core.tiles import decode_entries
from tests.api.test_over_the_wire import port  # noqa: F401 - a fixture
from tests.support.publishing import grown, publish
from tests.support.world import Place

PREFIX = "/log/acme/decisions"


def ask(port: int, method: str, path: str, **headers: str) -> tuple[HTTPResponse, bytes]:  # noqa: F811 - its value
    link = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        link.request(method, path, headers={"Host": "localhost", **headers})
        answer = link.getresponse()
        return answer, answer.read()
    finally:
        link.close()


@pytest.fixture
def served(acme: Place, port: int) -> int:  # noqa: F811 - asks for the fixture
    """The server's port, with a public log of three leaves."""
    publish(grown(acme.stream, 3), tiles=True, entries=True)
    return port


def test_a_log_is_served_whole_packed_once_and_not_again(served: int) -> None:
    bundle = f"{PREFIX}/tile/entries/000.p/3"
    plain, data = ask(served, "GET", bundle)
    assert (plain.status, len(decode_entries(data, 3))) == (200, 3)
    packed, body = ask(served, "GET", bundle, **{"Accept-Encoding": "gzip"})
    assert (packed.headers["Content-Encoding"], gzip.decompress(body)) == ("gzip", data)
    head, nothing = ask(served, "HEAD", bundle, **{"Accept-Encoding": "gzip"})
    assert (head.status, head.headers["Content-Length"], nothing) == (200, str(len(body)), b"")
    same, nothing = ask(served, "GET", bundle, **{"If-None-Match": plain.headers["ETag"]})
    assert (same.status, nothing) == (304, b"")


def test_strange_paths_are_neither_there_nor_redirected(served: int) -> None:
    for path in ("/checkpoint/", "/tile/0/000.p/03", "/tile/0//000.p/3", "/tile/0/../0/000.p/3", "//checkpoint"):
        answer, _ = ask(served, "GET", PREFIX + path)
        assert (answer.status, answer.headers["Location"]) == (404, None), path
    assert ask(served, "GET", f"{PREFIX}/tile/0/000.p/3")[0].status == 200
