"""Reliance on a stream's leaves: what is paused now, every leaf that said so, and one more."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from console import paused_memo
from console.api import represent_notices as represent
from console.api.body import json_object, refused
from console.api.call import Call
from console.api.converters import MAX_INDEX
from console.api.documented import BODY, STREAM, UNSAFE, documented
from console.api.operation import Operation, answer
from console.api.people import moment, stepped_up
from console.api.problems import GUARD
from console.api.shapes import INDEX, MOMENT, PAUSE, closed, listed
from governance.identity.core.names import is_platform_name
from governance.identity.core.roles import Capability
from governance.operations.actions.set_reliance import set_reliance
from ledger.selectors import streams
from ledger.selectors.reliance import pauses_of, reliance_leaves

STATES = ("paused", "resumed")
LONGEST_REASON = 500
_REASON = {"type": "string", "minLength": 1, "maxLength": LONGEST_REASON, "pattern": r"^\S(.*\S)?$"}
_SAID = closed(
    {"leaf": INDEX, "recorded": MOMENT, "from": INDEX, "to": INDEX, "state": {"enum": [*STATES]},
     "reason": {"type": "string"}}
)  # fmt: skip


class RelianceRoute(Operation):
    """`reliance/`"""

    @documented(
        "show_reliance",
        "On which leaves reliance is paused now, and the newest 100 leaves that paused or resumed it",
        answers={200: closed({"paused": listed(PAUSE), "said": listed(_SAID)})},
        parameters=[*STREAM],
        problems=["not_found"],
        tag="reliance",
    )
    def get(self, call: Call, ns: str, name: str) -> HttpResponse:
        """As it holds now."""
        call.require(Capability.SEE, ns)
        stream = streams.stream(ns, name)
        said = [represent.reliance(one) for one in reliance_leaves(stream)]
        return answer({"paused": [represent.pause(one) for one in pauses_of(stream)], "said": said})

    @documented(
        "set_reliance",
        "Pause reliance on a range of leaves, or resume it. Takes a session with a fresh second factor",
        request={
            "application/json": closed({"from": INDEX, "to": INDEX, "state": {"enum": [*STATES]}, "reason": _REASON})
        },
        answers={200: closed({"leaf": INDEX, "state": {"enum": [*STATES]}})},
        parameters=[*STREAM],
        problems=[
            *UNSAFE, *BODY, "step_up", "decision_needed", "not_found", "parameter_invalid", "range_invalid",
            "reason_refused", "reliance_unchanged", "stream_stopped", "stream_frozen", "clock", *GUARD,
        ],
        tag="reliance",
    )  # fmt: skip
    def post(self, call: Call, ns: str, name: str) -> HttpResponse:
        """One control leaf; once the deployment is founded, resuming takes an approved change."""
        call.require(Capability.SEE if is_platform_name(ns) else Capability.MANAGE, ns)
        stepped_up(call)
        fields = _fields(call)
        leaf = set_reliance(
            streams.stream(ns, name), fields["from"], fields["to"], paused=fields["state"] == STATES[0],
            reason=fields["reason"], by=call.who, at=moment(call),
        )  # fmt: skip
        paused_memo.forget()
        return answer({"leaf": leaf.index, "state": fields["state"]})


def _fields(call: Call) -> dict[str, Any]:
    wanted = {"from": int, "to": int, "state": str, "reason": str}
    found = json_object(call.request, wanted)
    for field in wanted:
        if field not in found:
            raise refused(f"$.{field}", "This field is needed.")
    if found["state"] not in STATES:
        raise refused("$.state", f"state is one of {', '.join(STATES)}.")
    if not 0 <= found["from"] <= found["to"] <= MAX_INDEX:
        raise refused("$.to", "from is at least 0 and at most to.")
    return found
