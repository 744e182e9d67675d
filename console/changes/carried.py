"""How far the bytes of an applied change have come in its data directory: four states, each looked at by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.urls import reverse

from governance.evidenceos.selectors.files import carried

if TYPE_CHECKING:
    from datetime import datetime

    from governance.change.selectors.changes import ChangeListed
    from governance.evidenceos.selectors.files import StateView

OF_DIRECTORIES: Final = "evidenceos:"
USUAL: Final = {"yes": "pass", "no": "stale", "not_evaluated": "not_evaluated", "not_needed": "not_evaluated"}
DRIFTED: Final = {"yes": "fail", "no": "pass"}
WORDS: Final = {"reload_sent": "reload sent"}


@dataclass(frozen=True, slots=True)
class Step:
    """One of the four: state, word, since when, and what was looked at."""

    state: str
    word: str
    at: datetime | None
    found: str


@dataclass(frozen=True, slots=True)
class InDirectory:
    """The four states, the paths, and where the directory's own pages tell more."""

    steps: tuple[Step, ...]
    paths: tuple[str, ...]
    guide: str
    files: str


def in_directory(listed: ChangeListed) -> InDirectory | None:
    """Of a change about a data directory that was decided; None for any other. Two questions, or none."""
    found = carried(listed.id) if listed.subject.startswith(OF_DIRECTORIES) else None
    if found is None:
        return None
    guide, files = (reverse(f"evidenceos-{name}", args=(found.target,)) for name in ("guide", "files"))
    steps = tuple(Step(tone_of(one), word_of(one), one.at, one.words) for one in found.states)
    return InDirectory(steps, found.plan.paths, f"{guide}?change={listed.id}", files)


def tone_of(one: StateView) -> str:
    """The state in the interface's own terms: drifted is bad, the others are good."""
    return (DRIFTED if one.name == "drifted" else USUAL).get(one.state, "not_evaluated")


def word_of(one: StateView) -> str:
    """The state in a word or two."""
    name = WORDS.get(one.name, one.name)
    return {"yes": name, "no": f"not {name}", "not_needed": "no reload needed"}.get(one.state, f"{name}: not evaluated")
