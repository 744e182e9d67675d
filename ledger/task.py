"""What every task has in common: where the runtime role was refused a right, the refusal leaves a record."""

from __future__ import annotations

import logging

from celery import Task

from ledger.services.refusals import record_insufficient

log = logging.getLogger(__name__)


class RecordingTask(Task):  # type: ignore[type-arg]  # generic for the type checker alone
    """Named by the application as its class of tasks."""

    abstract = True

    def on_failure(self, exc: BaseException, task_id: str, *_: object) -> None:
        """Tell `_system/events` of a refusal by rights; any other failure is Celery's to log."""
        try:
            record_insufficient(exc, door=f"task:{self.name}", request_id=task_id)
        except Exception:
            log.exception("a refusal could not be recorded", extra={"task": self.name})
