"""The log knows which signing page is served: entered once for each page, and compared by whoever fetches it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from console import signing_page, signing_record
from console.signing_record import newest_entry, publish_if_new
from ledger.selectors.leaves import EventFilter, events_in
from ledger.selectors.streams import stream
from tests.support.clones import Clone
from tests.support.world import found_platform

pytestmark = pytest.mark.db


@pytest.fixture(autouse=True)
def founded(ledger_db: Clone) -> None:
    found_platform()


class _Server(ThreadingHTTPServer):
    files: dict[str, bytes]
    moved: str = ""


class _Page(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        if self.server.moved:
            self.send_response(302)
            self.send_header("Location", self.server.moved)
            self.end_headers()
            return
        data = self.server.files.get(self.path)
        self.send_response(200 if data is not None else 404)
        self.end_headers()
        self.wfile.write(data or b"")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (the base's name)
        """Nothing."""


@pytest.fixture
def served() -> Iterator[_Server]:
    """The page over a real socket."""
    server = _Server(("127.0.0.1", 0), _Page)
    server.files = {
        "/sign/": signing_page.document(), "/sign/signer.css": signing_page.style(),
        "/sign/signer.js": signing_page.script(), f"/sign/{signing_page.FILE_NAME}": signing_page.saved(),
    }  # fmt: skip
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def address(server: _Server) -> str:
    return f"http://127.0.0.1:{server.server_address[1]}/sign/"


def entries() -> int:
    return len(events_in(stream("_system", "events"), None, 50, EventFilter(type="console:signer:published")))


def test_a_start_enters_the_page_once_and_again_when_it_is_another(monkeypatch: pytest.MonkeyPatch) -> None:
    assert publish_if_new()
    assert not publish_if_new()
    assert entries() == 1
    other = {**signing_page.digests(), "bundle": "ab" * 32}
    monkeypatch.setattr(signing_record, "digests", lambda: other)
    assert publish_if_new()
    assert entries() == 2
    entry = newest_entry()
    assert entry is not None
    assert entry.names(other)


def test_the_command_says_whether_it_was_new(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("signer_page_publish", "--json")
    call_command("signer_page_publish", "--json")
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert (first["new"], second["new"], first["bundle"]) == (True, False, signing_page.digests()["bundle"])


def test_the_page_that_is_served_is_the_one_of_the_log(served: _Server, capsys: pytest.CaptureFixture[str]) -> None:
    publish_if_new()
    call_command("signer_page_watch", address(served), "--json")
    told = json.loads(capsys.readouterr().out)
    assert told["bundle"] == signing_page.digests()["bundle"]
    assert told["expected_by"].startswith("record ")


def test_one_octet_of_difference_is_told(served: _Server) -> None:
    publish_if_new()
    for path in (*served.files,):
        before = served.files[path]
        served.files[path] = before + b"\n"
        with pytest.raises(CommandError, match="is not the expected one"):
            call_command("signer_page_watch", address(served))
        served.files[path] = before
    call_command("signer_page_watch", address(served))


def test_what_is_expected_can_be_given_without_the_log(served: _Server) -> None:
    bundle = str(signing_page.digests()["bundle"])
    call_command("signer_page_watch", address(served), "--expect", bundle.upper())
    with pytest.raises(CommandError, match="is not the expected one"):
        call_command("signer_page_watch", address(served), "--expect", "ab" * 32)


def test_a_redirect_and_a_page_that_does_not_come_are_no_match(served: _Server) -> None:
    publish_if_new()
    served.moved = address(served)
    with pytest.raises(CommandError, match="cannot be fetched"):
        call_command("signer_page_watch", address(served))
    with pytest.raises(CommandError, match="cannot be fetched"):
        call_command("signer_page_watch", "http://127.0.0.1:1/sign/")
    with pytest.raises(CommandError, match="https:// is expected"):
        call_command("signer_page_watch", "file:///etc/passwd")


def test_a_log_without_an_entry_says_so(served: _Server) -> None:
    with pytest.raises(CommandError, match="knows no signing page"):
        call_command("signer_page_watch", address(served))
