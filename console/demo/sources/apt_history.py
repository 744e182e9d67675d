"""What apt did: /var/log/apt/history.log. Command lines stay out, since arguments may carry secrets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from console.demo.sources import Found, without_repeats
from console.demo.sources.dpkg_packages import paragraphs
from console.demo.sources.making import event_of, utc_text
from ledger.core.event import RawEvent
from ledger.core.types import JSON

KIND = "software.transaction"
SOURCE = "urn:countersign:demo:apt-history"
LOG = Path("/var/log/apt/history.log")
_ACTIONS = ("Install", "Reinstall", "Upgrade", "Downgrade", "Remove", "Purge")
_PACKAGE = re.compile(r"([^\s,(]+) \(([^()]*)\)")


def find_transactions(log: Path = LOG) -> Found:
    """Events for the transactions in apt's history; none where it cannot be read."""
    try:
        text = log.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        return Found((), f"no history of apt: {error.strerror or error}")
    events = without_repeats(events_in(text))
    return Found(events, f"{len(events):,} transactions of apt")


def events_in(text: str) -> Iterator[RawEvent]:
    """One event for each paragraph that says when it began and what it did."""
    for fields in paragraphs(text):
        begun = _utc(fields.get("Start-Date", ""))
        done = {action.lower(): packages_in(fields[action]) for action in _ACTIONS if action in fields}
        if begun and done:
            payload: dict[str, JSON] = {**done, "ended": _utc(fields.get("End-Date", ""))}
            count = sum(len(packages) for packages in done.values())
            yield event_of(KIND, SOURCE, payload, time=begun, subject=f"{count} packages")


def packages_in(text: str) -> list[JSON]:
    """`name:arch (old, new), ...` as a list of `{package, versions, automatic}`."""
    return [_package(name, inside) for name, inside in _PACKAGE.findall(text)]


def _package(name: str, inside: str) -> JSON:
    words = [word.strip() for word in inside.split(",")]
    versions: list[JSON] = [word for word in words if word != "automatic"]
    return {"package": name, "versions": versions, "automatic": "automatic" in words}


def _utc(local: str) -> str | None:
    try:
        return utc_text(datetime.fromisoformat(re.sub(r"\s+", " ", local.strip())).astimezone())
    except ValueError:
        return None
