"""P3 and P4: rows as django-pghistory, django-auditlog and a naive hash chain write them, in events a second."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from itertools import count
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.peers.settings")
django.setup()

from django.core.management import call_command  # noqa: E402  (after setup)
from django.db import connection, connections, transaction  # noqa: E402  (after setup)

from bench.events import event_of  # noqa: E402  (after setup)
from bench.peers.models import Audited, Chained, ChainHead, Tracked  # noqa: E402  (after setup)
from bench.timing import at_once, rate_of  # noqa: E402  (after setup)

_numbers = count()


def prepare() -> None:
    """Make the tables and the triggers."""
    call_command("migrate", run_syncdb=True, verbosity=0)
    call_command("pgtrigger", "install")
    ChainHead.objects.create(number=0, hash="")


def pghistory(batches: int, size: int) -> float:
    """bulk_create of `size` rows, `batches` times, each in a transaction of its own."""
    rows = [[Tracked(**_columns(next(_numbers))) for _ in range(size)] for _ in range(batches)]
    written = iter(rows)
    return rate_of(lambda: Tracked.objects.bulk_create(next(written)), batches) * size


def auditlog(threads: int, seconds: float) -> float:
    """One row and its LogEntry a transaction, in threads."""
    return at_once(_closing(_audited), threads, seconds)


def chain(threads: int, seconds: float) -> float:
    """One link a transaction, under a lock on the head's row, in threads."""
    return at_once(_closing(_link), threads, seconds)


def histories() -> dict[str, int]:
    """How many rows each peer has written, to show that it did what it is measured for."""
    tables = {"pghistory": "peers_trackedevent", "auditlog": "auditlog_logentry", "chain": "peers_chained"}
    with connection.cursor() as cursor:
        found = {}
        for name, table in tables.items():
            cursor.execute(f"SELECT count(*) FROM {table}")  # noqa: S608  constants
            found[name] = cursor.fetchone()[0]
    return found


def _audited() -> None:
    """In one transaction, as with ATOMIC_REQUESTS: without it auditlog commits twice, and is slower."""
    with transaction.atomic():
        Audited.objects.create(**_columns(next(_numbers)))


def _link() -> None:
    columns = _columns(next(_numbers))
    said = json.dumps(columns, sort_keys=True)
    with transaction.atomic():
        head = ChainHead.objects.select_for_update().get()
        digest = hashlib.sha256(f"{head.number}{head.hash}{said}".encode()).hexdigest()
        Chained.objects.create(number=head.number, previous=head.hash, hash=digest, **columns)
        head.number, head.hash = head.number + 1, digest
        head.save()


def _columns(number: int) -> dict[str, Any]:
    event = event_of(number)
    return {
        "event_id": event["id"], "type": event["type"], "source": event["source"], "subject": event["subject"],
        "time": event["time"], "payload": json.dumps(event["payload"]),
    }  # fmt: skip


def _closing(call: Callable[[], object]) -> Callable[[bool], None]:
    """The call; asked to close, it gives the thread's connection back."""

    def one(close: bool) -> None:  # noqa: FBT001  called by at_once alone
        if close:
            connections.close_all()
        else:
            call()

    return one
