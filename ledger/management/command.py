"""What the ledger's commands share: `--json`, an example in `--help`, errors as one line, exit codes.

Exit 0 only on success; 1 when the call was refused, 2 when the ledger stopped. Errors read "what: why. Next:
step"; with `--json` the same stands on standard output as `code`, `what`, `why`, `next`.
"""

from __future__ import annotations

import abc
import argparse
import json
import logging
import sys
from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from ledger.errors import FatalError, LedgerError, NameInvalid
from ledger.services.system_events import record_denial

REFUSED, STOPPED = 1, 2


class LedgerCommand(BaseCommand, abc.ABC):
    """A command that does one thing and tells it in words or as JSON."""

    example: ClassVar[str] = ""
    has_told = False
    requires_system_checks = []

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Add the example and `--json`."""
        kwargs.setdefault("epilog", f"Example:\n  ./manage.py {self.example}")
        kwargs.setdefault("formatter_class", _Formatter)
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        parser.add_argument("--json", action="store_true", help="answer as one JSON object")
        return parser

    def handle(self, *args: Any, **options: Any) -> None:
        """Run, and tell the outcome or the error."""
        del args
        _log_beside_the_answer()
        try:
            told = self.act(options)
        except LedgerError as error:
            if error.is_denial and not getattr(error, "recorded", False):
                name = self.example.split()[0]
                record_denial(code=error.code, actor=f"command:{name}", door="command", reason=str(error))
            code = STOPPED if isinstance(error, FatalError) else REFUSED
            self._tell_error(options, error_json(error))
            raise CommandError(one_line(error), returncode=code) from error
        except DatabaseError as error:
            why = " ".join(str(error).split())
            self._tell_error(
                options, told_error("database_refused", "The database refused", why, "Check DATABASE_URL.")
            )
            raise CommandError(f"The database refused: {why}. Next: check DATABASE_URL.", returncode=REFUSED) from error
        self.has_told = True
        self.stdout.write(json.dumps(told) if options["json"] else self.words(told))

    def run_from_argv(self, argv: list[str]) -> None:
        """Arguments that argparse refuses are an error in JSON too; the exit code is argparse's own."""
        try:
            super().run_from_argv(argv)
        except SystemExit as end:
            if end.code and "--json" in argv and not self.has_told:
                step = f"Read ./manage.py {argv[1]} --help."
                self._tell_error({"json": True}, told_error("arguments_invalid", "The arguments are refused", "", step))
            raise

    def _tell_error(self, options: dict[str, Any], error: dict[str, str]) -> None:
        self.has_told = True
        if options["json"]:
            self.stdout.write(json.dumps(error))

    @abc.abstractmethod
    def act(self, options: dict[str, Any]) -> dict[str, Any]:
        """Do it; what is returned is the answer in JSON."""

    @abc.abstractmethod
    def words(self, told: dict[str, Any]) -> str:
        """The answer in words."""


def _log_beside_the_answer() -> None:
    """Standard output is the answer's alone: what is logged meanwhile goes to standard error."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler, logging.StreamHandler) and handler.stream is sys.stdout:
            handler.setStream(sys.stderr)


class _Formatter(argparse.RawDescriptionHelpFormatter):
    """Keeps the example's lines."""


def one_line(error: LedgerError) -> str:
    """An error as "what: why. Next: step"."""
    return " ".join(f"{error}. Next: {error.next_step}".replace("..", ".").split())


def error_json(error: LedgerError) -> dict[str, str]:
    """An error as `code`, `what`, `why`, `next`, and `path` where one is named."""
    found = told_error(error.code, error.what, error.why, error.next_step)
    return {**found, "path": error.path} if error.path else found


def told_error(code: str, what: str, why: str, next_step: str) -> dict[str, str]:
    """The four fields that every error of a command has with `--json`."""
    return {"code": code, "what": what, "why": why, "next": next_step}


def stream_name(text: str) -> tuple[str, str]:
    """`NS/NAME` as a pair; raises NameInvalid."""
    namespace, slash, name = text.partition("/")
    if not slash or not namespace or not name:
        raise NameInvalid("A stream is named NAMESPACE/NAME", why=repr(text)[:80])
    return namespace, name
