"""Real stores for head guards: a redis-server and a MinIO of the test's own, on ports of their own."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

DURABLE = ("--appendonly", "yes", "--appendfsync", "always", "--maxmemory-policy", "noeviction")
USER, SECRET = "guardtest", "guardtest-secret"
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


@contextmanager
def minio_running(directory: Path) -> Iterator[int]:
    """The port of a MinIO: a real S3 store, whose conditional writes have one winner."""
    beside = Path.home() / "go/bin/minio"
    program = shutil.which("minio") or (str(beside) if beside.is_file() else None)
    if program is None:
        pytest.skip("minio is not installed: go install github.com/minio/minio@latest")
    port, console = free_port(), free_port()
    process = subprocess.Popen(
        [program, "server", str(directory), "--address", f"127.0.0.1:{port}",
         "--console-address", f"127.0.0.1:{console}"],
        env=os.environ | {"MINIO_ROOT_USER": USER, "MINIO_ROOT_PASSWORD": SECRET},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        _await(port, process)
        yield port
    finally:
        process.kill()
        process.wait()


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
