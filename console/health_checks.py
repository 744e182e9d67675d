"""What `/ready` and `doctor` ask: each check names what was done, what came of it, and the next step.

`pass` and `fail` speak for themselves; `warn` is said of what works and protects less than it could,
`not_configured` of what this installation does not have. Neither makes it unready.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from threading import Lock, Thread
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from kombu import Connection

from console import guard_place
from governance.identity.selectors.factors import of_other_models
from ledger.core.durations import duration
from ledger.errors import LedgerError
from ledger.selectors import readiness
from ledger.storage.guards.configured import NEXT_UNSET
from ledger.storage.guards.errors import BY_CODE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

log = logging.getLogger(__name__)

PASS, WARN, FAIL, NOT_CONFIGURED = "pass", "warn", "fail", "not_configured"
WORKER_SILENCE = timedelta(seconds=60)
CLOCK_TOLERANCE = timedelta(minutes=5)
BROKER_TIMEOUT_S = 2
DATABASE_TIMEOUT_MS = 3_000
DEADLINE_S = 2.5
SIGNER_KEPT_S = 5.0


@dataclass(frozen=True)
class Finding:
    """What a check found; `next` is empty where nothing is to be done."""

    state: str
    detail: str
    next: str = ""


Check = Callable[[], Finding]
UNDONE = Finding(FAIL, "The check could not be carried out.", "Read the log of this process.")
SILENT = Finding(FAIL, "The database did not answer in time.", "Look whether PostgreSQL runs and is reached.")
GUARD_SILENT = Finding(FAIL, "The head guard did not answer in time.", "Look whether the guard runs and is reached.")
ASKING = ("database", "migrations", "signer", "worker", "passkeys", "clock", "head_guard")
"""The checks that ask the database, in this order: where it is away, the others are not tried."""


def run() -> dict[str, Finding]:
    """Every check by name; one that raises has failed, and the reason goes to the log, not to the caller.

    What asks the database runs in a thread with a deadline: a server that is stopped or cut off answers nothing, ever.
    """
    asked: dict[str, Finding] = {}
    _within_deadline(asked)
    found = dict(asked)
    for name, check in CHECKS.items():
        if name not in ASKING:
            found[name] = _run(name, check)
    late = GUARD_SILENT if "clock" in found else SILENT
    return {name: found.get(name, late) for name in CHECKS}


def _within_deadline(asked: dict[str, Finding]) -> None:
    """Fill `asked` until the deadline; while an earlier round still waits, nobody joins it."""
    end = time.monotonic() + DEADLINE_S
    if not _asking.acquire(timeout=DEADLINE_S):
        return
    asking = Thread(target=_ask, args=(asked,), name="readiness", daemon=True)
    asking.start()
    asking.join(max(0.0, end - time.monotonic()))


def _ask(asked: dict[str, Finding]) -> None:
    try:
        for name in ASKING:
            asked[name] = _run(name, CHECKS[name])
            if name == "database" and asked[name] == UNDONE:
                break
    finally:
        _asking.release()
        connection.close()


_asking = Lock()


def is_ready(findings: dict[str, Finding]) -> bool:
    """Whether nothing failed."""
    return all(finding.state != FAIL for finding in findings.values())


def _run(name: str, check: Check) -> Finding:
    try:
        return check()
    except Exception:
        log.exception("a readiness check failed", extra={"check": name})
        return UNDONE


def database() -> Finding:
    """Connected, durable, and as a role that owns nothing."""
    with _bounded():
        facts = readiness.database_facts()
    if not facts.fsync or not facts.synchronous_commit:
        setting = "synchronous_commit" if facts.fsync else "fsync"
        detail = f"PostgreSQL runs with {setting} off: an acknowledged event could be lost."
        return Finding(FAIL, detail, f"Set {setting} = on and restart PostgreSQL.")
    if facts.owned or facts.superuser:
        detail = f"The runtime role {facts.role} owns tables or is superuser: it could switch the triggers off."
        return Finding(FAIL, detail, "Set DATABASE_URL to the runtime role, DATABASE_OWNER_URL to the owner.")
    return Finding(PASS, f"Connected to PostgreSQL {facts.version} as {facts.role}, which owns nothing.")


@contextmanager
def _bounded() -> Iterator[None]:
    """No statement of a check waits longer than three seconds."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET statement_timeout = {DATABASE_TIMEOUT_MS}")
        try:
            yield
        finally:
            cursor.execute("RESET statement_timeout")


@cache
def _migrations_of_this_code() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None, ignore_no_migrations=True).disk_migrations)


def migrations() -> Finding:
    """What the database has applied, against what this code brings."""
    wanted, applied = _migrations_of_this_code(), readiness.applied_migrations()
    missing = sorted(f"{app}.{name}" for app, name in wanted - applied)
    if missing:
        return Finding(FAIL, f"Not applied: {', '.join(missing[:5])}.", "Run ./manage.py migrate as the owner.")
    foreign = sorted(f"{app}.{name}" for app, name in applied - wanted if app in {"ledger", "identity"})
    if foreign:
        return Finding(FAIL, f"Applied by newer code: {', '.join(foreign[:5])}.", "Start the version that made them.")
    return Finding(PASS, f"All {len(wanted)} migrations of this code are applied.")


