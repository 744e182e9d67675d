"""Clients that load an installation: the shipped client, in processes of their own, each with a spool of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ledger.core.dsse import Envelope as Dsse
from ledger.core.dsse import parse_envelope
from tests.support.installation import PATIENCE_S, Installation
from tests.support.server import ROOT

DONE = 0


@dataclass
class Stream:
    """A stream of the tenant, and its verifier key as it was told when it was made."""

    name: str
    origin: str
    vkey: str


@dataclass
class Loading:
    """One such client; it may be killed and started again on its spool. Of the receipts it holds, the first
    `compared` were compared with the ledger.
    """

    where: Installation
    stream: Stream
    token: str
    number: int
    batch: int
    rate: float
    process: subprocess.Popen[bytes] | None = None
    held: list[Dsse] = field(default_factory=list)
    compared: int = 0
    _read: int = 0

    @property
    def spool(self) -> Path:
        """Its directory."""
        return self.where.root / f"client-{self.number}"

    def tend(self) -> None:
        """Start it, or start it again where it was killed; it never ends by itself."""
        if self.process is not None:
            code = self.process.poll()
            assert code in {None, -9}, f"client {self.number} ended with {code}: {self.where.tail()}"
            if code is None:
                return
        where = (self.where.url, f"acme/{self.stream.name}", str(self.spool), self.stream.vkey)
        command = [sys.executable, "-m", "tests.support.steady_client", *where, str(self.batch), str(self.rate)]
        environ = {**os.environ, "COUNTERSIGN_TOKEN": self.token}
        with (self.where.root / "output.log").open("ab") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=log, stderr=log)

    def kill(self) -> bool:
        """As good as a machine that loses power; its disk stays."""
        if self.process is None or self.process.poll() is not None:
            return False
        self.process.kill()
        self.process.wait()
        return True

    def receipts(self) -> list[Dsse]:
        """Those that were kept since the last call; a line that is still being written waits."""
        path = self.spool / "receipts.ndjson"
        data = path.read_bytes()[self._read :] if path.exists() else b""
        whole = data[: data.rfind(b"\n") + 1]
        self._read += len(whole)
        fresh = [parse_envelope(json.loads(line)["receipt"]) for line in whole.splitlines()]
        self.held += fresh
        return fresh

    def taken_over(self) -> list[str]:
        """The ids of all events whose append returned; a line that a kill tore does not count."""
        path = Path(f"{self.spool}.ids")
        return [line for line in path.read_text().split("\n")[:-1] if line] if path.exists() else []

    def accusations(self) -> list[Any]:
        """What it holds against the server."""
        return [json.loads(path.read_text()) for path in self.spool.glob("misbehaviour-*.json")]

    def drain(self) -> None:
        """Let it send what waits, verify the newest checkpoint, and end."""
        self.tend()
        assert self.process is not None
        self.process.terminate()
        code = self.process.wait(PATIENCE_S * 2)
        assert code == DONE, f"client {self.number} ended with {code}: {self.where.tail()}"


def tenant(where: Installation, *names: str, window_age: int = 2, window_count: int = 300) -> tuple[str, list[Stream]]:
    """Found the tenant `acme` with these streams; returns the token of its key."""
    command = [sys.executable, "-m", "tests.support.founding", str(window_age), str(window_count), *names]
    done = subprocess.run(command, cwd=ROOT, env=where.environ(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    return str(told["token"]), [Stream(*one) for one in told["streams"]]


@contextmanager
def loaded(
    where: Installation, token: str, streams: Sequence[Stream], batches: Sequence[int], rate: float
) -> Iterator[list[Loading]]:
    """One client for each stream and size of batch, all running."""
    pairs = [(stream, batch) for stream in streams for batch in batches]
    clients = [Loading(where, stream, token, number, batch, rate) for number, (stream, batch) in enumerate(pairs)]
    try:
        for client in clients:
            client.tend()
        yield clients
    finally:
        for client in clients:
            client.kill()
