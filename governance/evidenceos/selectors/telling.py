"""What commands and the API tell of a target, as JSON: epochs and other 64-bit numbers as they are.

Guarantees that whatever evidenceosctl shows is there, and beside it what verifies and what does not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import is_dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from governance.evidenceos.errors_of_targets import TargetUnknown
from governance.evidenceos.selectors import canaries, events, files, nullspecs, settings_of
from governance.evidenceos.selectors.targets import TargetView

ID_HEX: Final = 64


def told(value: Any) -> Any:
    """A view as JSON: bytes in hex, times in ISO 8601, objects that have a JSON of their own in that."""
    if hasattr(value, "to_json"):
        return told(value.to_json())
    if is_dataclass(value) and not isinstance(value, type):
        return {name: told(getattr(value, name)) for name in _names(value)}
    if isinstance(value, dict):
        return {str(name): told(one) for name, one in value.items()}
    return [told(one) for one in value] if isinstance(value, list | tuple) else _scalar(value)


def _scalar(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Path) else value


def _names(value: Any) -> list[str]:
    """The fields of a view; the bytes of a contract's file are told by its digest."""
    return [name for name in value.__dataclass_fields__ if name not in {"data", "id"}]


def _nullspec(one: TargetView, name: str, now: datetime) -> Any:
    view = nullspecs.nullspec(one, name, now)
    return {**told(view), "history": told(nullspecs.history(one, name, now))}


def _oracle(one: TargetView, name: str, now: datetime) -> Any:
    found = next((row for row in settings_of.oracles(one, now) if row.oracle_id == name), None)
    if found is None:
        raise TargetUnknown("There is no record of this oracle", why=name[:80])
    return found


def _event(one: TargetView, name: str, now: datetime) -> Any:
    """A line by its number, or every line of an id."""
    is_line = name.isdigit() and len(name) < ID_HEX
    return events.event(one, int(name), now) if is_line else events.of_id(one, name, now)


def _canary(one: TargetView, name: str, now: datetime) -> Any:
    return {**told(canaries.canary(one, name, now)), "samples": told(canaries.canary_samples(one, name))}


LISTS: Final[dict[str, Callable[[TargetView, datetime], Any]]] = {
    "nullspecs": nullspecs.nullspecs,
    "active": nullspecs.active_map,
    "oracles": settings_of.oracles,
    "epoch": settings_of.epoch,
    "keys": settings_of.trusted_keys,
    "log-keys": settings_of.log_keys,
    "canaries": canaries.canaries,
    "events": events.events,
    "files": files.files,
    "sightings": lambda one, _now: files.sightings(one, is_open=False),
    "plans": lambda one, _now: files.plans(one),
}
"""What can be listed."""

ONES: Final[dict[str, Callable[[TargetView, str, datetime], Any]]] = {
    "nullspecs": _nullspec, "oracles": _oracle, "canaries": _canary, "events": _event,
}  # fmt: skip
"""What can be shown by its name."""


def shown(one: TargetView, what: str, name: str, now: datetime) -> Any:
    """A list, or one of it by its name; raises TargetUnknown, TargetUnreadable."""
    if not name:
        return told(LISTS[what](one, now))
    if what not in ONES:
        raise TargetUnknown("This has no single one to show", why=what)
    return told(ONES[what](one, name, now))
