"""`manage.py migrate`, as the role that owns the tables."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from django.core.management.commands import migrate
from django.db import connections


class Command(migrate.Command):
    """Django's own command; without --database it uses the `owner` alias where there is one."""

    def add_arguments(self, parser: CommandParser) -> None:
        """Change the default of --database alone."""
        super().add_arguments(parser)
        parser.set_defaults(database="owner" if "owner" in settings.DATABASES else "default")

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate; afterwards the runtime role may read what is applied, and no longer write it."""
        super().handle(*args, **options)
        runtime = settings.DATABASES["default"]["USER"]
        if options["database"] == "owner":
            with connections["owner"].cursor() as cursor:
                role = connections["owner"].ops.quote_name(runtime)
                cursor.execute(f"REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {role}")
