"""A contender as the benchmark sees it: a process of its own that is told what to run."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from bench.places import HOME, ROOT
from console.supervisor.children import leashed


class ContenderFailed(RuntimeError):
    """A contender raised, or ended; its own words are in the message or in its log."""


class Contender:
    """Runs the functions of `module` under `python`; a context manager that ends the process."""

    def __init__(self, module: str, environ: Mapping[str, str], python: Path) -> None:
        self.log = HOME / "log" / f"{module}.log"
        self.log.parent.mkdir(parents=True, exist_ok=True)
        command = [str(python), "-m", "bench.serve", module]
        with self.log.open("ab") as errors:
            self._process = subprocess.Popen(
                leashed(command, signal.SIGKILL), cwd=ROOT, text=True, bufsize=1, stdin=subprocess.PIPE,
                stdout=subprocess.PIPE, stderr=errors,
                env={**environ, "COUNTERSIGN_SUPERVISOR_PID": str(os.getpid())},
            )  # fmt: skip

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    @property
    def pid(self) -> int:
        """Number of the process."""
        return self._process.pid

    def begin(self, call: str, **args: Any) -> None:
        """Send a call; its answer is taken with `answer`."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"call": call, "args": args}) + "\n")

    def has_answered(self) -> bool:
        """Whether `answer` would return at once."""
        assert self._process.stdout is not None
        return bool(select.select([self._process.stdout], [], [], 0)[0])

    def answer(self) -> Any:
        """The result of the last call; raises ContenderFailed."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise ContenderFailed(f"The process ended; its last words are in {self.log}.")
        told = json.loads(line)
        if "error" in told:
            raise ContenderFailed(told["error"])
        return told["result"]

    def run(self, call: str, **args: Any) -> Any:
        """Send a call and wait for its result."""
        self.begin(call, **args)
        return self.answer()

    def end(self) -> None:
        """Close its input and wait; end it the hard way where it does not listen."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
