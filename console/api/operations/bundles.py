"""Bundles: ask for one, watch it, fetch it."""

from __future__ import annotations

import uuid
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
from console.api.shapes import INDEX, NAME, NAMESPACE, closed, listed, paged, ref
from governance.identity.core.roles import Capability
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
        "Ask for a bundle of a range of leaves",
        request={
            "application/json": closed(
                {"namespace": NAMESPACE, "stream": NAME, "from": INDEX, "to": INDEX},
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
            "disclose": (bool, list),
        }
        fields = json_object(call.request, kinds)
        _check(fields)
        call.asks(stream=fields["stream"])
        call.require(Capability.EXPORT, fields["namespace"])
        stream = streams.stream(fields["namespace"], fields["stream"])
        disclose = fields.get("disclose", True)
        view, job = exports.request_bundle(
            stream, fields["from"], fields["to"] + 1, actor=call.who.actor, disclose=disclose
        )
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


def _check(fields: dict[str, Any]) -> None:
    for name in ("namespace", "stream", "from", "to"):
        if name not in fields:
            raise refused(f"$.{name}", "This field is needed.")
    _check_disclosed(fields.get("disclose", True))
    if not 0 <= fields["from"] <= fields["to"] <= MAX_INDEX:
        raise refused("$.to", "from is at least 0 and at most to.")


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
