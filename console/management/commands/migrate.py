"""`manage.py migrate`, as the role that owns the tables."""

from __future__ import annotations

from django.conf import settings
from django.core.management.base import CommandParser
from django.core.management.commands import migrate


class Command(migrate.Command):
    """Django's own command; without --database it uses the `owner` alias where there is one."""

    def add_arguments(self, parser: CommandParser) -> None:
        """Change the default of --database alone."""
        super().add_arguments(parser)
        parser.set_defaults(database="owner" if "owner" in settings.DATABASES else "default")
