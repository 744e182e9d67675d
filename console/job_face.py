"""A job in words: done, of how many, rate, remaining, and what happens next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from console import words

if TYPE_CHECKING:
    from datetime import datetime

    from ledger.selectors.jobs import JobView

POLLED_EVERY_S = 1
_RUNNING = frozenset({"queued", "running"})
_TONES = {"done": "is-pass", "failed": "is-fail", "cancelled": "is-stale"}
_HEADLINES = {
    "queued": "Waiting for a worker",
    "running": "Running",
    "done": "Done",
    "failed": "Failed",
    "cancelled": "Cancelled",
}
_NEXT = {
    "queued": "A worker takes the job up within a few seconds. You may leave this page; the job goes on.",
    "running": "You may leave this page; the job goes on.",
    "cancelled": "Nothing more happens. Start it again if you still need it.",
}


@dataclass(frozen=True, slots=True)
class JobFace:
    """What the job bar shows. `measured` is false while nobody knows how much there is to do."""

    href: str
    running: bool
    tone: str
    headline: str
    clock: str
    measured: bool
    done: int
    total: int
    count: str
    rate: str
    remaining: str
    next: str


def face_of(job: JobView, now: datetime, href: str, follows: str = "", done: str = "") -> JobFace:
    """`href` answers with this bar alone; `follows` says what comes after the work, `done` once it ended."""
    total = job.total or 0
    ended = job.state not in _RUNNING
    return JobFace(
        href=href,
        running=not ended,
        tone=_TONES.get(job.state, ""),
        headline=_headline(job),
        clock=_clock(job, now),
        measured=ended or total > 0,
        done=max(job.done, 1) if ended and not total else min(job.done, total) if total else job.done,
        total=total or max(job.done, 1),
        count=_count(job),
        rate=f"{words.grouped(round(job.rate))} a second" if job.rate and job.rate >= 1 else "",
        remaining=_remaining(job) if not ended else "",
        next=_next(job, follows, done),
    )


def _headline(job: JobView) -> str:
    word = _HEADLINES.get(job.state, job.state)
    return f"{word}: {job.message}" if job.state == "running" and job.message else word


def _clock(job: JobView, now: datetime) -> str:
    if job.started is None:
        return f"asked {words.ago(job.created, now)}"
    end = job.finished or now
    return f"{'took' if job.finished else 'for'} {words.duration(end - job.started)}"


def _count(job: JobView) -> str:
    if not job.total:
        return words.counted(job.done, *_unit(job.unit)) if job.done else ""
    return f"{words.grouped(job.done)} of {words.counted(job.total, *_unit(job.unit))}, {percent(job)}"


def percent(job: JobView) -> str:
    """`42 %`, never 100 before the end; empty while nobody knows how much there is."""
    if not job.total:
        return ""
    share = 100 * min(job.done, job.total) // job.total
    return f"{share if job.state == 'done' else min(share, 99)} %"


def _unit(unit: str) -> tuple[str, str]:
    """Units are stored in the plural (`leaves`, `events`) or not at all."""
    one = {"leaves": "leaf", "": "step"}.get(unit, unit.removesuffix("s"))
    return one, unit or "steps"


def _remaining(job: JobView) -> str:
    if not job.total or not job.rate:
        return "time remaining not known yet"
    return f"about {words.duration((job.total - job.done) / job.rate)} remaining"


def _next(job: JobView, follows: str, done: str) -> str:
    if job.state == "failed":
        error = job.error or {}
        told = " ".join(str(error.get(part, "")) for part in ("what", "why", "next") if error.get(part))
        return told or "The reason is in the system ledger. Start it again."
    if job.state == "done":
        return done
    parts = [_NEXT.get(job.state, ""), follows if job.state in _RUNNING else ""]
    return " ".join(filter(None, parts))
