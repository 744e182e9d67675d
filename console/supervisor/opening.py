"""What has to be there before anything is appended: the platform's streams and namespaces, who started."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

import psycopg
from django.db import DatabaseError, InterfaceError, connection

PATIENCE_SECONDS = 60.0
PAUSE_SECONDS = 0.5
SERVICES = ("web", "scheduler")  # the worker records its own start


def open_ledger_in_time(is_over: Callable[[], bool]) -> None:
    """As `open_ledger`, and again while the database goes away; raises what it raises after a minute, or when over."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return open_ledger()
        except (DatabaseError, InterfaceError, psycopg.Error):
            if is_over() or time.monotonic() > deadline:
                raise
            time.sleep(PAUSE_SECONDS)


def open_ledger() -> None:
    """Make the platform's streams where they are missing; record that web server and scheduler start."""
    from ledger.services.startup import record_start  # noqa: PLC0415  (off the way of the children's start)

    try:
        _found()
        _publish_signer()
        for service in SERVICES:
            record_start(service)
    finally:
        connection.close()


def _publish_signer() -> None:
    """The signing page that this start serves stands in the log before anybody opens it."""
    from console.signing_record import publish_if_new  # noqa: PLC0415  (off the way of the children's start)

    publish_if_new()


def _found() -> None:
    from django.utils import timezone  # noqa: PLC0415  (off the way of the children's start)

    from governance.identity.actions.found_platform import found_platform  # noqa: PLC0415  (likewise)
    from governance.identity.core.principal import machine  # noqa: PLC0415  (likewise)
    from governance.identity.moment import Moment  # noqa: PLC0415  (likewise)

    found_platform(by=machine("machine:serve"), moment=lambda: Moment(timezone.now(), os.urandom))
