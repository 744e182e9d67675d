"""The S3 guard against a real S3 store (MinIO): lost answers, damage, and stores that ignore conditions."""

from __future__ import annotations

import importlib
import threading
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest

from ledger.core.head_guard import GuardState, Receipted, Swap
from ledger.storage.guards import S3Guard
from ledger.storage.guards.errors import HeadGuardCorrupt, HeadGuardMissing, HeadGuardUnreachable
from ledger.storage.guards.s3 import PROBE, Place
from tests.support.guard_writer import head, leaf
from tests.support.lossy_proxy import lossy

optional = pytest.mark.optional


def known(held: Receipted) -> bool:
    return held.leaf_hash == leaf(held.size)


def client_of(place: Place) -> Any:
    return importlib.import_module("boto3").client("s3", endpoint_url=place.endpoint, region_name=place.region)


@optional
def test_a_lost_answer_is_found_out_by_reading_again(s3_place: Place, minio: int, origin: str) -> None:
    S3Guard(s3_place).create(origin)
    with lossy(("127.0.0.1", minio), b"PUT ") as proxy:
        guard = S3Guard(replace(s3_place, endpoint=f"http://127.0.0.1:{proxy.port}"))
        proxy.lose = 1
        assert guard.advance_receipted(origin, 3, leaf(3), known) == Receipted(3, leaf(3))
        proxy.lose = 1
        assert guard.swap_head(origin, None, head(4), leaf(4), known) is Swap.OURS
        proxy.lose = 1
        assert not guard.create(f"{origin}/new")
        assert guard.read(f"{origin}/new") == GuardState()
        assert proxy.lost == 3
    assert S3Guard(s3_place).read(origin) == GuardState(Receipted(4, leaf(4)), head(4))


@optional
def test_answers_that_stay_away_are_unreachable(s3_place: Place, minio: int, origin: str) -> None:
    S3Guard(s3_place).create(origin)
    with lossy(("127.0.0.1", minio), b"HTTP/1.1") as proxy:
        guard = S3Guard(replace(s3_place, endpoint=f"http://127.0.0.1:{proxy.port}"))
        proxy.lose = 1_000
        for call in (
            lambda: guard.create(f"{origin}/new"),
            lambda: guard.read(origin),
            lambda: guard.advance_receipted(origin, 1, leaf(1), known),
            guard.check,
        ):
            with pytest.raises(HeadGuardUnreachable):
                call()


@optional
def test_a_damaged_document_is_corrupt_and_a_deleted_one_missing(s3_place: Place, origin: str) -> None:
    guard, client = S3Guard(s3_place), client_of(s3_place)
    name = {"Bucket": s3_place.bucket, "Key": f"{s3_place.prefix}{origin}.json"}
    client.put_object(**name, Body=b"{}")
    with pytest.raises(HeadGuardCorrupt):
        guard.read(origin)
    client.delete_object(**name)
    with pytest.raises(HeadGuardMissing):
        guard.advance_receipted(origin, 1, leaf(1), known)


@optional
def test_a_bucket_that_is_not_there_is_unreachable(s3_place: Place) -> None:
    with pytest.raises(HeadGuardUnreachable, match="NoSuchBucket"):
        S3Guard(replace(s3_place, bucket="nothing-here"))


class _SaysYes(BaseHTTPRequestHandler):
    """A store that knows nothing of conditions: whatever is put, 200."""

    def do_PUT(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(200)
        self.send_header("ETag", '"d41d8cd98f00b204e9800998ecf8427e"')
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name is http.server's
        """Nothing."""


@pytest.fixture
def store_without_conditions(monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "any")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "any")
    server = ThreadingHTTPServer(("127.0.0.1", 0), _SaysYes)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Place("guards", "", f"http://127.0.0.1:{server.server_port}", "us-east-1")
    server.shutdown()
    server.server_close()


class _Conflicts(BaseHTTPRequestHandler):
    """A store as Amazon's: conditions hold, and a write beside another one may be answered 409, or 500, done or not."""

    held: ClassVar[dict[str, bytes]]
    answers: ClassVar[list[tuple[int, bool]]]
    """Status of the next writes of documents, and whether they take effect nevertheless."""

    def do_PUT(self) -> None:
        name, data = self.path, self.rfile.read(int(self.headers.get("Content-Length", 0)))
        before = self.held.get(name)
        wanted = self.headers.get("If-Match")
        wrong = before is not None if self.headers.get("If-None-Match") else before is None or wanted != _etag(before)
        if wrong:
            return self._say(412)
        status, done = self.answers.pop(0) if self.answers and not name.endswith(PROBE) else (200, True)
        if done:
            self.held[name] = data
        return self._say(status)

    def do_GET(self) -> None:
        held = self.held.get(self.path)
        if held is None:
            return self._say(404, b"<Error><Code>NoSuchKey</Code></Error>")
        return self._say(200, held)

    def _say(self, status: int, body: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("ETag", _etag(self.held.get(self.path, b"")))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name is http.server's
        """Nothing."""


def _etag(data: bytes) -> str:
    return f'"{sha256(data).hexdigest()[:32]}"'


@pytest.fixture
def conflicting(monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "any")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "any")
    _Conflicts.held, _Conflicts.answers = {}, []
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Conflicts)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Place("guards", "", f"http://127.0.0.1:{server.server_port}", "us-east-1")
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("done", [False, True])
@pytest.mark.parametrize("status", [409, 500, 503])
def test_an_ambiguous_answer_is_read_again_and_ours_counts_as_success(
    conflicting: Place, origin: str, status: int, *, done: bool
) -> None:
    """MinIO never answers 409; Amazon's store does."""
    guard = S3Guard(conflicting)
    guard.create(origin)
    _Conflicts.answers = [(status, done)]
    assert guard.advance_receipted(origin, 3, leaf(3), known) == Receipted(3, leaf(3))
    assert _Conflicts.answers == []
    _Conflicts.answers = [(status, done)]
    assert guard.swap_head(origin, None, head(4), leaf(4), known) is (Swap.OURS if done else Swap.SWAPPED)
    assert guard.read(origin) == GuardState(Receipted(4, leaf(4)), head(4))


def test_a_store_that_accepts_a_wrong_condition_is_refused(store_without_conditions: Place) -> None:
    with pytest.raises(HeadGuardUnreachable, match="wrong IfMatch and IfNoneMatch"):
        S3Guard(store_without_conditions)


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("s3://bucket", Place("bucket")),
        ("s3://bucket/", Place("bucket")),
        ("s3://bucket/a/b", Place("bucket", "a/b/")),
        (
            "s3://bucket/a?endpoint=https://s3.example:9000&region=eu",
            Place("bucket", "a/", "https://s3.example:9000", "eu"),
        ),
    ],
)
def test_its_url_says_where_it_lies(url: str, place: Place) -> None:
    assert Place.of(url) == place
