"""Guards of every kind, each on its real store."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger.storage.guards import FileGuard, HeadGuard, MemoryGuard, S3Guard
from ledger.storage.guards.redis import RedisGuard
from ledger.storage.guards.s3 import Place
from tests.support.guard_servers import BUCKET, REGION, RedisServer, guard_server, redis_running


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    with tempfile.TemporaryDirectory() as directory, redis_running(Path(directory)) as server:
        yield server


@pytest.fixture(scope="session")
def minio() -> Iterator[int]:
    """A port with an empty bucket; the SDK finds its credentials in the environment."""
    with tempfile.TemporaryDirectory() as directory, guard_server("s3", Path(directory)) as server:
        yield server.port


@pytest.fixture
def s3_place(minio: int, tmp_path: Path) -> Place:
    return Place(BUCKET, f"{tmp_path.name}/", f"http://127.0.0.1:{minio}", REGION)


@pytest.fixture
def origin(tmp_path: Path) -> str:
    """Of this test alone: the servers are shared."""
    return f"log.example/log/acme/{tmp_path.name}"


@pytest.fixture(
    params=[
        "memory",
        "file",
        pytest.param("redis", marks=pytest.mark.optional),
        pytest.param("s3", marks=pytest.mark.optional),
    ]
)
def guard(request: pytest.FixtureRequest, tmp_path: Path) -> HeadGuard:
    def redis() -> Any:
        return RedisGuard(request.getfixturevalue("redis_server").url)

    makers: dict[str, Any] = {
        "memory": MemoryGuard,
        "file": lambda: FileGuard.initialise(tmp_path / "guard"),
        "redis": redis,
        "s3": lambda: S3Guard(request.getfixturevalue("s3_place")),
    }
    made: HeadGuard = makers[request.param]()
    return made
