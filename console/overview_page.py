"""Is the evidence healthy, why, and what waits for me: the three answers of the first page, from few reads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.urls import reverse

from console import words
from console.seals import signed_state, waiting_state
from governance.watching.core.alarms import AlarmKind
from ledger.health import HEALTH_PATHS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from governance.watching.selectors.notices import AlarmView
    from governance.watching.selectors.standing import Standing
    from ledger.selectors.jobs import JobView
    from ledger.selectors.reliance import Pause
    from ledger.selectors.streams import StreamView

LATE = frozenset({"stale", "fail"})
UNCHECKED_AFTER = timedelta(minutes=5)
NAMED = 3
_WORST = ("fail", "stale", "pass")
_WORST_OF_PATHS = ("fail", "stale", "not_evaluated", "pass")
"""What was evaluated on a part of the streams alone is no pass of them all."""
_VERDICTS = {"pass": "Yes, as far as it is checked.", "stale": "Not entirely.", "fail": "No."}


_CORE = frozenset(HEALTH_PATHS[path].title for path in ("receipt", "window", "checkpoint"))
"""Paths without which nothing can be called healthy."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that was looked at: its meaning, its name, a sentence, where more is, and whether it was evaluated
    anywhere.
    """

    state: str
    name: str
    sentence: str
    href: str = ""
    link: str = ""
    evaluated: bool = True


@dataclass(frozen=True, slots=True)
class Waits:
    """Something that waits for the reader."""

    sentence: str
    href: str
    state: str = "not_evaluated"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The one line: its meaning, the word of the answer."""

    state: str
    word: str


def verdict(reasons: Sequence[Reason]) -> Verdict:
    """The worst of the reasons; what was not evaluated decides nothing and is told beside it."""
    state = next((one for one in _WORST if any(reason.state == one for reason in reasons)), "pass")
    unchecked = any(reason.name in _CORE and not reason.evaluated for reason in reasons)
    if state == "pass" and unchecked:
        return Verdict("not_evaluated", "Not checked yet.")
    return Verdict(state, _VERDICTS[state])


def reasons_of(
    streams: Sequence[StreamView], standing: Sequence[Standing], pauses: Sequence[Pause], now: datetime
) -> list[Reason]:
    """Why: stops, roots, the five paths over all streams, and paused reliance."""
    told = [_stops(streams), _roots(streams, now)]
    told += [_path(path, standing, now) for path in HEALTH_PATHS]
    told += [_paused(pauses)] if pauses else []
    return told


def _stops(streams: Sequence[StreamView]) -> Reason:
    stopped = [f"{one.namespace}/{one.name}" for one in streams if one.stopped and one.successor is None]
    if not stopped:
        return Reason("pass", "Streams", f"None of {words.counted(len(streams), 'stream')} is stopped.")
    return Reason("fail", "Streams", f"Stopped: {_named(stopped)}.", f"{reverse('streams')}?state=stopped", "Show them")


def _roots(streams: Sequence[StreamView], now: datetime) -> Reason:
    waiting = [one for one in streams if one.waiting_since is not None]
    rest = sum(one.size - one.signed_size for one in streams)
    states = {state(one, now) for one in streams if not one.stopped for state in (waiting_state, signed_state)}
    worst = next((one for one in ("fail", "stale") if one in states), "pass")
    if not rest:
        return Reason(worst, "Signed roots", "Every leaf stands under one.")
    told = f"{words.counted(rest, 'leaf waits', 'leaves wait')} for a window or a checkpoint"
    since = min((one.waiting_since for one in waiting if one.waiting_since), default=None)
    told += f", the oldest event for {words.duration(now - since)}" if since else ""
    return Reason(worst, "Signed roots", f"{told}.", f"{reverse('streams')}?state=waiting", "Show them")


