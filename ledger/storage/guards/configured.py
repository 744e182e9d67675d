"""The head guard of this installation, opened once in each process.

Guarantees that nothing is promised without a guard: where none is configured, or it cannot be opened, every
caller is refused as by one that does not answer, and the next call tries again.
"""

from __future__ import annotations

from threading import Lock
from typing import Final

from django.conf import settings

from ledger.storage.guards import HeadGuard, open_guard
from ledger.storage.guards.errors import HeadGuardUnreachable

NEXT_UNSET: Final = "Set COUNTERSIGN_HEAD_GUARD to the URL of a guard outside the database: docs/durability.md."
_opened: dict[str, HeadGuard] = {}
_lock = Lock()


def head_guard() -> HeadGuard:
    """The guard at COUNTERSIGN_HEAD_GUARD; raises HeadGuardUnreachable."""
    url: str = settings.COUNTERSIGN_HEAD_GUARD
    found = _opened.get(url)
    if found is not None:
        return found
    if not url:
        raise HeadGuardUnreachable("No head guard is configured", next_step=NEXT_UNSET)
    with _lock:
        return _opened.get(url) or _opened.setdefault(url, open_guard(url))
