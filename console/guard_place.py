"""Where the head guard lies: whether one snapshot of a volume would roll back database and guard together."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.db import connection

from ledger.storage.guards import FileGuard
from ledger.storage.guards.configured import head_guard

SHARED = "It lies on the database's volume: a snapshot of that volume would roll back both, unnoticed."
NEXT = "Put the guard on another machine or volume (COUNTERSIGN_HEAD_GUARD), or ask witnesses."
LOCAL = frozenset({"", "localhost", "127.0.0.1", "::1"})
PACKAGED = Path("/var/lib/postgresql")


def shared_with_database() -> bool:
    """Whether a guard in files lies on the volume of a database on this machine, as far as that can be told."""
    guard = head_guard()
    return isinstance(guard, FileGuard) and any(guard.shares_volume_with(place) for place in _places())


def _places() -> list[Path]:
    """Directories that lie where a local database lies: of its socket, of the state, of Debian's packages."""
    host = str(connection.settings_dict["HOST"])
    if host not in LOCAL and not host.startswith("/"):
        return []
    candidates = [Path(settings.COUNTERSIGN_STATE_DIR), PACKAGED, *([Path(host)] if host.startswith("/") else [])]
    return [place for place in candidates if place.is_dir()]
