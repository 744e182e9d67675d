"""What a Celery worker does besides its tasks: a heartbeat in the database every ten seconds, a record of its
start, and once a comparison of every stream with the head guard.

The heartbeat is a thread of the worker's main process, so it goes on while tasks run, and stops with the
process.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from functools import partial
from threading import Event, Thread
from typing import Any

from celery import bootsteps
from django.db import connection

from ledger.services.recovery import recover_all
from ledger.services.startup import record_start
from ledger.services.workers import BEAT_EVERY_S, beat, leave

log = logging.getLogger(__name__)


class Heartbeat(bootsteps.StartStopStep):
    """Register with `app.steps["worker"].add(Heartbeat)`."""

    def __init__(self, parent: Any, **options: Any) -> None:
        super().__init__(parent, **options)
        self._ended = Event()
        self._thread: Thread | None = None

    def start(self, parent: Any) -> None:
        """Begin to beat, and go on with what was begun; the worker does not wait for the database."""
        self._thread = Thread(target=self._run, args=(str(parent.hostname),), name="heartbeat", daemon=True)
        self._thread.start()
        Thread(target=_quietly, args=(recover_all,), name="recovery", daemon=True).start()

    def stop(self, parent: Any) -> None:
        """End in order."""
        del parent
        self._ended.set()
        if self._thread is not None:
            self._thread.join(timeout=BEAT_EVERY_S)

    terminate = stop

    def _run(self, name: str) -> None:
        _quietly(partial(record_start, "worker"))
        first = True
        while not self._ended.is_set():
            first = not _quietly(partial(beat, name, first=first)) and first
            self._ended.wait(BEAT_EVERY_S)
        _quietly(partial(leave, name))


def _quietly(act: Callable[[], object]) -> bool:
    """Do it on a connection that is closed afterwards; a failure is logged, the next beat tries again."""
    try:
        act()
    except Exception:
        log.exception("%s failed", threading.current_thread().name)
        return False
    finally:
        connection.close()
    return True
