"""`manage.py doctor`: small checks of this installation, each with a fix."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError

from console import doctor_checks
from console.health_checks import FAIL, NOT_CONFIGURED, PASS, WARN
from ledger.management.command import told_error

if TYPE_CHECKING:
    from argparse import ArgumentParser

_WORDS = {PASS: "pass", WARN: "warning", FAIL: "FAIL", NOT_CONFIGURED: "not configured"}


class Command(BaseCommand):
    """Exit 0 when nothing failed, 1 otherwise."""

    help = "Check this installation and say how to fix it. Example: ./manage.py doctor --category database"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What to look at, and in which form to answer."""
        parser.add_argument("--category", help="only the checks of this category")
        parser.add_argument("--check", help="only the check of this id")
        parser.add_argument("--list", action="store_true", help="name the checks and run none")
        parser.add_argument("--json", action="store_true", help="answer with one JSON document")

    def handle(self, **options: Any) -> None:
        """Run what was chosen, say all of it, then decide."""
        checks = doctor_checks.chosen(options["category"], options["check"])
        if not checks:
            if options["json"]:
                what, step = "There is no such check", "Read ./manage.py doctor --list."
                self.stdout.write(json.dumps(told_error("check_unknown", what, "", step)))
            raise CommandError("There is no such check. Next: ./manage.py doctor --list")
        if options["list"]:
            self._tell([{"category": c.category, "id": c.id, "title": c.title} for c in checks], options["json"])
            return
        rows = [{"category": c.category, "id": c.id, **asdict(doctor_checks.examined(c))} for c in checks]
        self._tell(rows, options["json"])
        if any(row["state"] == FAIL for row in rows):
            sys.exit(1)

    def _tell(self, rows: list[dict[str, Any]], as_json: bool) -> None:  # noqa: FBT001  (straight from an option)
        if as_json:
            self.stdout.write(json.dumps({"ok": all(row.get("state") != FAIL for row in rows), "checks": rows}))
            return
        for row in rows:
            self.stdout.write(_line(row))


def _line(row: dict[str, Any]) -> str:
    place = f"{row['category']}/{row['id']}"
    if "state" not in row:
        return f"{place:<28} {row['title']}"
    fix = f"\n{'':<44} Next: {row['next']}" if row["next"] else ""
    return f"{_WORDS[row['state']]:<15} {place:<28} {row['detail']}{fix}"
