"""Checkpoints, windows, and the proof that a later checkpoint extends an earlier one."""

from __future__ import annotations

from django.http import HttpResponse

from console.api import represent
from console.api.call import Call
from console.api.documented import LIMIT, STREAM, documented, number_in_path, number_in_query
from console.api.encoding import b64
from console.api.operation import Operation, answer
from console.api.paging import page
from console.api.parameters import limit_of, required_number, whole_number
from console.api.problems import ProblemError
from console.api.shapes import BASE64, INDEX, closed, listed, paged, ref
from governance.identity.core.roles import Capability
from ledger.selectors import checkpoints, proofs, streams


class ListCheckpoints(Operation):
    """Signed checkpoints, newest first."""

    @documented(
        "list_checkpoints",
        "List the signed checkpoints of a stream",
        answers={200: paged(ref("Checkpoint"))},
        parameters=[
            *STREAM,
            LIMIT,
            number_in_query("after", "Size of the last checkpoint of the page before."),
        ],
        problems=["not_found", "parameter_invalid"],
        tag="proofs",
    )
    def get(self, call: Call, ns: str, name: str) -> HttpResponse:
        """A page, the largest first."""
        call.require(Capability.SEE, ns)
        limit, after = limit_of(call.request), whole_number(call.request, "after")
        rows = checkpoints.checkpoints_of(streams.stream(ns, name), after, limit + 1)
        return answer(page(call.request, rows, limit, represent.checkpoint, lambda row: row.size))


class ListWindows(Operation):
    """Closed windows, newest first."""

    @documented(
        "list_windows",
        "List the closed windows of a stream",
        answers={200: paged(ref("Window"))},
        parameters=[
            *STREAM,
            LIMIT,
            number_in_query("after", "Number of the last window of the page before."),
        ],
        problems=["not_found", "parameter_invalid"],
        tag="proofs",
    )
    def get(self, call: Call, ns: str, name: str) -> HttpResponse:
        """A page, the highest number first."""
        call.require(Capability.SEE, ns)
        limit, after = limit_of(call.request), whole_number(call.request, "after")
        rows = checkpoints.windows_of(streams.stream(ns, name), after, limit + 1)
        return answer(page(call.request, rows, limit, represent.window, lambda row: row.number))


class ShowWindow(Operation):
    """One closed window."""

    @documented(
        "show_window",
        "A closed window",
        answers={200: ref("Window")},
        parameters=[*STREAM, number_in_path("number", "The number of the window.")],
        problems=["not_found"],
        tag="proofs",
    )
    def get(self, call: Call, ns: str, name: str, number: int) -> HttpResponse:
        """By its number."""
        call.require(Capability.SEE, ns)
        return answer(represent.window(checkpoints.window(streams.stream(ns, name), number)))


class ShowConsistency(Operation):
    """RFC 9162, 2.1.4: the log of size `to` begins with the log of size `from`."""

    @documented(
        "show_consistency",
        "Proof that the log of one size extends the log of another",
        answers={200: closed({"from": INDEX, "to": INDEX, "proof": listed(BASE64)})},
        parameters=[
            *STREAM,
            number_in_query("from", "The smaller size.", required=True, least=1),
            number_in_query("to", "The larger size, at most the newest signed one.", required=True, least=1),
        ],
        problems=["not_found", "parameter_invalid"],
        tag="proofs",
    )
    def get(self, call: Call, ns: str, name: str) -> HttpResponse:
        """Between two sizes of which the larger is signed; 404 beyond that."""
        call.require(Capability.SEE, ns)
        stream = streams.stream(ns, name)
        old, new = (
            required_number(call.request, "from", least=1),
            required_number(call.request, "to", least=1),
        )
        if old > new:
            raise ProblemError("parameter_invalid", "from is at most to.", path="?from")
        hashes = proofs.consistency(stream, old, new)
        return answer({"from": old, "to": new, "proof": [b64(one) for one in hashes]})
