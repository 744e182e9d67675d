"""Child processes in groups of their own, restarted with growing pauses, ended with all they started."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from console.supervisor.account import Account

LEASH = Path(__file__).with_name("leash.py")
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
STABLE_SECONDS = 30.0


def leashed(command: Sequence[str], death_signal: signal.Signals, account: Account | None = None) -> list[str]:
    """Wrap `command` so that the kernel sends it `death_signal` when its parent dies, under `account`."""
    uid, gid = (account.uid, account.gid) if account else (None, None)
    numbers = (int(death_signal), -1 if uid is None else uid, -1 if gid is None else gid)
    return [sys.executable, "-I", "-S", str(LEASH), *map(str, numbers), *command]


def next_pause(pause: float, ran: float) -> float:
    """Seconds before what ended after `ran` seconds is started again, where it was `pause` the last time."""
    return FIRST_PAUSE if ran > STABLE_SECONDS else min(pause * 2, LONGEST_PAUSE)


@dataclass
class Child:
    """A program that has to run as long as the supervisor does. Times are monotonic seconds."""

    name: str
    command: Sequence[str]
    environ: Mapping[str, str]
    log: Path | None = None
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    pause: float = FIRST_PAUSE
    due: float = 0.0

    def start(self, now: float) -> None:
        """Start it in a process group of its own. Call from the main thread: the leash feels its death."""
        environ = {**self.environ, "COUNTERSIGN_SUPERVISOR_PID": str(os.getpid())}
        with contextlib.ExitStack() as stack:
            output = stack.enter_context(self.log.open("ab")) if self.log else None
            self.process = subprocess.Popen(
                leashed(self.command, signal.SIGTERM), env=environ, stdin=subprocess.DEVNULL,
                stdout=output, stderr=subprocess.STDOUT if output else None, process_group=0,
            )  # fmt: skip
        self.started = now

    def tend(self, now: float) -> str | None:
        """Notice an exit, restart when its pause is over; return what there is to say."""
        if self.process is None:
            if now >= self.due:
                self.start(now)
            return None
        code = self.process.poll()
        if code is None:
            return None
        self.signal_group(signal.SIGKILL)  # what it started and left behind
        self.process = None
        self.pause = next_pause(self.pause, now - self.started)
        self.due = now + self.pause
        return f"{self.name} ended with exit code {code}; starting it again in {self.pause:g} s"

    def ask_to_end(self) -> None:
        """Tell the leader alone: it ends what it started in its own order."""
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)

    def signal_group(self, number: signal.Signals) -> None:
        """Send a signal to the whole group, also when its leader has gone."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, number)

    def wait(self, seconds: float) -> bool:
        """Wait for its end; tell whether it came in time."""
        if self.process is None:
            return True
        try:
            self.process.wait(max(seconds, 0.01))
        except subprocess.TimeoutExpired:
            return False
        return True
