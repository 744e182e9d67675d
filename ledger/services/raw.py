"""Raw psycopg cursors on Django's connection: server-side binding, so that parameters can be binary.

Django's own cursors bind on the client and refuse binary parameters; text arrays cost eight times as much.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol, TypeAlias

import psycopg
from django.db import connection, transaction

RawCursor: TypeAlias = "psycopg.Cursor[tuple[Any, ...]]"


class HasConnection(Protocol):
    """Django's cursor wrapper or a psycopg cursor: both know the psycopg connection they run on."""

    @property
    def connection(self) -> Any:
        """The psycopg connection."""


@contextmanager
def own_transaction() -> Iterator[RawCursor]:
    """A raw cursor in a transaction of its own, committed at the end; refused inside another transaction.

    READ COMMITTED, as Django connects: a row lock then reads the newest version. What is derived after this
    block may rely on the commit.
    """
    with transaction.atomic(durable=True), psycopg.Cursor(connection.connection) as cursor:
        yield cursor


@contextmanager
def within(outer: HasConnection) -> Iterator[RawCursor]:
    """A raw cursor in the transaction of `outer`, a Django or psycopg cursor."""
    with psycopg.Cursor(outer.connection) as cursor:
        yield cursor
