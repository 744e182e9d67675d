"""What leaves say of other leaves and of their stream: erasures, holds, gaps, and what is declared."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar

from django.http import HttpResponse

from console.api import represent_notices as represent
from console.api.body import json_object, refused
from console.api.call import Call
from console.api.converters import MAX_INDEX
from console.api.documented import BODY, LIMIT, STREAM, UNSAFE, documented, number_in_query
from console.api.operation import Operation, answer
from console.api.paging import page
from console.api.parameters import limit_of, whole_number
from console.api.problems import GUARD
from console.api.shapes import INDEX, Schema, closed, listed, needed, paged, ref
from governance.identity.core.roles import Capability
from ledger.core.schemas import ERASURE_REASONS, PARTS
from ledger.core.spans import Span
from ledger.errors import RangeInvalid
from ledger.selectors import notices, streams
from ledger.selectors.streams import StreamView
from ledger.services.erasures import Asked, erase
from ledger.services.holds import Placed, place_hold, release_hold

MOST_AT_ONCE = 10_000
"""Events that a request erases; retention and the command take any number."""
_AFTER = number_in_query("after", "Index of the last leaf of the page before.")
_REASON = {"type": "string", "minLength": 1, "maxLength": 500, "pattern": r"^\S(.*\S)?$"}
_CASE = {"type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[!-~]+( [!-~]+)*$"}
_EVENTS = {"from": int, "to": int, "subject": str}
LONGEST_SUBJECT = 1_024
_WRITES = (
    *UNSAFE, *BODY, "not_found", "parameter_invalid", "range_invalid", "reason_refused", "held", "case_refused",
    "stream_stopped", "key_unusable", "clock", *GUARD,
)  # fmt: skip
_PLACED = closed({"case": {"type": "string"}, "leaves": listed(INDEX), "events": INDEX, "erased": INDEX})


def _of_events(**fields: Schema) -> dict[str, Schema]:
    """A body that names a range, or the events of a subject, beside these fields."""
    ranged, subject = closed({"from": INDEX, "to": INDEX, **fields}), closed({"subject": needed(1_024), **fields})
    return {"application/json": {"anyOf": [ranged, subject]}}


class _Listed(Operation):
    """A page of leaves of one kind, the newest first."""

    kind: ClassVar[str]

    def listed(self, call: Call, ns: str, name: str) -> HttpResponse:
        call.require(Capability.SEE, ns)
        limit, after = limit_of(call.request), whole_number(call.request, "after")
        found = notices.notices_of(streams.stream(ns, name), self.kind, after, limit + 1)
        rows: list[Any] = [*found.erasures, *found.holds, *found.gaps]
        return answer(page(call.request, rows, limit, represent.notice, lambda row: row.index))


class ErasuresRoute(_Listed):
    """`erasures/`"""

    kind = "erasure"

    @documented(
        "list_erasures",
        "Erasure leaves: what was erased, why, by whom, until when backups may hold it",
        answers={200: paged(ref("Erasure"))},
        parameters=[*STREAM, LIMIT, _AFTER],
        problems=["not_found", "parameter_invalid"],
        tag="erasure",
    )
    def get(self, call: Call, ns: str, name: str) -> HttpResponse:
        """The newest first."""
        return self.listed(call, ns, name)

    @documented(
        "erase_content",
        "Erase payloads, attributes or both of up to 10,000 events, a range or a subject's, by the leaf that says so",
        request=_of_events(
            parts=listed({"enum": [*PARTS]}, minItems=1, maxItems=2, uniqueItems=True),
            reason_code={"enum": [*ERASURE_REASONS]}, reason=_REASON,
        ),
        answers={200: closed({"leaves": listed(INDEX), "events": INDEX, "replayed": {"type": "boolean"}})},
        parameters=[*STREAM],
        problems=_WRITES,
        tag="erasure",
    )  # fmt: skip
    def post(self, call: Call, ns: str, name: str) -> HttpResponse:
        """Answer when the content has gone."""
        fields = _fields(call, ns, {"parts": list, "reason_code": str, "reason": str}, _EVENTS)
        stream = streams.stream(ns, name)
        spans = _spans(stream, fields)
        if sum(notices.events_within(stream.id, spans).values()) > MOST_AT_ONCE:
            raise RangeInvalid("Too many events at once", why=f"at most {MOST_AT_ONCE:,}", next_step="Split the range.")
        asked = Asked(spans, _parts(fields["parts"]), _code(fields), fields["reason"], call.who.actor)
        done = erase(stream, asked)
        return answer({"leaves": [*done.leaves], "events": done.events, "replayed": done.replayed})


class HoldsRoute(_Listed):
    """`holds/`"""

    kind = "hold"

    @documented(
        "list_holds",
        "Leaves that set a hold, and whether it is in force",
        answers={200: paged(ref("Hold"))},
        parameters=[*STREAM, LIMIT, _AFTER],
        problems=["not_found", "parameter_invalid"],
        tag="erasure",
    )
    def get(self, call: Call, ns: str, name: str) -> HttpResponse:
        """The newest first."""
        return self.listed(call, ns, name)

    @documented(
        "place_hold",
        "Hold a range, or a subject's events, under a case: nobody erases their content until it is released",
        request=_of_events(case=_CASE, reason=_REASON),
        answers={200: _PLACED},
        parameters=[*STREAM],
        problems=_WRITES,
        tag="erasure",
    )
    def post(self, call: Call, ns: str, name: str) -> HttpResponse:
        """Placing it again adds what came since."""
        fields = _fields(call, ns, {"case": str, "reason": str}, _EVENTS)
        stream, told = streams.stream(ns, name), {"case": fields["case"], "reason": fields["reason"]}
        return _placed(fields["case"], place_hold(stream, _spans(stream, fields), **told, by=call.who.actor))


class ReleaseHold(Operation):
    """`holds/release/`"""

    @documented(
        "release_hold",
        "Release everything that is held under a case",
        request={"application/json": closed({"case": _CASE, "reason": _REASON})},
        answers={200: _PLACED},
        parameters=[*STREAM],
        problems=_WRITES,
        tag="erasure",
    )
    def post(self, call: Call, ns: str, name: str) -> HttpResponse:
        """By its case."""
        fields = _fields(call, ns, {"case": str, "reason": str})
        told = {"case": fields["case"], "reason": fields["reason"], "by": call.who.actor}
        return _placed(fields["case"], release_hold(streams.stream(ns, name), **told))


class ListGaps(_Listed):
    """`gaps/`"""

    kind = "gap"

    @documented(
        "list_gaps",
        "Gap leaves: what is known to be lacking at the source",
        answers={200: paged(ref("Gap"))},
        parameters=[*STREAM, LIMIT, _AFTER],
        problems=["not_found", "parameter_invalid"],
        tag="erasure",
    )
    def get(self, call: Call, ns: str, name: str) -> HttpResponse:
        """The newest first."""
        return self.listed(call, ns, name)


class ShowTerms(Operation):
    """`terms/`"""

    @documented(
        "show_terms",
        "What the stream declares: retention by part, rhythm, sequence; and the leaf that says so",
        answers={200: ref("Terms")},
        parameters=[*STREAM],
        problems=["not_found"],
        tag="erasure",
    )
    def get(self, call: Call, ns: str, name: str) -> HttpResponse:
        """As it holds now."""
        call.require(Capability.SEE, ns)
        return answer(represent.terms(notices.terms(streams.stream(ns, name))))


def _fields(call: Call, ns: str, fields: dict[str, type], more: Mapping[str, type] = MappingProxyType({})) -> Any:
    """The body of a write that takes the right to manage; every field but `more` is needed."""
    call.require(Capability.MANAGE, ns)
    found = json_object(call.request, {**fields, **more})
    for field in fields:
        if field not in found:
            raise refused(f"$.{field}", "This field is needed.")
    return found


def _spans(stream: StreamView, fields: dict[str, Any]) -> list[Span]:
    """The range from `from` to `to`, or all events of `subject`; never both."""
    named = [field for field in _EVENTS if field in fields]
    if named == ["subject"]:
        if not 1 <= len(fields["subject"].encode("utf-8", "surrogatepass")) <= LONGEST_SUBJECT:
            raise refused("$.subject", f"subject has 1 to {LONGEST_SUBJECT:,} bytes.")
        return notices.subject_spans(stream, fields["subject"])
    if named != ["from", "to"]:
        raise refused("$.from", "Name from and to, or subject alone.")
    if not 0 <= fields["from"] <= fields["to"] <= MAX_INDEX:
        raise refused("$.to", "from is at least 0 and at most to.")
    return [(fields["from"], fields["to"])]


def _parts(given: list[Any]) -> list[str]:
    if not given or not all(part in PARTS for part in given) or len(set(given)) != len(given):
        raise refused("$.parts", f"parts names {', '.join(PARTS)}, or both.")
    return given


def _code(fields: dict[str, Any]) -> str:
    if fields["reason_code"] not in ERASURE_REASONS:
        raise refused("$.reason_code", f"reason_code is one of {', '.join(ERASURE_REASONS)}.")
    return str(fields["reason_code"])


def _placed(case: str, placed: Placed) -> HttpResponse:
    told = {"case": case, "leaves": [*placed.leaves], "events": placed.events, "erased": placed.erased}
    return answer(told)
