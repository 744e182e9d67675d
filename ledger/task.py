"""What every task has in common: where it, or the runtime role, was refused a right, the refusal leaves a record."""

from __future__ import annotations

import logging

from celery import Task

from ledger.errors import LedgerError
from ledger.services.refusals import record_insufficient
from ledger.services.system_events import record_denial

log = logging.getLogger(__name__)


class RecordingTask(Task):  # type: ignore[type-arg]  # generic for the type checker alone
    """Named by the application as its class of tasks."""

    abstract = True

    def on_failure(self, exc: BaseException, task_id: str, *_: object) -> None:
        """Tell `_system/events` of a refusal by rights; any other failure is Celery's to log."""
        try:
            if not record_insufficient(exc, door=f"task:{self.name}", request_id=task_id):
                self._record_denial(exc, task_id)
        except Exception:
            log.exception("a refusal could not be recorded", extra={"task": self.name})

    def _record_denial(self, exc: BaseException, task_id: str) -> None:
        """What the action refused and did not record itself."""
        if isinstance(exc, LedgerError) and exc.is_denial and not getattr(exc, "recorded", False):
            door = f"task:{self.name}"
            record_denial(code=exc.code, actor=door, door=door, request_id=task_id, reason=str(exc)[:200])
