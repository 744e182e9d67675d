"""What the ledger has to hold before anything is appended: the platform's own streams, and who started."""

from __future__ import annotations

from django.db import connection

SERVICES = ("web", "scheduler")  # the worker records its own start


def open_ledger() -> None:
    """Make the platform's streams where they are missing; record that web server and scheduler start."""
    from ledger.services.startup import record_start  # noqa: PLC0415  (off the way of the children's start)
    from ledger.services.streams import ensure_platform  # noqa: PLC0415  (likewise)

    try:
        ensure_platform()
        for service in SERVICES:
            record_start(service)
    finally:
        connection.close()
