"""Progress of anything long."""

from __future__ import annotations

import uuid

from django.http import HttpResponse

from console.api import represent
from console.api.call import Call, not_found
from console.api.documented import IDENTIFIER, documented
from console.api.operation import Operation, answer
from console.api.shapes import ref
from ledger.errors import NotThere
from ledger.selectors import jobs


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
