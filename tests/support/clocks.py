"""The database's own clock, put forwards and back: a function of a test stands before PostgreSQL's in the search path.

Whatever the product asks the database for the time of is then told the shifted one, by every process, also by one
that starts later.
"""

from __future__ import annotations

import psycopg
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
