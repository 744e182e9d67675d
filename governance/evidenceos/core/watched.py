"""Which files of a data directory are ours to write, and are therefore watched.

Guarantees that what the daemon itself writes (its log, its state, its lock) is never taken for a foreign hand.
"""

from __future__ import annotations

from typing import Final

from governance.evidenceos.core import directory as names

_FILES: Final = frozenset({
    names.TRUSTED_KEYS, names.OPERATOR_CONFIG, names.EPOCH_CONTROL, names.EVENT_LOG, names.ACTIVE_KEY,
})  # fmt: skip
_FOLDERS: Final = ("nullspec/", "nullspec-registry/", "trusted-nullspec-keys/")


def is_watched(path: str) -> bool:
    """Whether nobody but us is to write this file."""
    return path in _FILES or path.startswith(_FOLDERS)
