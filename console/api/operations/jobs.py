"""Progress of anything long."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.http import HttpResponse

from console.api import represent
from console.api.call import Call, not_found
from console.api.documented import IDENTIFIER, LIMIT, documented, text_in_query
from console.api.operation import Operation, answer
from console.api.paging import page
from console.api.parameters import choice, identifier, limit_of, short_text
from console.api.problems import ProblemError
from console.api.shapes import NAMESPACE, UUID, paged, ref
from governance.identity.core.roles import Capability
from ledger.errors import NotThere
from ledger.selectors import jobs

KINDS = ("export", "import", "retention", "seal", "verify")
STATES = ("queued", "running", "done", "failed", "cancelled")
_ORDER = jobs.ORDERS["created"].reversed()


class ListJobs(Operation):
    """`jobs/`"""

    @documented(
        "list_jobs",
        "Jobs of your namespaces, the newest first",
        answers={200: paged(ref("Job"))},
        parameters=[
            LIMIT,
            text_in_query("after", {"pattern": UUID["pattern"]}, "Id of the last job of the page before."),
            text_in_query("kind", {"enum": [*KINDS]}, "Only jobs of this kind."),
            text_in_query("state", {"enum": [*STATES]}, "Only jobs in this state."),
            text_in_query("namespace", {"pattern": NAMESPACE["pattern"]}, "Only jobs of this namespace."),
            text_in_query("mine", {"enum": ["1"]}, "Only jobs that you asked for."),
        ],
        problems=["not_found", "parameter_invalid"],
        tag="jobs",
    )
    def get(self, call: Call) -> HttpResponse:
        """Filters are those of the page."""
        limit, after = limit_of(call.request), _place(call)
        kind, state = choice(call.request, "kind", *KINDS), choice(call.request, "state", *STATES)
        mine, namespace = choice(call.request, "mine", "1"), short_text(call.request, "namespace", 64)
        if namespace is not None:
            call.require(Capability.SEE, namespace)
        filters = {"kind": kind or "", "state": state or "", "namespace": namespace or ""}
        filters |= {"actor": call.who.actor if mine else ""}
        rows = jobs.job_rows(call.who.holding(Capability.SEE), _ORDER, after, limit + 1, filters)
        return answer(page(call.request, rows, limit, represent.job, lambda row: row.public_id))


def _place(call: Call) -> tuple[datetime, uuid.UUID] | None:
    """Where the page before ended; another tenant's job is no place, as one that never was."""
    after = identifier(call.request, "after")
    if after is None:
        return None
    try:
        held = jobs.job(after)
    except NotThere:
        held = None
    if held is None or not call.who.knows(held.namespace):
        raise ProblemError("parameter_invalid", "after is the id of the last job of the page before.", path="?after")
    return held.created, held.public_id


class ShowJob(Operation):
    """A job of one of the caller's namespaces, or one that the caller asked for."""

    @documented(
        "show_job",
        "How far a job has come",
        answers={200: ref("Job")},
        parameters=[IDENTIFIER],
        problems=["not_found"],
        tag="jobs",
    )
    def get(self, call: Call, public_id: uuid.UUID) -> HttpResponse:
        """By id."""
        try:
            job = jobs.job(public_id)
        except NotThere as error:
            raise not_found(denial="namespace_hidden") from error
        if job.actor != call.who.actor and not call.who.knows(job.namespace):
            raise not_found(denial="namespace_hidden")
        return answer(represent.job(job))
