"""The PostgreSQL server of one pytest run, shared by all its workers, started by the first that needs it.

It lives under a keeper process that waits for a lock the pytest run holds: however the run ends, the kernel
lets go of the lock, and the keeper takes the server and its files away.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from console.supervisor import roles

ROOT = Path(__file__).resolve().parents[2]
MEMORY = Path("/dev/shm")  # noqa: S108  (a RAM disk: fsync stays on as in production and yet costs nothing)
# Roles of their own, and passwords that runs beside each other agree on: a server that was given may hold a
# real installation, whose roles must stay as they are.
NAMES = roles.RoleNames(owner="countersign_test_owner", runtime="countersign_test_runtime")
PASSWORDS = roles.Passwords(owner="known to every run", runtime="known to every run")
ENOUGH_BYTES = 3 * 2**30
START_SECONDS = 60.0


@dataclass(frozen=True)
class Server:
    """An administrator's URL, those of the two roles in the migrated template, and a directory for head guards."""

    admin_url: str
    template: str
    runtime_url: str
    owner_url: str
    guards: str


def new_run_directory() -> Path:
    """A directory for one run; in memory where there is room. The database's account may enter it."""
    roomy = MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ENOUGH_BYTES
    directory = Path(tempfile.mkdtemp(prefix="countersign-tests-", dir=MEMORY if roomy else None))
    directory.chmod(0o711)
    return directory


@contextlib.contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold a lock on `path` until the block or the process ends."""
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def server_of(run: Path) -> Server:
    """The server of this run with its migrated template; makes both if this is the first to ask."""
    facts = run / "server.json"
    with held(run / "start.lock"):
        if not facts.exists():
            facts.write_text(json.dumps(asdict(_make(run))))
    return Server(**json.loads(facts.read_text()))


def _make(run: Path) -> Server:
    admin_url = os.environ.get("COUNTERSIGN_TEST_SERVER") or _start_keeper(run)
    template = f"template_{secrets.token_hex(4)}"
    urls = roles.bootstrap(admin_url, PASSWORDS, database=template, names=NAMES)
    owner = urls.owner or ""
    _migrate(urls.runtime, owner)
    return Server(admin_url, template, urls.runtime, owner, guards=str(run))


def _migrate(runtime_url: str, owner_url: str) -> None:
    """By the product's own command, in a process of its own, as the owner."""
    environ = {**os.environ, "COUNTERSIGN_ENV": "test", "DJANGO_SETTINGS_MODULE": "console.settings"}
    environ |= {"DATABASE_URL": runtime_url, "DATABASE_OWNER_URL": owner_url}
    command = [sys.executable, "manage.py", "migrate", "--verbosity=0", "--no-input", "--skip-checks"]
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"migrate failed:\n{done.stderr}")


def _start_keeper(run: Path) -> str:
    """Start the keeper apart from this worker, and return the URL that it writes down."""
    answer = run / "keeper.json"
    with (run / "keeper.log").open("ab") as log:
        keeper = subprocess.Popen(
            [sys.executable, "-m", "tests.support.keeper", str(run)],
            cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    deadline = time.monotonic() + START_SECONDS
    while not answer.exists():
        if keeper.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"The test server did not start:\n{(run / 'keeper.log').read_text()}")
        time.sleep(0.02)
    return str(json.loads(answer.read_text())["admin_url"])


def discard(run: Path) -> None:
    """Clean up after a run without a keeper: the template on a given server, and the run's directory."""
    if (run / "keeper.log").exists():
        return
    if (run / "server.json").exists():
        made = server_of(run)
        with psycopg.connect(made.admin_url, autocommit=True) as admin:
            admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(made.template)))
    shutil.rmtree(run)
