"""Event profiles: JSON Schemas (draft 2020-12) for events whose meaning auditors rely on.

A stream checks them as it was told: off, warn (the answer says so), refuse (nothing of the batch is
recorded). Types without a profile are admitted. Only JSON payloads can conform; the JSON path names the
culprit.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from ledger.core.event import RawEvent
from ledger.core.strict_json import parse
from ledger.core.types import JSON
from ledger.errors import JSONInvalid, ProfileRefused
from ledger.models import ProfileMode

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # published without types

PROFILES = ("ai.decision", "human.override", "incident", "data.access")
MAX_WARNINGS = 100


@dataclass(frozen=True, slots=True)
class ProfileWarning:
    """Event `place` of the batch does not conform to `profile`; `path` points into the batch."""

    place: int
    profile: str
    path: str
    message: str

    def to_json(self) -> dict[str, object]:
        """The form in answers."""
        return {"event": self.place, "profile": self.profile, "path": self.path, "message": self.message}


def check_profiles(mode: str, events: Sequence[RawEvent]) -> list[ProfileWarning]:
    """At most a hundred warnings; raises ProfileRefused for the first of them in mode `refuse`."""
    if mode == ProfileMode.OFF:
        return []
    found: list[ProfileWarning] = []
    for place, event in enumerate(events):
        warning = _checked(place, event)
        if warning is not None and mode == ProfileMode.REFUSE:
            raise ProfileRefused(
                f"The event does not conform to the profile {warning.profile}",
                why=warning.message,
                path=warning.path,
            )
        found += [warning] if warning is not None else []
    return found[:MAX_WARNINGS]


def profile_schema(name: str) -> dict[str, object]:
    """The JSON Schema of a profile; raises KeyError."""
    if name not in PROFILES:
        raise KeyError(name)
    loaded: dict[str, object] = json.loads(files("ledger.profiles").joinpath(f"{name}.json").read_text())
    return loaded


@dataclass(frozen=True, slots=True)
class ProfileFault:
    """What does not conform, and where: a JSON path into what was tried."""

    path: str
    message: str


def faults_of(name: str, payload: JSON, root: str = "$") -> list[ProfileFault]:
    """Everything in which a payload does not conform to the profile, by place; raises KeyError for no profile.

    `root` is the path of the payload in what was given. At most a hundred faults, each message bounded.
    """
    if name not in PROFILES:
        raise KeyError(name)
    found = sorted(_validator(name).iter_errors(payload), key=lambda fault: [str(step) for step in fault.absolute_path])
    return [
        ProfileFault(f"{root}{''.join(_steps(fault.absolute_path))}", fault.message[:500])
        for fault in found[:MAX_WARNINGS]
    ]


def _checked(place: int, event: RawEvent) -> ProfileWarning | None:
    if event.type not in PROFILES:
        return None
    try:
        payload = parse(event.payload)
    except JSONInvalid as error:
        return ProfileWarning(place, event.type, f"$[{place}].payload", f"not JSON: {error.what}")
    from jsonschema.exceptions import best_match  # type: ignore[import-untyped]  # noqa: PLC0415  see _validator

    fault = best_match(_validator(event.type).iter_errors(payload))
    if fault is None:
        return None
    path = "".join(_steps(fault.absolute_path))
    return ProfileWarning(place, event.type, f"$[{place}].payload{path}", fault.message[:500])


def _steps(path: Sequence[str | int]) -> Iterator[str]:
    for step in path:
        yield f"[{step}]" if isinstance(step, int) else f".{step}" if step.isidentifier() else f"[{step!r}]"


@cache
def _validator(name: str) -> Draft202012Validator:
    # Few streams have a profile, and the package takes some megabytes of every process.
    from jsonschema import Draft202012Validator  # noqa: PLC0415  (one function's need)

    schema = profile_schema(name)
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)
