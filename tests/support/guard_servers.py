"""Real stores for head guards: a redis-server and a MinIO of the test's own, on ports of their own."""

from __future__ import annotations

import importlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import pytest

DURABLE = ("--appendonly", "yes", "--appendfsync", "always", "--maxmemory-policy", "noeviction")
USER, SECRET = "guardtest", "guardtest-secret"
BUCKET, REGION = "guards", "us-east-1"
_WAIT_S = 20.0


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as one:
        return int(one.getsockname()[1])


@dataclass
class RedisServer:
    """May be killed and started again on the same files."""

    directory: Path
    port: int
    options: tuple[str, ...] = DURABLE
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def emptied(self, _name: str) -> str:
        """The URL of a guard that holds nothing."""
        importlib.import_module("redis").Redis.from_url(self.url).flushall()
        return self.url

    def start(self) -> None:
        program = shutil.which("redis-server")
        if program is None:
            pytest.skip("redis-server is not installed: apt-get install redis-server")
        place = ("--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(self.directory), "--save", "")
        self.process = subprocess.Popen([program, *place, *self.options], stdout=subprocess.DEVNULL)
        _await(self.port, self.process)

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()


@contextmanager
def redis_running(directory: Path, options: tuple[str, ...] = DURABLE) -> Iterator[RedisServer]:
    server = RedisServer(directory, free_port(), options)
    server.start()
    try:
        yield server
    finally:
        server.kill()


@dataclass
class MinioServer:
    """A real S3 store, whose conditional writes have one winner; may be killed and started again on its files."""

    directory: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def emptied(self, name: str) -> str:
        """The URL of a guard that holds nothing, below a prefix that nobody else has."""
        return f"s3://{BUCKET}/{name}?endpoint={self.endpoint}&region={REGION}"

    def start(self) -> None:
        beside = Path.home() / "go/bin/minio"
        program = shutil.which("minio") or (str(beside) if beside.is_file() else None)
        if program is None:
            pytest.skip("minio is not installed: go install github.com/minio/minio@latest")
        places = ("--address", f"127.0.0.1:{self.port}", "--console-address", f"127.0.0.1:{free_port()}")
        self.process = subprocess.Popen(
            [program, "server", str(self.directory), *places],
            env=os.environ | {"MINIO_ROOT_USER": USER, "MINIO_ROOT_PASSWORD": SECRET},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        _await(self.port, self.process)

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def make_bucket(self) -> None:
        """An empty bucket, with the credentials in the environment. A server that starts answers 503 first."""
        sdk, once = importlib.import_module("boto3"), importlib.import_module("botocore.config").Config
        patient = once(retries={"total_max_attempts": 20, "mode": "standard"})
        client = sdk.client("s3", endpoint_url=self.endpoint, region_name=REGION, config=patient)
        client.create_bucket(Bucket=BUCKET)


@contextmanager
def minio_running(directory: Path) -> Iterator[MinioServer]:
    server = MinioServer(directory, free_port())
    server.start()
    try:
        yield server
    finally:
        server.kill()


GuardServer: TypeAlias = RedisServer | MinioServer


@contextmanager
def guard_server(kind: str, directory: Path) -> Iterator[GuardServer]:
    """A `redis` or `s3` of the test's own, ready to be a guard; the SDK finds its credentials in the environment."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", USER)
        patch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
        directory.mkdir(parents=True, exist_ok=True)
        if kind == "redis":
            with redis_running(directory) as redis:
                yield redis
        else:
            with minio_running(directory) as minio:
                minio.make_bucket()
                yield minio


def power_cut(server: GuardServer) -> None:
    """Killed by SIGKILL, and started again on its files."""
    server.kill()
    server.start()


def copied(server: GuardServer, to: Path) -> Path:
    """A copy of its files, as they are while it stands still."""
    server.kill()
    shutil.copytree(server.directory, to)
    server.start()
    return to


def put_back(server: GuardServer, files: Path | None) -> None:
    """Started again on other files: a copy of an earlier moment, or (None) on none at all."""
    server.kill()
    shutil.rmtree(server.directory)
    if files is None:
        server.directory.mkdir()
    else:
        shutil.copytree(files, server.directory)
    server.start()


def _await(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + _WAIT_S
    while time.monotonic() < end:
        assert process.poll() is None, f"the server ended with {process.returncode}"
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    pytest.fail("the server did not start")
