"""What was compared with what: newest heads with the stored tree, heads with witnesses, stored bytes with their hashes.

Reads what checks have said already; nothing is recomputed for this page, and each cell says when it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.urls import reverse

from console import words
from console.marks import OUTCOMES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from governance.watching.core.rules import PathMark
    from governance.watching.selectors.standing import Standing
    from ledger.selectors.jobs import JobView
    from ledger.selectors.streams import StreamView

_MODES = {"full": "from the first leaf on", "quick": "from the last checkpoint on"}
_WAITS = {"queued": "asked for", "running": "runs now", "failed": "did not end", "cancelled": "was cancelled"}


@dataclass(frozen=True, slots=True)
class Cell:
    """A state with its word, what it was about, when, and where it is told in full."""

    state: str
    word: str
    about: str = ""
    when: datetime | None = None
    href: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One stream."""

    title: str
    href: str
    heads: str
    verify: str
    checkpoint: Cell
    witness: Cell
    stored: Cell


def lines(streams: Sequence[StreamView], standing: Sequence[Standing], jobs: Sequence[JobView]) -> list[Line]:
    """One line for each stream, those with a finding first."""
    stood = {(one.namespace, one.name): one for one in standing}
    newest = _newest(jobs)
    found = [_line(one, stood.get((one.namespace, one.name)), newest.get((one.namespace, one.name))) for one in streams]
    return sorted(found, key=lambda line: (_rank(line), line.title))


def answer(found: Sequence[Line]) -> str:
    """How many heads verify, how many streams were checked whole, and who says so beside this server."""
    if not found:
        return "There is no stream in your namespaces yet."
    count = words.counted(len(found), "stream")
    heads = sum(line.checkpoint.state == "pass" for line in found)
    whole = sum(line.stored.state == "pass" for line in found)
    asked = sum(line.witness.state != "not_evaluated" for line in found)
    told = [f"The newest head verifies and gives the stored tree on {heads:,} of {count}."]
    told.append(f"Stored bytes were hashed again and gave what was signed on {whole:,}.")
    told.append(
        f"Witnesses are asked on {asked:,}."
        if asked
        else "No witness is asked on any: whoever verifies compares heads with another reader."
    )
    return " ".join(told)


def _line(stream: StreamView, stood: Standing | None, job: JobView | None) -> Line:
    place = (stream.namespace, stream.name)
    return Line(
        title=f"{stream.namespace}/{stream.name}",
        href=reverse("stream", args=place),
        heads=reverse("checkpoints", args=place),
        verify=reverse("stream-verify", args=place),
        checkpoint=_path(stood, "checkpoint", "not checked yet"),
        witness=_path(stood, "witness", "no witness asked"),
        stored=_stored(job),
    )


def _path(stood: Standing | None, path: str, without: str) -> Cell:
    marks: Mapping[str, PathMark] = stood.marks if stood is not None else {}
    mark = marks.get(path)
    if stood is None or mark is None or mark.state == "not_evaluated":
        return Cell("not_evaluated", without)
    return Cell(mark.state, "verifies" if mark.state == "pass" else mark.state, when=stood.checked)


def _stored(job: JobView | None) -> Cell:
    if job is None:
        return Cell("not_evaluated", "not asked for yet")
    href, about = reverse("job", args=(job.public_id,)), _MODES.get(str(job.params.get("mode")), "")
    outcome = str((job.result or {}).get("outcome", ""))
    if outcome not in OUTCOMES:
        return Cell("not_evaluated", _WAITS.get(job.state, job.state), about, job.created, href)
    return Cell(OUTCOMES[outcome], outcome, about, job.finished, href)


def _newest(jobs: Sequence[JobView]) -> dict[tuple[str, str], JobView]:
    """The newest of each stream; `jobs` come the newest first."""
    found: dict[tuple[str, str], JobView] = {}
    for one in jobs:
        found.setdefault((one.namespace, str(one.params.get("stream"))), one)
    return found


def _rank(line: Line) -> int:
    held = {line.checkpoint.state, line.witness.state, line.stored.state}
    return 0 if "fail" in held else 1 if "stale" in held else 2
