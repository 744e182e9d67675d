"""The Redis guard against a real redis-server: what it refuses, and what it survives."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis

from ledger.core.head_guard import GuardState, Receipted, Swap
from ledger.storage.guards.errors import HeadGuardCorrupt, HeadGuardMissing, HeadGuardUnreachable
from ledger.storage.guards.redis import PREFIX, RedisGuard
from tests.support.guard_servers import DURABLE, RedisServer, redis_running
from tests.support.guard_writer import head, leaf
from tests.support.lossy_proxy import lossy

pytestmark = pytest.mark.optional
ROOT = Path(__file__).resolve().parents[4]


def known(held: Receipted) -> bool:
    return held.leaf_hash == leaf(held.size)


@pytest.fixture
def own_redis() -> Iterator[RedisServer]:
    with tempfile.TemporaryDirectory() as directory, redis_running(Path(directory)) as server:
        yield server


def client_of(server: RedisServer) -> Any:
    return redis.Redis.from_url(server.url)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("appendonly", "no"),
        ("appendfsync", "everysec"),
        ("appendfsync", "no"),
        ("maxmemory-policy", "allkeys-lru"),
        ("maxmemory-policy", "volatile-ttl"),
    ],
)
def test_an_instance_that_may_lose_writes_is_refused(own_redis: RedisServer, setting: str, value: str) -> None:
    RedisGuard(own_redis.url)
    client_of(own_redis).config_set(setting, value)
    with pytest.raises(HeadGuardUnreachable, match=f"{setting} is {value}"):
        RedisGuard(own_redis.url)


def test_an_instance_that_does_not_tell_is_refused() -> None:
    mute = (*DURABLE, "--rename-command", "CONFIG", "")
    with (
        tempfile.TemporaryDirectory() as directory,
        redis_running(Path(directory), mute) as server,
        pytest.raises(HeadGuardUnreachable, match="refuses to answer"),
    ):
        RedisGuard(server.url)


def test_a_replica_is_refused(own_redis: RedisServer) -> None:
    client_of(own_redis).replicaof("127.0.0.1", own_redis.port + 1)
    with pytest.raises(HeadGuardUnreachable, match="role is slave"):
        RedisGuard(own_redis.url)


def test_without_an_instance_it_is_unreachable(own_redis: RedisServer, origin: str) -> None:
    guard = RedisGuard(own_redis.url)
    guard.create(origin)
    own_redis.kill()
    for call in (
        lambda: guard.create(origin),
        lambda: guard.read(origin),
        lambda: guard.advance_receipted(origin, 1, leaf(1), known),
        lambda: guard.swap_head(origin, None, head(1), leaf(1), known),
        lambda: RedisGuard(own_redis.url),
    ):
        with pytest.raises(HeadGuardUnreachable):
            call()


def test_a_full_instance_acknowledges_nothing(own_redis: RedisServer, origin: str) -> None:
    guard = RedisGuard(own_redis.url)
    guard.create(origin)
    client_of(own_redis).config_set("maxmemory", 1)
    with pytest.raises(HeadGuardUnreachable, match="memory"):
        guard.advance_receipted(origin, 1, leaf(1), known)
    assert guard.read(origin) == GuardState()


def test_an_emptied_instance_is_missing(own_redis: RedisServer, origin: str) -> None:
    guard = RedisGuard(own_redis.url)
    guard.create(origin)
    client_of(own_redis).flushall()
    with pytest.raises(HeadGuardMissing):
        guard.advance_receipted(origin, 1, leaf(1), known)


def test_a_damaged_document_is_corrupt(own_redis: RedisServer, origin: str) -> None:
    guard, client = RedisGuard(own_redis.url), client_of(own_redis)
    client.set(PREFIX + origin, b"{}")
    with pytest.raises(HeadGuardCorrupt):
        guard.read(origin)
    client.delete(PREFIX + origin)
    client.lpush(PREFIX + origin, b"{}")
    with pytest.raises(HeadGuardCorrupt):
        guard.read(origin)
    with pytest.raises(HeadGuardCorrupt):
        guard.advance_receipted(origin, 1, leaf(1), known)


def test_a_lost_answer_is_found_out_by_reading_again(own_redis: RedisServer, origin: str) -> None:
    with lossy(("127.0.0.1", own_redis.port), b"EVAL") as proxy:
        guard = RedisGuard(f"redis://127.0.0.1:{proxy.port}/0")
        guard.create(origin)
        proxy.lose = 1
        assert guard.advance_receipted(origin, 3, leaf(3), known) == Receipted(3, leaf(3))
        proxy.lose = 1
        assert guard.swap_head(origin, None, head(4), leaf(4), known) is Swap.OURS
        assert proxy.lost == 2
    assert RedisGuard(own_redis.url).read(origin) == GuardState(Receipted(4, leaf(4)), head(4))


def test_an_instance_killed_in_the_middle_loses_nothing_it_acknowledged(own_redis: RedisServer, origin: str) -> None:
    RedisGuard(own_redis.url).create(origin)
    size = 0
    for turn in range(6):
        command = [sys.executable, "-m", "tests.support.guard_writer", own_redis.url, origin, str(size + 1)]
        writer = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert writer.stdout is not None
        first = int(writer.stdout.readline())
        time.sleep(0.004 * turn)
        own_redis.kill()
        whole = writer.stdout.read().rpartition("\n")[0].split()
        assert writer.wait() == 1
        acknowledged = int(whole[-1]) if whole else first
        own_redis.start()
        held = RedisGuard(own_redis.url).read(origin)
        assert held.receipted is not None
        assert acknowledged <= held.receipted.size <= acknowledged + 1
        assert held.receipted.leaf_hash == leaf(held.receipted.size)
        size = held.receipted.size
    assert size > 6


def test_it_goes_on_after_a_restart(own_redis: RedisServer, origin: str) -> None:
    guard = RedisGuard(own_redis.url)
    guard.create(origin)
    guard.advance_receipted(origin, 1, leaf(1), known)
    own_redis.kill()
    own_redis.start()
    assert guard.advance_receipted(origin, 2, leaf(2), known) == Receipted(2, leaf(2))
