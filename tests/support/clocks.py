"""The database's own clock, put forwards and back: a function of a test stands before PostgreSQL's in the search path.

Whatever the product asks the database for the time of is then told the shifted one, by every process, also by one
that starts later. The clock on the wall of a machine is shifted for all processes that are told so when they start.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

_MADE = """
CREATE SCHEMA shifted;
CREATE TABLE shifted.shift (by interval NOT NULL);
INSERT INTO shifted.shift VALUES ('0');
CREATE FUNCTION shifted.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE
    AS 'SELECT pg_catalog.clock_timestamp() + by FROM shifted.shift';
GRANT USAGE ON SCHEMA shifted TO PUBLIC;
GRANT SELECT ON shifted.shift TO PUBLIC;
"""
_OTHERS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> %s"


def make_shiftable(admin_url: str) -> None:
    """Have every new session see the shifted clock; those that are open are ended."""
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute(_MADE)
        name = sql.Identifier(admin.info.dbname)
        admin.execute(sql.SQL("ALTER DATABASE {} SET search_path = shifted, pg_catalog, public").format(name))
        admin.execute(_OTHERS, [admin.info.backend_pid])


def shift(admin_url: str, by: str) -> None:
    """Put the clock forwards (`1 year`) or back (`-1 hour`), from now on, for everybody."""
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute("UPDATE shifted.shift SET by = %s", [by])


def wall_clock(folder: Path, wall: Path) -> Path:
    """The library for LD_PRELOAD of processes whose clock on the wall `wall` shifts (WALL_CLOCK_FILE).

    Without a compiler the test is skipped.
    """
    compiler, library = shutil.which("cc"), folder / "wall_clock.so"
    if compiler is None:
        pytest.skip("there is no compiler: apt-get install gcc libc6-dev")
    source = Path(__file__).with_name("wall_clock.c")
    subprocess.run([compiler, "-shared", "-fPIC", "-O2", "-o", str(library), str(source), "-ldl"], check=True)
    wall.write_bytes(bytes(8))
    folder.chmod(0o755)  # the database's account reads it
    return library


def shift_wall(wall: Path, seconds: int) -> None:
    """Put it forwards, or back, from now on; in place, since it is mapped into memory."""
    with wall.open("r+b") as file:
        file.write(seconds.to_bytes(8, sys.byteorder, signed=True))
