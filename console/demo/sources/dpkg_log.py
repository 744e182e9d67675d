"""What dpkg did on this machine, line by line: /var/log/dpkg.log (dpkg(1), option --log)."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from console.demo.sources import Found
from console.demo.sources.making import ID_DIGITS, event_of, utc_text
from ledger.core.event import RawEvent
from ledger.core.types import JSONObject

KIND = "software.package."
SOURCE = "urn:countersign:demo:dpkg-log"
LOG = Path("/var/log/dpkg.log")
_LINE = re.compile(r"(?P<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) (?P<action>[a-z]+) (?P<rest>\S.*)")
_CHANGES = frozenset({"install", "upgrade", "configure", "trigproc", "remove", "purge"})


def find_changes(log: Path = LOG) -> Found:
    """Events for the lines of dpkg's log that can be read as such; none where it cannot be opened."""
    try:
        text = log.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        return Found((), f"no log of dpkg: {error.strerror or error}")
    events = tuple(events_in(text))
    return Found(events, f"{len(events):,} lines of dpkg's log")


def events_in(text: str) -> Iterator[RawEvent]:
    """One event a line. Equal lines are counted apart, and a rotated log keeps its ids."""
    seen: Counter[str] = Counter()
    for line in text.splitlines():
        found = _LINE.fullmatch(line.strip())
        payload = _payload(found["action"], found["rest"].split()) if found else None
        if found is None or payload is None:
            continue
        seen[line] += 1
        event_id = hashlib.sha256(f"{line}\0{seen[line]}".encode()).hexdigest()[:ID_DIGITS]
        action = found["action"]
        subject = str(payload.get("package") or action)
        yield event_of(KIND + action, SOURCE, payload, time=_utc(found["time"]), subject=subject, event_id=event_id)


def _payload(action: str, words: list[str]) -> JSONObject | None:
    match action, words:
        case "startup", [first, *_]:
            return {"step": first}
        case "status", [state, package, version]:
            return {"package": package, "state": state, "version": version}
        case _, [package, before, after] if action in _CHANGES:
            return {"package": package, "from": _version(before), "to": _version(after)}
    return None


def _version(text: str) -> str | None:
    return None if text == "<none>" else text


def _utc(local: str) -> str:
    """The log has local times without a zone; the machine's present zone is assumed."""
    return utc_text(datetime.fromisoformat(local).astimezone())
