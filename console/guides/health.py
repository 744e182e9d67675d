"""Guide: inspect the health of a stream."""

from __future__ import annotations

from django.urls import reverse

from console import words
from console.guides.step import DONE, OPEN, UNSEEN, WRONG, Asked, Guide, Step, done_if
from console.seals import address
from governance.watching.core.buckets import FINE
from governance.watching.selectors.health_over_time import history
from governance.watching.selectors.notices import subscriptions_of

_OFF = {"stale", "fail"}


def _steps(asked: Asked) -> list[Step]:
    stream = asked.stream
    if stream is None:
        titles = ("Read the paths", "Look back", "Be told from now on")
        first = Step("Choose the stream", "Choose it above.", OPEN, reverse("streams"), "Streams")
        return [first, *(Step(title, "", OPEN) for title in titles)]
    found, args = history(stream, FINE, asked.visit.now), (stream.namespace, stream.name)
    off = [path for path, mark in found.marks.items() if mark.state in _OFF]
    silent = [path for path, mark in found.marks.items() if mark.state == "not_evaluated"]
    over_time = reverse("stream-health", args=args)
    return [
        Step("Choose the stream", f"{stream.namespace}/{stream.name}.", DONE, address(stream), "Open it"),
        _paths(off, found.checked is not None, f"{address(stream)}#path-receipt"),
        Step(
            "Know what is not evaluated, and why",
            f"Not evaluated: {words.listed(silent)}." if silent else "Every path is evaluated.",
            UNSEEN if silent else DONE, f"{address(stream)}#path-witness", "Read why",
        ),
        Step(
            "Look back over a day and a month",
            "The rate, and the worst state of each interval.", UNSEEN, over_time, "Over time",
        ),
        Step(
            "Be told from now on",
            "You are subscribed." if _subscribed(asked) else "Nobody calls you when a path is off pass.",
            done_if(_subscribed(asked)), f"{reverse('subscriptions')}?for={'/'.join(args)}", "Subscribe",
        ),
    ]  # fmt: skip


def _paths(off: list[str], checked: object, href: str) -> Step:
    title = "Read each path: what was checked, and the next step"
    if not checked:
        return Step(title, "The schedule has not checked it yet; the page checks at once.", OPEN, href, "Check now")
    if off:
        return Step(title, f"Off pass: {words.listed(off)}. Its row names the next step.", WRONG, href, "Next step")
    return Step(title, "No path is off pass at the last check.", DONE, href, "Check now")


def _subscribed(asked: Asked) -> bool:
    stream = asked.stream
    held = subscriptions_of(asked.visit.person) if stream else ()
    return any(stream and one.namespace == stream.namespace and one.stream in {"", stream.name} for one in held)


GUIDE = Guide(
    slug="inspect-health",
    title="Inspect the health of a stream",
    when="Before you rely on a stream, and whenever somebody asks whether it is healthy.",
    must_not=(
        "Do not take not evaluated for good: nothing was checked there.",
        "Do not count on a stopped stream: nothing is recorded, and the client keeps what it has.",
    ),
    on="stream",
    steps=_steps,
)