def _path(path: str, standing: Sequence[Standing], now: datetime) -> Reason:
    found = [(one, one.marks[path].state) for one in standing if path in one.marks]
    title = HEALTH_PATHS[path].title
    if not found:
        return Reason("not_evaluated", title, "Not checked on the schedule yet.", evaluated=False)
    held = {state for _, state in found}
    state = next(one for one in _WORST_OF_PATHS if one in held)
    oldest = min((one.checked for one, _ in found if one.checked), default=None)
    told = [_counted(found, one, word) for one, word in _SAID.items()]
    sentence = f"{'; '.join(filter(None, told))}{f', checked {words.ago(oldest, now)} or later' if oldest else ''}."
    if oldest is not None and now - oldest > UNCHECKED_AFTER and "pass" in held and not held & LATE:
        return Reason("stale", title, f"{sentence} The schedule is late: look whether the workers run.")
    return Reason(state, title, f"{sentence[:1].upper()}{sentence[1:]}", evaluated=held != {"not_evaluated"})


_SAID = {"fail": "fails on", "stale": "stale on", "pass": "passes on", "not_evaluated": "not evaluated on"}


def _counted(found: Sequence[tuple[Standing, str]], state: str, word: str) -> str:
    names = [f"{one.namespace}/{one.name}" for one, held in found if held == state]
    if not names:
        return ""
    few = len(names) <= NAMED and len(names) < len(found) and state != "pass"
    return f"{word} {_named(names) if few or state in LATE else f'{len(names):,} of {len(found):,}'}"


def _paused(pauses: Sequence[Pause]) -> Reason:
    told = (
        f"Paused on {words.counted(len(pauses), 'range')}: nobody shall rely on {'it' if len(pauses) == 1 else 'them'}."
    )
    return Reason("stale", "Reliance", told)


def platform_reason(troubles: Sequence[tuple[str, int]]) -> Reason:
    """What the system ledger says of the last 24 hours; `troubles` by type of event."""
    href = f"{reverse('system')}?q=after:24h"
    if not troubles:
        return Reason("pass", "Platform", "No failure and no refused write in the last 24 h.", href, "System ledger")
    told = words.listed([f"{kind} ({words.grouped(count)})" for kind, count in troubles])
    return Reason("stale", "Platform", f"In the last 24 h: {told}.", href, "System ledger")


_ALARMS = {AlarmKind.GUARD: ("fail", "Head guard"), AlarmKind.SIGNER: ("stale", "Signer")}
"""Alarms that no other reason tells: stopped streams have their own, and a job is no state of the evidence."""


def alarm_reasons(alarms: Sequence[AlarmView], now: datetime) -> list[Reason]:
    """What whoever runs the platform was told, and what still holds."""
    told = [(*_ALARMS[one.kind], one) for one in alarms if one.kind in _ALARMS]
    return [
        Reason(state, name, f"{one.what}, seen for {words.duration(now - one.since)}.", one.page, "What to do")
        for state, name, one in told
    ]


def waits_of(unread: int, mine: Sequence[JobView], now: datetime, to_sign: int = 0) -> list[Waits]:
    """Changes to sign, unread notices, my jobs that run, and those that failed within a day."""
    told = []
    if to_sign:
        verb = "waits" if to_sign == 1 else "wait"
        told.append(
            Waits(f"{words.counted(to_sign, 'change')} {verb} for your signature.", reverse("changes"), "stale")
        )
    if unread:
        told.append(Waits(f"{words.counted(unread, 'notice')} not read yet.", reverse("notifications"), "stale"))
    going = [one for one in mine if one.state in {"queued", "running"}]
    if going:
        told.append(Waits(f"{words.counted(len(going), 'job')} of yours not ended yet.", f"{reverse('jobs')}?mine=1"))
    day = now - timedelta(days=1)
    told += [
        Waits(f"Your {one.kind} failed {words.ago(one.finished, now)}.", reverse("job", args=(one.public_id,)), "fail")
        for one in mine
        if one.state == "failed" and one.finished and one.finished > day
    ]
    return told


def _named(names: Sequence[str]) -> str:
    rest = len(names) - NAMED
    return words.listed([*names[:NAMED], *([words.counted(rest, "other")] if rest > 0 else [])])
