"""The supervisor's own life: start, hold up, end."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from console.supervisor import programs, registry
from console.supervisor.databases import embedded_urls
from console.supervisor.environment import complete
from console.supervisor.keys import refuse_demo_keys
from console.supervisor.layout import Layout
from console.supervisor.migrations import migrate
from console.supervisor.opening import open_ledger_in_time
from console.supervisor.postgres import Cluster, DatabaseDidNotStart
from console.supervisor.roles import bootstrap
from console.supervisor.strongbox import open_strongbox

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from console.supervisor.children import Child

GRACE_SECONDS = 15.0
TICK_SECONDS = 0.1
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass
class House:
    """Everything that one `serve` or `demo` holds."""

    port: int
    before_ready: Callable[[], None] | None = None
    after_ready: Callable[[], None] | None = None
    quiet: bool = False
    cluster: Cluster | None = None
    children: list[Child] = field(default_factory=list)
    asked: list[signal.Signals] = field(default_factory=list)
    noted: list[int] = field(default_factory=list)
    failure: BaseException | None = None
    layout: Layout = field(init=False)

    def run(self) -> int:
        """Hold everything up until a signal comes; 0 after one, 1 after a failure."""
        complete(os.environ, command="serve")
        self.layout = Layout.of(os.environ)
        previous = {number: signal.signal(number, self._on_signal) for number in SIGNALS}
        try:
            with registry.exclusive(self.layout.run):
                return self._guarded()
        except registry.AlreadyRunning as refusal:
            say(str(refusal))
            return 1
        finally:
            for number, handler in previous.items():
                signal.signal(number, handler)

    def _guarded(self) -> int:
        try:
            self._open()
            self._hold()
        except (DatabaseDidNotStart, programs.ProgramFailed) as failure:
            say(str(failure))
            return 1
        finally:
            self._close()
        if self.failure is not None:
            say(f"stopped, since preparing failed: {self.failure!r}")
        return 1 if self.failure else 0

    def _open(self) -> None:
        registry.end_leftovers(self.layout.run)
        self.layout.ready_mark.unlink(missing_ok=True)
        self.layout.clock_mark.unlink(missing_ok=True)
        programs.refuse_taken_port(self.port)
        self._open_database()
        migrate(dict(os.environ))
        refuse_demo_keys(os.environ)
        self.children = programs.children(self.layout, self.port, quiet=self.quiet)
        for child in self.children:
            child.start(time.monotonic())
        self._note_children()
        threading.Thread(target=self._prepare, name="prepare", daemon=True).start()

    def _open_database(self) -> None:
        secrets = open_strongbox(self.layout.var / "secrets.json")
        if os.environ["DATABASE_URL"] != embedded_urls(self.layout, secrets).runtime:
            programs.grant_when_owner_is_known(os.environ)
            return
        self.cluster = Cluster(self.layout, secrets.admin_password)
        self.cluster.start(log=self.layout.log("postgres"))
        bootstrap(self.cluster.admin_url, secrets.passwords)
        self._note_children()

    def _hold(self) -> None:
        while not self.asked and self.failure is None:
            for child in self.children:
                if news := child.tend(time.monotonic()):
                    say(news)
            self._tend_database()
            self._note_children()
            time.sleep(TICK_SECONDS)

    def _tend_database(self) -> None:
        if self.cluster is None:
            return
        if news := self.cluster.tend(time.monotonic(), log=self.layout.log("postgres")):
            say(news)

    def _prepare(self) -> None:
        try:
            open_ledger_in_time(lambda: bool(self.asked))
            if self.before_ready is not None:
                self.before_ready()
            self.layout.ready_mark.touch()
            programs.wait_for_web(self.port, lambda: bool(self.asked))
            if self.after_ready is not None and not self.asked:
                self.after_ready()
        except BaseException as failure:  # noqa: BLE001  (also SystemExit: the main thread decides, and says it)
            if not self.asked:  # whoever asked for the end took the database away
                self.failure = failure

    def _close(self) -> None:
        """End the children together, then the database they used."""
        self.layout.ready_mark.unlink(missing_ok=True)
        for child in self.children:
            child.ask_to_end()
        deadline = time.monotonic() + GRACE_SECONDS
        for child in self.children:
            while not child.wait(TICK_SECONDS) and time.monotonic() < deadline and len(self.asked) < 2:
                pass
            child.signal_group(signal.SIGKILL)
            child.wait(GRACE_SECONDS)
        if self.cluster is not None:
            self.cluster.stop()
        registry.forget(self.layout.run)

    def _note_children(self) -> None:
        processes = [child.process for child in self.children]
        if self.cluster is not None:
            processes.append(self.cluster.process)
        pids = [process.pid for process in processes if process is not None]
        if pids != self.noted:
            registry.note(self.layout.run, pids)
            self.noted = pids

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        """First signal: stop in order. Second: stop waiting."""
        self.asked.append(signal.Signals(number))


def say(sentence: str) -> None:
    """One line of the supervisor's own, beside the children's output."""
    sys.stderr.write(f"countersign: {sentence}\n")
    sys.stderr.flush()
