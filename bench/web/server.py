"""The product's web server, started by the product's own command line, or a peer's by granian's plain one."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

from bench.places import HOME, ROOT
from console.supervisor import programs
from console.supervisor.children import leashed

START_SECONDS, STOP_SECONDS = 60.0, 20.0


def product(port: int, workers: int) -> list[str]:
    """The supervisor's command, with that many workers."""
    command = programs.web_command(port)
    command[command.index("--workers") + 1] = str(workers)
    return command


def blocking(port: int, workers: int, threads: int) -> list[str]:
    """Granian with blocking threads on the WSGI application, nothing in front of it."""
    return [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", programs.HOST, "--port", str(port),
        "--workers", str(workers), "--blocking-threads", str(threads), "--no-ws", "--http", "1",
        "--log-level", "error", "console.wsgi:application",
    ]  # fmt: skip


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((programs.HOST, 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def serving(command: list[str], port: int, environ: Mapping[str, str]) -> Iterator[None]:
    """The server while the block lasts; its whole process group ends with it."""
    told = {**environ, "COUNTERSIGN_DB_POOL": "1", "COUNTERSIGN_SUPERVISOR_PID": str(os.getpid())}
    with (HOME / "log" / "web.log").open("ab") as log:
        process = subprocess.Popen(
            leashed(command, signal.SIGTERM), cwd=ROOT, env=told, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            process_group=0,
        )  # fmt: skip
    try:
        _wait(process, port)
        yield
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(OSError), socket.create_connection((programs.HOST, port), timeout=1):
            return
        time.sleep(0.05)
    raise RuntimeError(f"The web server did not start; its last words are in {HOME / 'log' / 'web.log'}.")