def signer() -> Finding:
    """Signatures by the keys of a sample of streams, verified under their registered halves; at most 5 s old."""
    whose = (str(connection.settings_dict["NAME"]), bytes(settings.COUNTERSIGN_SEAL_KEY))
    at, found = _proved.get(whose, (-SIGNER_KEPT_S, UNDONE))
    if time.monotonic() - at < SIGNER_KEPT_S:
        return found
    found = _signed(readiness.probe_signer(datetime.now(UTC)))
    _proved.clear()
    if found.state == PASS:
        _proved[whose] = (time.monotonic(), found)
    return found


def _signed(proof: readiness.SignerProof) -> Finding:
    streams = "1 stream" if proof.streams == 1 else f"{proof.streams:,} streams"
    told = f"Signed and verified under the registered keys of {streams} ({proof.keys:,} in force)."
    if proof.paused:
        count = "1 stream is" if proof.paused == 1 else f"{proof.paused:,} streams are"
        return Finding(WARN, f"{told} The signer of {count} paused.", "Resume it with signer_resume when you are done.")
    return Finding(PASS, told if proof.streams else "Signed and verified with a probe key sealed for this check.")


_proved: dict[tuple[str, bytes], tuple[float, Finding]] = {}


def worker() -> Finding:
    """The newest heartbeat in the database; a broker's ping proves nothing."""
    beat = readiness.newest_beat()
    if beat is None:
        return Finding(FAIL, "No worker has been heard of.", "Start a worker: ./manage.py serve.")
    age = datetime.now(UTC) - beat
    if age > WORKER_SILENCE:
        told = f"The last heartbeat of a worker is {duration(age)} old."
        return Finding(FAIL, told, "Start a worker; read its log.")
    return Finding(PASS, f"A worker was heard of {duration(age)} ago.")


def broker() -> Finding:
    """Reachable, or for the file broker: writable."""
    url = str(settings.CELERY_BROKER_URL)
    if url.startswith("filesystem:"):
        folder = Path(settings.CELERY_BROKER_TRANSPORT_OPTIONS["data_folder_out"])
        mark = folder / f".ready-{time.monotonic_ns()}"
        mark.touch()
        mark.unlink()
        return Finding(PASS, "The folder of the file broker can be written.")
    with Connection(url, connect_timeout=BROKER_TIMEOUT_S) as link:
        link.ensure_connection(max_retries=1, timeout=BROKER_TIMEOUT_S)
    return Finding(PASS, "The broker answers.")


def head_guard() -> Finding:
    """Reachable, and the database holds what it remembers: of the platform's streams and those written last."""
    if not settings.COUNTERSIGN_HEAD_GUARD:
        return Finding(FAIL, "No head guard is configured: nothing is appended or sealed.", NEXT_UNSET)
    try:
        readiness.ask_head_guard()
        compared, refused = readiness.guarded()
    except LedgerError as error:
        return Finding(FAIL, f"{error.what} ({error.code}).", error.next_step)
    if refused:
        told = ", ".join(f"{count:,} by {code}" for code, count in sorted(refused.items()))
        return Finding(FAIL, f"Of {compared:,} streams that were compared, refused are {told}.", _next_of(refused))
    detail = f"It answers, and the database holds what it remembers of the {compared:,} streams that were compared."
    if guard_place.shared_with_database():
        return Finding(WARN, f"{detail} {guard_place.SHARED}", guard_place.NEXT)
    return Finding(PASS, detail)


def _next_of(codes: Iterable[str]) -> str:
    return BY_CODE[min(codes)].default_next if BY_CODE.keys() >= set(codes) else "Read the log of this process."


def passkeys() -> Finding:
    """Registered passkeys against the models that this deployment takes."""
    allowed = settings.COUNTERSIGN_PASSKEY_MODELS
    if not allowed:
        return Finding(NOT_CONFIGURED, "Passkeys of every model are taken.")
    others = of_other_models(allowed)
    if others:
        detail = f"{others:,} registered passkeys are of models that are not taken any more."
        return Finding(WARN, detail, "Ask their holders to register another one and to remove these.")
    return Finding(PASS, f"Every registered passkey is of one of the {len(allowed):,} models that are taken.")


def clock() -> Finding:
    """The database's clock against this machine's."""
    drift = readiness.database_clock() - datetime.now(UTC)
    seconds = f"{abs(drift.total_seconds()):,.1f} s"
    if abs(drift) > CLOCK_TOLERANCE:
        return Finding(FAIL, f"The clocks of database and server differ by {seconds}.", "Correct the clocks (NTP).")
    return Finding(PASS, f"The clocks of database and server differ by {seconds}.")


def preparation() -> Finding:
    """Whatever the supervisor has to do before the first request, such as seeding the demo."""
    mark = str(settings.COUNTERSIGN_READY_MARK)
    if mark and not Path(mark).exists():
        return Finding(FAIL, "Preparing: the supervisor has not finished.", "Wait; its progress is on its terminal.")
    return Finding(PASS, "Nothing is being prepared.")


CHECKS: dict[str, Check] = {
    "database": database,
    "migrations": migrations,
    "signer": signer,
    "worker": worker,
    "passkeys": passkeys,
    "broker": broker,
    "head_guard": head_guard,
    "clock": clock,
    "preparation": preparation,
}
