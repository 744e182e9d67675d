"""`manage.py serve`: the supervisor."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from console import supervisor


class Command(BaseCommand):
    """Start database (if embedded), web, worker and scheduler under one process."""

    help = "Run everything under one supervisor until Ctrl-C or SIGTERM. Example: ./manage.py serve --port 8000"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the port and where output goes."""
        parser.add_argument("--port", type=int, default=8000, help="port on 127.0.0.1 (default: 8000)")
        parser.add_argument("--log-files", action="store_true", help="write output to var/log/ instead of here")

    def handle(self, **options: Any) -> None:
        """Exit with the supervisor's own code."""
        sys.exit(supervisor.run(port=options["port"], logs=options["log_files"]))
