"""Names of columns in the administration, where the name of the field alone is no word."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.db.models import Model

COLUMNS: dict[str, str] = {
    "public_id": "id", "window_count": "window closes at (events)", "window_age_s": "window closes after (s)",
    "max_merge_delay_s": "merge delay promised (s)", "profile_mode": "profiles are",
    "clear_attributes": "attributes in the clear", "size": "leaves", "signed_size": "leaves under a signed root",
    "window_number": "newest window", "events_open": "events without a window", "receipt_kid": "receipt key",
    "waiting_since": "oldest without a window", "last_recorded": "last leaf", "stopped": "stopped with code",
    "kid": "key id", "alg": "algorithm", "valid_from": "valid from leaf", "valid_to": "valid before leaf",
    "paused": "signing is paused", "actor": "by", "at": "when", "tiles": "tiles are public",
    "entries": "entries are public", "first_index": "first leaf", "last_index": "last leaf", "outcome": "verdict",
    "head_size": "under the head of (leaves)", "file_sha256": "SHA-256 of the file", "file_size": "bytes",
    "total": "of how many", "fencing": "fencing number", "lease_until": "claimed until",
    "heartbeat": "last sign of life", "beat": "last sign of life", "minute": "minute (UTC)", "door": "address",
    "made": "written",
    "is_active": "may sign in", "display_name": "name", "revoked": "taken away", "may_append": "appends",
    "may_read": "reads", "last_used": "last used", "previous_until": "old secret works until", "use": "used for",
    "since": "counts since leaf", "until": "counted until leaf",
    "active_from": "activated", "revoked_at": "revoked", "words": "name",
    "change": "by change", "index": "leaf", "genesis": "digest of the genesis",
    "minutes": "after (min)", "by_mail": "by mail", "slug": "short name",
}  # fmt: skip
"""By the name of the field; the others say what they are."""


def column_name(model: type[Model], name: str) -> str:
    """The name of a column as a heading tells it."""
    return str(model._meta.get_field(name).verbose_name)  # type: ignore[union-attr]  # noqa: SLF001  (as below)


def name_columns(model: type[Model], names: tuple[str, ...]) -> None:
    """Give the columns of `model` their names, for headings, filters and rows.

    The models themselves stay as they are: migrations compare the name that a field was declared with.
    """
    for name in names:
        if name in COLUMNS:
            model._meta.get_field(name).verbose_name = COLUMNS[name]  # type: ignore[union-attr]  # noqa: SLF001
