"""Bundles: ask for one, watch it, fetch it."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse

from console.api import represent
from console.api.body import json_object, refused
from console.api.call import Call, not_found
from console.api.documented import BODY, IDENTIFIER, LIMIT, UNSAFE, documented, text_in_query
from console.api.operation import Operation, answer
from console.api.paging import page
from console.api.parameters import identifier, limit_of
from console.api.problems import ProblemError
from console.api.shapes import INDEX, MOMENT, NAME, NAMESPACE, closed, listed, paged, ref
from governance.identity.core.roles import Capability
from ledger.core.bundle import Period
from ledger.core.times import format_time
from ledger.errors import NotThere
from ledger.selectors import bundles, jobs, streams
from ledger.services import exports

MAX_INDEX = 2**53 - 1
_FORGOTTEN = "Content of its range was erased since, and the file with it; its report stays."
ROLES = ("attrs", "payload")


class RequestBundle(Operation):
    """The request freezes head, range and choice; a worker writes the file."""

    @documented(
        "request_bundle",
        "Ask for a bundle of a range of leaves, or of a period by recorded time",
        request={
            "application/json": closed(
                {"namespace": NAMESPACE, "stream": NAME},
                **{"from": INDEX, "to": INDEX, "recorded_from": MOMENT, "recorded_to": MOMENT},
                disclose={"anyOf": [{"type": "boolean"}, listed({"enum": ["attrs", "payload"]}, uniqueItems=True)]},
            )
        },
        answers={202: ref("Bundle")},
        problems=[*UNSAFE, *BODY, "parameter_invalid", "not_found", "range_invalid"],
        tag="bundles",
    )
    def post(self, call: Call) -> HttpResponse:
        """202 with the job to watch."""
        kinds: dict[str, type | tuple[type, ...]] = {
            "namespace": str,
            "stream": str,
            "from": int,
            "to": int,
            "recorded_from": str,
            "recorded_to": str,
            "disclose": (bool, list),
        }
        fields = json_object(call.request, kinds)
        period = _period(fields)
        _check(fields, by_period=period is not None)
        call.asks(stream=fields["stream"])
        call.require(Capability.EXPORT, fields["namespace"])
        stream = streams.stream(fields["namespace"], fields["stream"])
        actor, disclose = call.who.actor, fields.get("disclose", True)
        if period is not None:
            view, job = exports.request_period(stream, period, actor=actor, disclose=disclose)
        else:
            view, job = exports.request_bundle(stream, fields["from"], fields["to"] + 1, actor=actor, disclose=disclose)
        return answer(represent.bundle(view, job), 202, Location=reverse("api:bundle", args=[view.public_id]))


class ListBundles(Operation):
    """Bundles of every namespace that the caller may export from, newest first."""

    @documented(
        "list_bundles",
        "List bundles",
        answers={200: paged(ref("Bundle"))},
        parameters=[
            LIMIT,
            text_in_query("after", {"format": "uuid"}, "Id of the last bundle of the page before."),
        ],
        problems=["parameter_invalid"],
        tag="bundles",
    )
    def get(self, call: Call) -> HttpResponse:
        """A page, newest first."""
        limit, after = limit_of(call.request), identifier(call.request, "after")
        rows = bundles.bundles_of(call.who.holding(Capability.EXPORT), after, limit + 1)
        return answer(page(call.request, rows, limit, _with_job, lambda row: row.public_id))


class ShowBundle(Operation):
    """One bundle and its job."""

    @documented(
        "show_bundle",
        "State of a bundle",
        answers={200: ref("Bundle")},
        parameters=[IDENTIFIER],
        problems=["not_found"],
        tag="bundles",
    )
    def get(self, call: Call, public_id: uuid.UUID) -> HttpResponse:
        """By id."""
        return answer(_with_job(_mine(call, public_id)))


class DownloadBundle(Operation):
    """The file, for no cache to keep."""

    @documented(
        "download_bundle",
        "The bundle itself",
        answers={(200, "application/gzip"): {"type": "string", "format": "binary"}},
        parameters=[IDENTIFIER],
        problems=["not_found", "bundle_not_ready", "gone"],
        tag="bundles",
    )
    def get(self, call: Call, public_id: uuid.UUID) -> HttpResponseBase:
        """409 until the job is done."""
        view = _mine(call, public_id)
        if not view.file:
            raise ProblemError("gone", _FORGOTTEN) if view.finished else ProblemError("bundle_not_ready")
        name = f"{view.namespace}-{view.stream}-{view.first}-{view.last}.tar.gz"
        headers = {"Cache-Control": "no-store"}
        return FileResponse(
            bundles.open_file(view),
            as_attachment=True,
            filename=name,
            content_type="application/gzip",
            headers=headers,
        )


class BundlesRoute(ListBundles, RequestBundle):
    """`bundles/`"""


def _check(fields: dict[str, Any], *, by_period: bool) -> None:
    for name in ("namespace", "stream") if by_period else ("namespace", "stream", "from", "to"):
        if name not in fields:
            raise refused(f"$.{name}", "This field is needed.")
    _check_disclosed(fields.get("disclose", True))
    if not by_period and not 0 <= fields["from"] <= fields["to"] <= MAX_INDEX:
        raise refused("$.to", "from is at least 0 and at most to.")


def _period(fields: dict[str, Any]) -> Period | None:
    """The period by recorded time that is asked for instead of `from` and `to`; None where none is."""
    start, end = (_moment(fields, name) for name in ("recorded_from", "recorded_to"))
    if start is None and end is None:
        return None
    for name in ("from", "to"):
        if name in fields:
            raise refused(f"$.{name}", "Ask for a range (from, to) or a period (recorded_from, recorded_to), not both.")
    if start is not None and end is not None and start >= end:
        raise refused("$.recorded_to", "The period ends after it begins; its end is not part of it.")
    return Period("recorded", start, end)


def _moment(fields: dict[str, Any], name: str) -> str | None:
    """A time of RFC 3339 with its offset, in the spelling of leaves."""
    if name not in fields:
        return None
    try:
        given = datetime.fromisoformat(fields[name].upper())
        if given.tzinfo is not None:
            return format_time(given)
    except (ValueError, OverflowError):
        pass
    raise refused(f"$.{name}", "A time is RFC 3339 with its offset, such as 2026-03-01T00:00:00Z.")


def _check_disclosed(disclose: Any) -> None:
    if isinstance(disclose, list) and not all(role in ROLES for role in disclose):
        raise refused("$.disclose", f"disclose is true, false or a list of {', '.join(ROLES)}.")


def _mine(call: Call, public_id: uuid.UUID) -> bundles.BundleView:
    try:
        view = bundles.bundle(public_id)
    except NotThere as error:
        raise not_found(denial="namespace_hidden") from error
    if not call.who.knows(view.namespace):
        raise not_found(denial="namespace_hidden")
    call.require(Capability.EXPORT, view.namespace)
    return view


def _with_job(view: bundles.BundleView) -> dict[str, Any]:
    return represent.bundle(view, jobs.job(view.job_id))
