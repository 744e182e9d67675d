"""Checkpoints of a stream: the list with every signature verified, and the page of one note."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404, HttpResponse

from console import words
from console.api_calls import api_call
from console.checkpoint_page import extends, lines_of, state_in_words
from console.listing.files import Listed, answer, wanted
from console.tables import PAGE_SIZE, page_of
from console.views.guard import page
from ledger.errors import RequestError
from ledger.selectors import checkpoints

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http.response import HttpResponseBase

    from console.checkpoint_page import Line
    from console.views.visit import Visit
    from ledger.selectors.checkpoints import CheckpointView
    from ledger.selectors.streams import StreamView


@page("GET")
def index(visit: Visit, namespace: str, name: str) -> HttpResponseBase:
    """Signed notes, the newest first."""
    stream = visit.stream(namespace, name)
    if file := wanted(visit):
        return answer(visit, Listed("checkpoints", f"{namespace}/{name}", _COLUMNS, _reader(stream)), file)
    after = visit.request.GET.get("after", "")
    found = checkpoints.checkpoints_of(stream, int(after) if after.isdecimal() else None, PAGE_SIZE + 1)
    listed = page_of(found, visit.request.GET, lambda row: str(row.size))
    lines = lines_of(stream, listed.rows)
    context = {"stream": stream, "lines": lines, "listed": listed, "answer": _answer(lines)}
    return visit.page("checkpoints/index.html", {**context, "api": api_call("checkpoints", namespace, name)})


_COLUMNS: dict[str, Callable[[CheckpointView], object]] = {
    "size": lambda row: row.size,
    "root": lambda row: row.root.hex(),
    "signed_at": lambda row: row.signed_at,
    "window": lambda row: row.window,
    "note": lambda row: row.note.decode(errors="replace"),
}


def _reader(stream: StreamView) -> Callable[[CheckpointView | None, int], list[CheckpointView]]:
    return lambda last, limit: checkpoints.checkpoints_of(stream, last.size if last else None, limit)


@page("GET")
def detail(visit: Visit, namespace: str, name: str, size: int) -> HttpResponse:
    """The checkpoint of exactly `size` leaves."""
    stream = visit.stream(namespace, name)
    try:
        line = lines_of(stream, [checkpoints.at(stream, size)])[0]
    except RequestError as unknown:
        raise Http404 from unknown
    step = extends(stream, line)
    before = {"from": step.before.size, "to": size} if step.before else {}
    return visit.page(
        "checkpoints/detail.html",
        {
            "stream": stream,
            "line": line,
            "extends": step,
            "answer": state_in_words(stream, line),
            "note": line.row.note.decode(errors="replace"),
            "api": api_call("consistency", namespace, name, filters=before) if before else "",
        },
    )


def _answer(lines: list[Line]) -> str:
    if not lines:
        return "No checkpoint has been signed yet. The first one comes with the first window."
    good = sum(not line.head.problem for line in lines)
    told = f"{words.grouped(good)} of {words.counted(len(lines), 'note')} on this page verified just now."
    return told if good == len(lines) else f"{told} Do not rely on the others."
