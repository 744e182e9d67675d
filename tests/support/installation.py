"""The whole product under its own supervisor, in a directory of its own: what a test may load, kill and start again.

PostgreSQL, web processes under granian, Celery's workers and scheduler on a real Redis, a head guard in files.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psutil

from console.supervisor import registry
from console.supervisor.databases import embedded_urls
from console.supervisor.layout import Layout
from console.supervisor.strongbox import Secrets
from tests.support.clones import Clone
from tests.support.guard_servers import GuardServer, RedisServer, free_port
from tests.support.server import ROOT, new_run_directory

PATIENCE_S = 120.0
_OURS = ("COUNTERSIGN_", "DATABASE_", "DJANGO_", "REDIS_")


@dataclass
class Installation:
    """`root` holds state and logs. `more` is added to the environment of everything that is started. The head guard
    lies in files, or on `guard_server`, at the URL that `more` names.
    """

    root: Path
    broker: RedisServer
    port: int = field(default_factory=free_port)
    web_processes: int = 2
    more: dict[str, str] = field(default_factory=dict)
    guard_server: GuardServer | None = None
    process: subprocess.Popen[bytes] | None = None

    @property
    def state(self) -> Path:
        """The state directory."""
        return self.root / "var"

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def guard(self) -> Path:
        """The head guard's directory, where it lies in files."""
        return self.state / "guard"

    @property
    def guard_url(self) -> str:
        """Where the head guard is."""
        return self.more.get("COUNTERSIGN_HEAD_GUARD", f"file://{self.guard}")

    @property
    def layout(self) -> Layout:
        """Where its parts lie."""
        return Layout.at(self.state)

    @property
    def secrets(self) -> Secrets:
        """What it made up for itself."""
        return Secrets(**json.loads((self.state / "secrets.json").read_text()))

    @property
    def clone(self) -> Clone:
        """Its database, as tests know databases."""
        where, secrets = quote(str(self.layout.socket), safe=""), self.secrets
        urls = embedded_urls(self.layout, secrets)
        admin = f"postgresql://countersign_admin:{secrets.admin_password}@{where}/countersign"
        return Clone("countersign", urls.runtime, urls.owner or "", admin, self.guard_url)

    def environ(self) -> dict[str, str]:
        """What its processes and commands are told."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith(_OURS)}
        own = {
            "COUNTERSIGN_STATE_DIR": str(self.state),
            "COUNTERSIGN_LOG_LEVEL": "WARNING",
            "REDIS_URL": self.broker.url,
        }
        return {**kept, **own, **self.more}

    def told(self) -> dict[str, str]:
        """What it made up for itself, as a program is told it that another supervisor would start."""
        secrets = self.secrets
        made = {"DJANGO_SECRET_KEY": secrets.django_secret_key, "COUNTERSIGN_SEAL_KEY": secrets.seal_key}
        made |= {"COUNTERSIGN_PUBLIC_NAME": secrets.public_name, "DATABASE_URL": self.clone.runtime_url}
        return {**made, "COUNTERSIGN_ENV": "demo", "COUNTERSIGN_HEAD_GUARD": self.clone.guard_url}

    def start(self) -> None:
        """Start the supervisor and wait until `/ready` says so."""
        self.launch()
        self.await_ready()

    def launch(self) -> None:
        """Start the supervisor."""
        command = [sys.executable, "-m", "tests.support.impatient", str(self.port), str(self.web_processes)]
        with (self.root / "output.log").open("ab") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, env=self.environ(), stdout=log, stderr=log)

    def stop(self) -> None:
        """In order, as by SIGTERM."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(PATIENCE_S)

    def kill(self) -> None:
        """The supervisor and all below it, at once: what a machine does that loses its power."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGSTOP)  # nobody is started again meanwhile
        family = self.family()
        for one in family:
            with contextlib.suppress(psutil.NoSuchProcess, ProcessLookupError):
                os.killpg(one.pid, signal.SIGKILL) if os.getpgid(one.pid) == one.pid else one.kill()
        self.process.kill()
        self.process.wait()
        psutil.wait_procs(family, timeout=PATIENCE_S)

    def family(self) -> list[psutil.Process]:
        """Everything below the supervisor."""
        assert self.process is not None
        with contextlib.suppress(psutil.NoSuchProcess):
            return list(psutil.Process(self.process.pid).children(recursive=True))
        return []

    def ready(self) -> dict[str, Any]:
        """What `/ready` answers: its checks, or nothing where nobody answers."""
        with contextlib.suppress(OSError, ValueError):
            try:
                with urllib.request.urlopen(f"{self.url}/ready", timeout=5) as answer:  # noqa: S310 - our own server
                    return dict(json.load(answer), status=answer.status)
            except urllib.error.HTTPError as refusal:
                return dict(json.load(refusal), status=refusal.code)
        return {}

    def copy_database(self, name: str) -> Path:
        """A copy of the database's files as they are while it stands still."""
        copy = self.layout.home / name
        subprocess.run(["cp", "-a", str(self.layout.data), str(copy)], check=True)
        return copy

    def put_back(self, copy: Path) -> None:
        """Have the database be that copy."""
        shutil.rmtree(self.layout.data)
        subprocess.run(["cp", "-a", str(copy), str(self.layout.data)], check=True)

    def await_ready(self) -> None:
        """Wait until nothing fails."""
        until(lambda: self.ready().get("status") == 200, lambda: f"{self.ready()}\n{self.tail()}", self.alive)

    def alive(self) -> bool:
        """Whether the supervisor runs."""
        return self.process is not None and self.process.poll() is None

    def tail(self) -> str:
        """What was said last."""
        return "\n".join((self.root / "output.log").read_text(errors="replace").splitlines()[-30:])[-6_000:]

    def command(self, *words: str) -> dict[str, Any]:
        """Run one of the product's commands with --json; returns what it told."""
        done = self.manage(*words, "--json")
        assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
        return dict(json.loads(done.stdout))

    def manage(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run one of the product's commands."""
        command = [sys.executable, "manage.py", *words]
        return subprocess.run(command, cwd=ROOT, env=self.environ(), capture_output=True, text=True, check=False)

    def discard(self) -> None:
        """End what runs and remove every file. In order where it can be: a killed PostgreSQL leaves shared memory."""
        if self.alive():
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.stop()
        self.kill()
        registry.end_leftovers(self.layout.run)
        self.broker.kill()
        self.layout.wipe()
        shutil.rmtree(self.root, ignore_errors=True)


def until(condition: Callable[[], bool], what: Callable[[], str], possible: Callable[[], bool] = lambda: True) -> None:
    """Wait for it; fail with `what` was waited for when it takes too long, or is not possible any more."""
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert possible(), f"ended while waiting: {what()}"
        assert time.monotonic() < end, f"waited in vain: {what()}"
        time.sleep(0.05)


@contextlib.contextmanager
def installed(
    web_processes: int = 2, *, guard_server: GuardServer | None = None, **more: str
) -> Iterator[Installation]:
    """A running installation with a broker of its own; nothing is left of it."""
    if guard_server is not None:
        more["COUNTERSIGN_HEAD_GUARD"] = guard_server.emptied("installation")
    root = new_run_directory()
    (root / "broker").mkdir()
    made = Installation(
        root, RedisServer(root / "broker", free_port(), ()), web_processes=web_processes, more=more,
        guard_server=guard_server,
    )  # fmt: skip
    try:
        made.broker.start()
        made.start()
        yield made
    finally:
        made.discard()
