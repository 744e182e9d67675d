"""A commit whose outcome is unknown, in the product's own web processes: nothing is lost, nothing stands twice.

Between them and PostgreSQL stands somebody who loses the answer to the statement that holds one event, or the
statement itself, and may let nobody connect again.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from console.supervisor.programs import web_command
from ledger.services.committer import attempts
from tests.support.clones import Clone
from tests.support.guard_servers import free_port
from tests.support.guarded import reconnected, settled
from tests.support.lossy_proxy import LossyProxy, lossy
from tests.support.server import ROOT
from tests.support.streams import fresh
from tests.support.world import Place

MARKER = "whose-commit-is-lost"
PATIENCE_S = 30.0


@dataclass(frozen=True)
class Web:
    """The product's web server on the clone, two processes of it, and who stands between."""

    where: Place
    port: int
    proxy: LossyProxy

    def post(self, event_id: str) -> tuple[int, dict[str, Any]]:
        """One event."""
        headers = {**self.where.bearer, "Content-Type": "application/json", "Host": "localhost"}
        body = json.dumps({"type": "t.test", "id": event_id, "source": "urn:t", "payload": 1}).encode()
        url = f"http://127.0.0.1:{self.port}{self.where.path}events/"
        try:
            with urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=90) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as refusal:
            return refusal.code, json.load(refusal)

    def events(self) -> int:
        """How many there are."""
        return [leaf.kind for leaf in settled(fresh(self.where.stream)).leaves].count("event")


@pytest.fixture
def web(acme: Place, ledger_db: Clone, tmp_path: Path) -> Iterator[Web]:
    parts = urlsplit(ledger_db.runtime_url)
    socket = f"{unquote(parts.hostname or '')}/.s.PGSQL.{parts.port or 5432}"
    with lossy(socket, MARKER.encode()) as proxy:
        environ = {
            **os.environ, "COUNTERSIGN_ENV": "test", "COUNTERSIGN_HEAD_GUARD": ledger_db.guard_url,
            "DATABASE_URL": f"postgresql://{parts.username}:{parts.password}@127.0.0.1:{proxy.port}{parts.path}",
            "DJANGO_SETTINGS_MODULE": "console.settings", "COUNTERSIGN_STATE_DIR": str(tmp_path / "var"),
            "COUNTERSIGN_DB_POOL": "1", "COUNTERSIGN_LOG_LEVEL": "ERROR",
        }  # fmt: skip
        made = Web(acme, free_port(), proxy)
        with subprocess.Popen(web_command(made.port), cwd=ROOT, env=environ) as server:
            try:
                warm(made)
                yield made
            finally:
                server.terminate()
                reconnected()


def warm(web: Web) -> None:
    """Both processes have every connection that an append needs."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        try:
            if web.post("first")[0] in {200, 201}:
                break
        except OSError:
            time.sleep(0.1)
    with ThreadPoolExecutor(16) as pool:
        assert {status for status, _ in pool.map(web.post, (f"warm-{number}" for number in range(64)))} <= {200, 201}


@pytest.mark.parametrize("swallow", [False, True])
def test_a_commit_whose_outcome_is_unknown_is_answered_with_the_receipt_of_the_one_event(
    web: Web, *, swallow: bool
) -> None:
    before = web.events()
    web.proxy.swallow, web.proxy.lose = swallow, 1
    status, told = web.post(MARKER)
    assert (status, web.proxy.lost, web.events()) == (201, 1, before + 1)
    again, same = web.post(MARKER)
    assert (again, same["receipt"], web.events()) == (200, told["receipt"], before + 1)


@pytest.mark.parametrize("swallow", [False, True])
def test_a_database_that_lets_nobody_ask_leaves_it_open_until_the_retry(web: Web, *, swallow: bool) -> None:
    before = web.events()
    web.proxy.swallow, web.proxy.lose, web.proxy.refusing = swallow, 1, True
    began = time.monotonic()
    status, told = web.post(MARKER)
    assert (status, told["code"]) == (503, "commit_unknown"), told
    assert "same ids" in told["next"]
    assert time.monotonic() - began >= attempts.ASK_SECONDS, "it asked for as long as it may"
    web.proxy.refusing = False
    end = time.monotonic() + PATIENCE_S
    while (answer := web.post(MARKER))[0] not in {200, 201}:
        assert time.monotonic() < end, answer
    assert answer[0] == (201 if swallow else 200)
    assert answer[1]["receipt"]["signatures"]
    assert web.events() == before + 1
