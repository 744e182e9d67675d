"""Bring the database to this code's migrations before anything serves from it."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import psycopg
from django.db.migrations.loader import MigrationLoader

from console.supervisor.layout import ROOT
from console.supervisor.programs import ProgramFailed

if TYPE_CHECKING:
    from collections.abc import Mapping

QUIETLY = ("--verbosity=0", "--no-input", "--skip-checks")


def migrate(environ: Mapping[str, str]) -> None:
    """Run `migrate` as owner if something is missing. Compares names first, which takes milliseconds."""
    if is_current(environ["DATABASE_URL"]):
        return
    command = [sys.executable, str(ROOT / "manage.py"), "migrate", *QUIETLY]
    if subprocess.run(command, env=dict(environ), check=False).returncode:
        message = "Migrations failed; their message stands above."
        raise ProgramFailed(f"{message} Next: DATABASE_OWNER_URL must be the URL of the role that owns the tables.")


def is_current(url: str) -> bool:
    """Tell whether every migration of this code is applied in the database at `url`."""
    wanted = set(MigrationLoader(None, ignore_no_migrations=True).disk_migrations)
    with psycopg.connect(url) as connection:
        known = connection.execute("SELECT to_regclass('django_migrations') IS NOT NULL").fetchone()
        if known != (True,):
            return False
        applied = connection.execute("SELECT app, name FROM django_migrations").fetchall()
    return wanted <= set(applied)
