"""What all goals share: one embedded PostgreSQL with the product's settings, its databases, and the peers' Python."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from bench.contender import Contender
from bench.places import HOME, PEERS, REQUIREMENTS, ROOT, say
from console.supervisor import registry, roles
from console.supervisor.environment import complete
from console.supervisor.layout import Layout
from console.supervisor.postgres import Cluster, binaries_for
from console.supervisor.roles import DatabaseUrls
from console.supervisor.strongbox import open_strongbox

OWN = Path(sys.executable)
_INDEX_FILES = """
SELECT pg_relation_filepath(indexrelid) FROM pg_index JOIN pg_class AS indexed ON indexed.oid = indrelid
WHERE relname LIKE %s AND relkind = 'r'
"""


@dataclass
class House:
    """The running database server and what is needed to start contenders on it."""

    cluster: Cluster

    @property
    def programs(self) -> Path:
        """Directory of PostgreSQL's programs, pgbench among them."""
        return binaries_for(self.cluster.layout)

    def plain_database(self, name: str) -> str:
        """An empty database for a peer; the administrator's URL, since a peer has no roles."""
        self.drop(name)
        with psycopg.connect(self.cluster.admin_url, autocommit=True) as admin:
            admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(sql.Identifier(name)))
        return urlunsplit(urlsplit(self.cluster.admin_url)._replace(path=f"/{name}"))

    def ledger_database(self, name: str, *, fresh: bool) -> DatabaseUrls:
        """A database of the product's own, migrated by its own command, with both of its roles."""
        if fresh:
            self.drop(name)
            shutil.rmtree(_state_of(name), ignore_errors=True)
        secrets = open_strongbox(HOME / "secrets.json")
        urls = roles.bootstrap(self.cluster.admin_url, secrets.passwords, database=name)
        command = [sys.executable, "manage.py", "migrate", "--verbosity=0", "--no-input", "--skip-checks"]
        subprocess.run(command, cwd=ROOT, env=self.environ(urls), check=True)
        return urls

    def drop(self, name: str) -> None:
        """Drop a database if there is one."""
        with psycopg.connect(self.cluster.admin_url, autocommit=True) as admin:
            admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def checkpoint(self) -> None:
        """Let the server write out what a preparation left in memory, so that no round pays for it."""
        with psycopg.connect(self.cluster.admin_url, autocommit=True) as admin:
            admin.execute("CHECKPOINT")

    def warm(self, urls: DatabaseUrls, tables: str) -> None:
        """Read the indexes of `tables` (a LIKE pattern): those of a log in use are in the machine's page cache."""
        where = urlunsplit(urlsplit(self.cluster.admin_url)._replace(path=urlsplit(urls.runtime).path))
        with psycopg.connect(where, autocommit=True) as admin:
            found = admin.execute(_INDEX_FILES, [tables]).fetchall()
        for (name,) in found:
            for part in self.cluster.layout.data.glob(f"{name}*"):
                with part.open("rb") as file:
                    while file.read(1 << 24):
                        pass

    def environ(self, urls: DatabaseUrls) -> dict[str, str]:
        """The environment of the product's processes on that database, with a state directory for it alone."""
        state = _state_of(urlsplit(urls.runtime).path.lstrip("/"))
        state.mkdir(parents=True, exist_ok=True)
        environ = {
            **os.environ,
            "COUNTERSIGN_ENV": "demo",
            "COUNTERSIGN_STATE_DIR": str(state),
            "DATABASE_URL": urls.runtime,
            "DATABASE_OWNER_URL": urls.owner or "",
            "REDIS_URL": "memory://",
            "COUNTERSIGN_HEAD_GUARD": f"file://{state / 'guard'}",
            "DJANGO_SETTINGS_MODULE": "console.settings",
        }
        complete(environ, command="bench")
        return environ

    def ours(self, module: str, urls: DatabaseUrls) -> Contender:
        """A process of the product on that database."""
        return Contender(f"bench.ours.{module}", self.environ(urls), OWN)

    def peer(self, module: str, **environ: str) -> Contender:
        """A process of a peer, in the peers' own virtualenv."""
        return Contender(f"bench.peers.{module}", {**os.environ, **environ}, self.peers_python)

    @cached_property
    def peers_python(self) -> Path:
        """The Python of the peers; made and filled from bench/requirements.txt where that has changed."""
        python, stamp = PEERS / "bin" / "python", PEERS / ".requirements"
        digest = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()
        if not stamp.exists() or stamp.read_text() != digest:
            say("installing the peers into var/bench/peers")
            shutil.rmtree(PEERS, ignore_errors=True)
            subprocess.run([sys.executable, "-m", "venv", str(PEERS)], check=True)
            pip = [str(python), "-m", "pip", "--disable-pip-version-check", "--retries", "5", "install", "--quiet"]
            subprocess.run([*pip, "--require-hashes", "-r", str(REQUIREMENTS)], check=True)
            stamp.write_text(digest)
        return python


def _state_of(database: str) -> Path:
    return HOME / "state" / database


@contextmanager
def opened() -> Iterator[House]:
    """The house while the block lasts; one at a time, and nothing is left running behind it."""
    (HOME / "log").mkdir(parents=True, exist_ok=True)
    layout = Layout.at(HOME)
    with registry.exclusive(layout.run):
        registry.end_leftovers(layout.run)
        cluster = Cluster(layout, open_strongbox(HOME / "secrets.json").admin_password)
        cluster.start(log=HOME / "log" / "postgres.log")
        try:
            yield House(cluster)
        finally:
            cluster.stop()
