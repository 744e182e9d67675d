"""`manage.py demo`: everything, with real data of this machine."""

from __future__ import annotations

import logging
import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from console import supervisor
from console.demo.facts import read_facts
from console.demo.files import Files
from console.demo.starting import seed_of
from console.demo.telling import python_command, told
from console.demo.terminal import Terminal
from governance.identity.one_time import code_at, secret_of

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(BaseCommand):
    """Seeds what is missing, holds everything up, and tells what to try."""

    help = "Start everything with real data of this machine. Example: ./manage.py demo --port 8000"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The port, a fresh start, and the small service of an authenticator."""
        parser.add_argument("--port", type=int, default=8000, help="port on localhost (default: 8000)")
        parser.add_argument("--reset", action="store_true", help="start over under a new host label")
        parser.add_argument("--code", metavar="EMAIL", help="print the current authenticator code of a person and end")

    def handle(self, **options: Any) -> None:
        """Print a code, or run until Ctrl-C. `--reset` was done before settings were read (manage.py)."""
        files = Files(settings.COUNTERSIGN_STATE_DIR)
        if options["code"]:
            self.stdout.write(code_of(files, options["code"], time.time()))
            return
        if settings.COUNTERSIGN_ENV == "production":
            raise CommandError("A demo's passwords lie in a file; production has none. Next: ./manage.py serve")
        sys.exit(_run(files, options["port"]))


def code_of(files: Files, email: str, now: float) -> str:
    """The code of one of the demo's people at `now` (Unix seconds); raises CommandError."""
    facts = read_facts(files.facts)
    if facts is None:
        raise CommandError("There is no demo here (var/demo.json). Next: make demo")
    secret = next((user["totp_secret"] for user in facts["users"] if user["email"] == email.lower()), None)
    if secret is None:
        known = ", ".join(user["email"] for user in facts["users"])
        raise CommandError(f"The demo knows nobody of this address. Next: use one of {known}")
    code, seconds = code_at(secret_of(secret), now)
    return f"{code}  (for {seconds} s; each code works once)"


def _log_to(path: Path) -> None:
    """Send this process's log to a file: the terminal is for people."""
    path.parent.mkdir(parents=True, exist_ok=True)
    for handler in logging.getLogger().handlers:
        if isinstance(handler, logging.StreamHandler):
            handler.setStream(path.open("a"))


def _run(files: Files, port: int) -> int:
    began = time.monotonic() - time.process_time()  # until here it only imported, which is all processor time
    _log_to(files.state / "log" / "demo.log")
    terminal = Terminal(sys.stdout, time.monotonic, live=sys.stdout.isatty())
    seed = seed_of(files, port, terminal, os.urandom, lambda: datetime.now(UTC))

    seeding: list[float] = []

    def before_ready() -> None:
        terminal.say(f"Countersign demo as {seed.host}")
        at = time.monotonic()
        seed.run()
        seeding.append(time.monotonic() - at)

    def after_ready() -> None:
        facts = read_facts(files.facts)
        if facts is not None:
            terminal.say(told(facts, settings.BASE_DIR, python_command()))
        took = f"ready in {time.monotonic() - began:.1f} s, {sum(seeding):.1f} s of it for the data."
        terminal.say(f"{took} Ctrl-C stops everything.")

    return supervisor.run(port=port, before_ready=before_ready, after_ready=after_ready, logs=True)
