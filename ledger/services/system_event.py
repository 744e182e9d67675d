"""The types of events in `_system/events`, all in one place; docs/events.md tells what each carries."""

from __future__ import annotations

from enum import StrEnum


class SystemEvent(StrEnum):
    """Every type of event in `_system/events`, as `source:subject:action`."""

    SERVICE_STARTED = "ledger:service:started"
    STREAM_STOPPED = "ledger:stream:stopped"
    APPEND_ONLY_REFUSED = "ledger:append_only:refused"
    STREAM_CONTINUED = "ledger:stream:continued"
    STREAM_REFILLED = "ledger:stream:refilled"
    KEYS_CHANGED = "ledger:keys:changed"
    KEY_DESTROYED = "ledger:key:destroyed"
    SEALED_ANEW = "ledger:secrets:sealed_anew"
    SIGNER_PAUSED = "ledger:signer:paused"
    SIGNER_RESUMED = "ledger:signer:resumed"
    OBJECT_ALTERED = "ledger:object:altered"
    HEAD_GUARD_BEHIND = "ledger:head_guard:behind"
    WITNESSES_ASKED = "ledger:witnesses:asked"
    HEAD_GUARD_MADE = "ledger:head_guard:made"
    SEAL_FAILED = "ledger:seal:failed"
    EXPORT_FAILED = "ledger:export:failed"
    JOB_FAILED = "ledger:job:failed"
    SPOOL_BROKEN = "ledger:spool:broken"
    REQUEST_DENIED = "console:request:denied"
    REQUESTS_DENIED = "console:requests:denied"
    LIST_EXPORTED = "console:list:exported"
    SIGNER_PUBLISHED = "console:signer:published"
    EVIDENCEOS_WRITTEN = "evidenceos:change:written"
    EVIDENCEOS_REFUSED = "evidenceos:change:not_written"
    EVIDENCEOS_RELOADED = "evidenceos:daemon:told"
    EVIDENCEOS_UNTOLD = "evidenceos:daemon:not_told"
    EVIDENCEOS_OBSERVED = "evidenceos:daemon:observed"
    EVIDENCEOS_DRIFTED = "evidenceos:file:drifted"
    EVIDENCEOS_SETTLED = "evidenceos:file:settled"
