"""Stopping a stream: after a fatal error nothing is appended, sealed or signed until a person has looked."""

from __future__ import annotations

import logging

from ledger.errors import FatalError
from ledger.models import StreamHead
from ledger.services import spool
from ledger.services.system_event import SystemEvent

log = logging.getLogger(__name__)


def stop(stream_id: int, error: FatalError) -> None:
    """Stop the stream with the error's code, in a transaction of its own; the first code stays.

    The reason goes to the spool, from where it enters `_system/events` also if that very stream is the
    stopped one.
    """
    StreamHead.objects.filter(pk=stream_id, stopped__isnull=True).update(stopped=error.code)
    log.critical("stream %s stopped: %s", stream_id, error)
    spool.note(SystemEvent.STREAM_STOPPED, {"stream": stream_id, "code": error.code, "reason": str(error)})
