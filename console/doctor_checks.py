"""What `doctor` looks at beyond `/ready`: machine, files, streams. Each check names its fix."""

from __future__ import annotations

import importlib.util
import re
import shutil
import stat
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from django.conf import settings

from console import health_checks
from console.health_checks import FAIL, NOT_CONFIGURED, PASS, Finding
from ledger.selectors import readiness

PYTHON = (3, 11)
INSTALL = "Run make demo or make test: they install what is pinned."
LEAST_FREE_BYTES = 1024**3
_PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", re.MULTILINE)


@dataclass(frozen=True)
class Check:
    """One row of the doctor's table."""

    category: str
    id: str
    title: str
    run: Callable[[], Finding]


def python() -> Finding:
    """The interpreter is of the version that everything is tested with."""
    text = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] == PYTHON:
        return Finding(PASS, f"Python {text}.")
    fix = "Remove .venv and run make demo PYTHON=/path/to/python3.11."
    return Finding(FAIL, f"Python {text}; 3.11 is needed.", fix)


def packages() -> Finding:
    """Installed packages are those of requirements.txt."""
    pins = _PIN.findall((settings.BASE_DIR / "requirements.txt").read_text())
    found = {name: (_installed(name) or "missing", wanted) for name, wanted in pins}
    wrong = [f"{name} {there} instead of {wanted}" for name, (there, wanted) in found.items() if there != wanted]
    if wrong:
        return Finding(FAIL, "; ".join(wrong[:3]), INSTALL)
    return Finding(PASS, f"All {len(pins)} pinned packages are installed in their versions.")


def state_directory() -> Finding:
    """The state directory can be written and has room."""
    state: Path = settings.COUNTERSIGN_STATE_DIR
    free = shutil.disk_usage(state).free
    if free < LEAST_FREE_BYTES:
        detail = f"{free / 1024**2:,.0f} MiB are free at {state}."
        return Finding(FAIL, detail, "Make room, or set COUNTERSIGN_STATE_DIR.")
    return Finding(PASS, f"{free / 1024**3:,.1f} GiB are free at {state}.")


def secret_files() -> Finding:
    """Files with secrets are readable by their owner alone."""
    state: Path = settings.COUNTERSIGN_STATE_DIR
    known = [state / "secrets.json", state / "databases.json", state / "demo.json", state / "demo" / "secret"]
    there = [path for path in known if path.exists()]
    open_ones = [path.name for path in there if stat.S_IMODE(path.stat().st_mode) & 0o077]
    if open_ones:
        detail = f"Others may read {', '.join(open_ones)}."
        return Finding(FAIL, detail, "chmod 600 them, and make new secrets if others could.")
    return Finding(PASS, f"{len(there)} files with secrets are readable by their owner alone.")


def mode() -> Finding:
    """Which kind of installation this is."""
    if settings.COUNTERSIGN_ENV == "production":
        return Finding(PASS, f"Production, as {settings.COUNTERSIGN_PUBLIC_NAME}.")
    place = f"{settings.COUNTERSIGN_ENV}, as {settings.COUNTERSIGN_PUBLIC_NAME}"
    detail = f"Mode {place}: not for evidence that anyone relies on."
    return Finding(NOT_CONFIGURED, detail, "Set COUNTERSIGN_ENV=production and what docs/settings.md names.")


def accelerators() -> Finding:
    """Fast canonical JSON and signatures; without them results are the same, and slower."""
    missing = [name for name in ("orjson", "rfc8785", "nacl") if importlib.util.find_spec(name) is None]
    if missing:
        return Finding(FAIL, f"Not installed: {', '.join(missing)}.", INSTALL)
    return Finding(PASS, "orjson, rfc8785 and PyNaCl are installed.")


def stopped_streams() -> Finding:
    """No stream is stopped."""
    totals = readiness.totals()
    if totals.stopped:
        detail = f"{totals.stopped:,} of {totals.streams:,} streams are stopped."
        return Finding(FAIL, detail, "Open the streams' pages: each names the code, and what it asks for.")
    return Finding(PASS, f"None of {totals.streams:,} streams is stopped.")


def refusals() -> Finding:
    """How often the database refused to change what is append-only."""
    count = readiness.totals().refusals
    if count:
        detail = f"The database has refused {count:,} attempts to change append-only rows."
        return Finding(FAIL, detail, "Read _system/events for when, and find out who holds the owner's credentials.")
    return Finding(PASS, "The database had no attempt to change append-only rows to refuse.")


def _installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


CHECKS = (
    Check("machine", "python", "Python", python),
    Check("machine", "packages", "Pinned packages", packages),
    Check("machine", "accelerators", "Accelerators", accelerators),
    Check("machine", "state_directory", "State directory", state_directory),
    Check("machine", "secret_files", "Files with secrets", secret_files),
    Check("machine", "mode", "Mode", mode),
    Check("database", "database", "Database", health_checks.database),
    Check("database", "migrations", "Migrations", health_checks.migrations),
    Check("database", "clock", "Clocks", health_checks.clock),
    Check("database", "refusals", "Refused changes", refusals),
    Check("services", "signer", "Signer", health_checks.signer),
    Check("services", "worker", "Worker", health_checks.worker),
    Check("services", "broker", "Broker", health_checks.broker),
    Check("services", "head_guard", "Head guard", health_checks.head_guard),
    Check("streams", "stopped", "Stopped streams", stopped_streams),
)


def chosen(category: str | None, check_id: str | None) -> list[Check]:
    """The checks of a category, or the one of an id, or all; empty where nothing has that name."""
    rows = [check for check in CHECKS if category is None or check.category == category]
    return [check for check in rows if check_id is None or check.id == check_id]


def examined(check: Check) -> Finding:
    """Run one check; one that cannot be carried out has failed, and says why in one line."""
    try:
        return check.run()
    except Exception as error:  # noqa: BLE001  (a doctor that dies of the first symptom helps nobody)
        reason = str(error).strip().splitlines() or [type(error).__name__]
        detail = f"The check could not be carried out: {reason[0][:200]}"
        return Finding(FAIL, detail, "Start everything: ./manage.py serve.")
