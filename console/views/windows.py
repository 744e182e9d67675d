"""Windows of a stream: the list, and the page of one with its root recomputed."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from django.http import Http404, HttpResponse

from console import charts, words
from console.api_calls import api_call
from console.listing.files import Listed, wanted
from console.listing.files import answer as file_answer
from console.stream_page import bars
from console.tables import PAGE_SIZE, page_of
from console.views.guard import page
from console.window_page import answer, checked
from ledger.errors import RequestError
from ledger.selectors import checkpoints

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http.response import HttpResponseBase

    from console.views.visit import Visit
    from ledger.selectors.checkpoints import WindowView
    from ledger.selectors.streams import StreamView

TAPE = 120


@page("GET")
def index(visit: Visit, namespace: str, name: str) -> HttpResponseBase:
    """Closed windows, the newest first."""
    stream = visit.stream(namespace, name)
    if file := wanted(visit):
        return file_answer(visit, Listed("windows", f"{namespace}/{name}", _COLUMNS, _reader(stream)), file)
    after = visit.request.GET.get("after", "")
    found = checkpoints.windows_of(stream, int(after) if after.isdecimal() else None, PAGE_SIZE + 1)
    listed = page_of(found, visit.request.GET, lambda row: str(row.number))
    waiting = stream.size - stream.window_from
    opened = f"{words.counted(waiting, 'leaf', 'leaves')} in the open one" if waiting else "none is open"
    return visit.page(
        "windows/index.html",
        {
            "stream": stream,
            "windows": listed.rows,
            "listed": listed,
            "tape": charts.tape(bars(stream, found[:TAPE])) if not after else "",
            "answer": f"{words.counted(stream.window_number, 'window')} closed; {opened}.",
            "api": api_call("windows", namespace, name),
        },
    )


_COLUMNS = {
    name: attrgetter(name)
    for name in ("number", "start", "end", "count", "opened", "closed", "reason", "manifest_index")
} | {"root": lambda row: row.root.hex()}


def _reader(stream: StreamView) -> Callable[[WindowView | None, int], list[WindowView]]:
    return lambda last, limit: checkpoints.windows_of(stream, last.number if last else None, limit)


@page("GET")
def detail(visit: Visit, namespace: str, name: str, number: int) -> HttpResponse:
    """One window."""
    stream = visit.stream(namespace, name)
    try:
        found = checkpoints.window(stream, number)
    except RequestError as unknown:
        raise Http404 from unknown
    verdict = checked(stream, found)
    return visit.page(
        "windows/detail.html",
        {
            "stream": stream,
            "window": found,
            "verdict": verdict,
            "answer": answer(found, verdict),
            "covered": found.size <= stream.signed_size,
            "api": api_call("window", namespace, name, number),
        },
    )
