"""Django's PostgreSQL backend; a pooled connection is looked at before it is handed out.

A crash of the database ends every idle connection at once. psycopg_pool's own check asks each of them over the wire
and gives up after the second dead one; here one that is quiet costs a system call, and the first dead one has all of
them replaced. Nothing is sent again: a statement that was under way when the database fell is told as such.
"""

from __future__ import annotations

import select
from typing import Any

import psycopg
from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    """What `DATABASES` names as its engine."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """A connection that was there when it was handed out; raises psycopg.OperationalError where none is made."""
        connection = super().get_new_connection(conn_params)
        if self.pool is None or is_alive(connection):
            return connection
        self.pool.putconn(connection)
        self.pool.drain()
        return super().get_new_connection(conn_params)


def is_alive(connection: psycopg.Connection[Any]) -> bool:
    """Whether an idle connection in autocommit can be used, as far as this machine has heard.

    Whoever ends a session says so or closes the socket, so that there is something to read. Where there is, it may
    also be a notice: only the server can tell, and is asked.
    """
    try:
        if not _has_news(connection):
            return True
        connection.execute("")
    except psycopg.Error:
        return False
    return True


def _has_news(connection: psycopg.Connection[Any]) -> bool:
    poll = select.poll()  # select() knows no descriptors beyond 1,023
    poll.register(connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))
