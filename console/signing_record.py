"""Which signing page the log knows: entered once for each page that this server serves, and read again by monitors.

Guarantees that a start enters the page where, and only where, it is another than the one that was entered last.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from console.signing_page import digests
from ledger.selectors.newest import newest_event
from ledger.services.system_events import STREAM, SystemEvent, record

if TYPE_CHECKING:
    from datetime import datetime

    from ledger.core.types import JSONObject


@dataclass(frozen=True, slots=True)
class Entered:
    """The newest entry: its place in `_system/events`, its time, and the digests."""

    index: int
    recorded: datetime
    digests: dict[str, Any]

    def names(self, told: JSONObject) -> bool:
        """Whether it is about exactly these files."""
        return self.digests.get("bundle") == told["bundle"] and self.digests.get("saved") == told["saved"]


def newest_entry() -> Entered | None:
    """The signing page that was entered last; None where none was, or its payload is gone."""
    found = newest_event(STREAM, SystemEvent.SIGNER_PUBLISHED.value)
    told = json.loads(found.payload) if found is not None and found.payload is not None else None
    return Entered(found.index, found.recorded, told) if found is not None and isinstance(told, dict) else None


def publish_if_new() -> bool:
    """Enter the page that this server serves, unless it was entered last; returns whether it was new."""
    told, last = digests(), newest_entry()
    if last is not None and last.names(told):
        return False
    record(SystemEvent.SIGNER_PUBLISHED, dict(told))
    return True
