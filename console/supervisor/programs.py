"""The programs under the supervisor and what each of them is told."""

from __future__ import annotations

import os
import socket
import sys
import time
from typing import TYPE_CHECKING

from console.supervisor import roles
from console.supervisor.children import Child
from ledger.queues import ON_REQUEST, UPKEEP

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from console.supervisor.layout import Layout

HOST = "127.0.0.1"
WEB_WORKERS = 2
WEB_CONNECTIONS = 2_048
HEADERS_MS = 10_000
TASK_PROCESSES = 2
LOOK_SECONDS = 0.05


class ProgramFailed(RuntimeError):
    """Something that has to be right before the children start is not."""


def children(layout: Layout, port: int, *, quiet: bool) -> list[Child]:
    """Web server, task worker and scheduler. None is given the owner's URL; they serve as runtime role."""
    environ = {key: value for key, value in os.environ.items() if key != "DATABASE_OWNER_URL"}
    environ["COUNTERSIGN_READY_MARK"] = str(layout.ready_mark)
    environ["COUNTERSIGN_CLOCK_MARK"] = str(layout.clock_mark)
    if environ.get("COUNTERSIGN_ENV") == "demo":
        environ.setdefault("COUNTERSIGN_SITE_URL", f"http://localhost:{port}")
    pooled = {**environ, "COUNTERSIGN_DB_POOL": environ.get("COUNTERSIGN_DB_POOL", "1")}

    def log(name: str) -> Path | None:
        return layout.log(name) if quiet else None

    return [
        Child("web", web_command(port), pooled, log("web")),
        Child("worker", worker_command(ON_REQUEST), environ, log("worker")),
        Child("upkeep", worker_command(UPKEEP, processes=1), environ, log("upkeep")),
        Child("beat", beat_command(), environ, log("beat")),
    ]


def web_command(port: int) -> list[str]:
    """Granian with the front (console/front), which gives a request a thread when it is whole."""
    return [
        sys.executable, "-m", "granian", "--interface", "rsgi", "--host", HOST, "--port", str(port),
        "--workers", str(WEB_WORKERS), "--backpressure", str(WEB_CONNECTIONS), "--respawn-failed-workers",
        "--workers-kill-timeout", "5", "--no-ws", "--http", "1", "--http1-header-read-timeout", str(HEADERS_MS),
        "--log-level", "error", "console.rsgi:application",
    ]  # fmt: skip


def worker_command(queue: str, processes: int = TASK_PROCESSES) -> list[str]:
    """Celery's worker of one queue. Its health is read from heartbeats in the database, so it gossips with nobody."""
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    named = ["--queues", queue, "--hostname", f"{queue}@%h"]
    return [*_celery(), "worker", *named, "--concurrency", str(processes), *quiet]


def beat_command() -> list[str]:
    """Celery's scheduler; the schedule lives in code, so it keeps no file."""
    return [*_celery(), "beat", "--scheduler", "console.scheduler:SteadyScheduler", "--pidfile="]


def refuse_taken_port(port: int) -> None:
    """Raise if somebody listens there already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            message = f"Port {port} cannot be used: {error.strerror}."
            raise ProgramFailed(f"{message} Next: choose another one with PORT=... or --port.") from error


def wait_for_web(port: int, give_up: Callable[[], bool]) -> None:
    """Return when the web server accepts connections, or when there is no point in waiting any more."""
    while not give_up():
        with socket.socket() as probe:
            if probe.connect_ex((HOST, port)) == 0:
                return
        time.sleep(LOOK_SECONDS)


def grant_when_owner_is_known(environ: Mapping[str, str]) -> None:
    """Give the runtime role of an outside database its default privileges, if the owner's URL is there."""
    roles.grant(roles.DatabaseUrls(environ["DATABASE_URL"], environ.get("DATABASE_OWNER_URL")))


def _celery() -> list[str]:
    return [sys.executable, "-m", "celery", "--app", "console.celery", "--quiet"]
