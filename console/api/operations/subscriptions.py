"""What a person is told of, and what they were told: theirs alone, as on the pages."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.http import HttpResponse

from console import unread_memo
from console.api import represent_people as represent
from console.api.body import json_object, refused
from console.api.call import Call, not_found
from console.api.documented import BODY, IDENTIFIER, LIMIT, documented, text_in_query
from console.api.operation import Operation, answer
from console.api.paging import page
from console.api.parameters import identifier, limit_of
from console.api.people import PERSONS, moment, person_of, present
from console.api.problems import ProblemError
from console.api.shapes import INDEX, MOMENT, NAME, NAMESPACE, TEXT, UUID, closed, listed, maybe, paged
from governance.change.selectors.changes import scope_of
from governance.identity.core.roles import Capability, Role
from governance.identity.errors import Gone
from governance.watching.actions.subscribe import Wish, subscribe
from governance.watching.actions.unsubscribe import unsubscribe
from governance.watching.core.rules import OF_STREAMS, Kind
from governance.watching.selectors.notices import notice_place, notices_of, subscriptions_of
from governance.watching.services.reading import mark_read
from ledger.selectors import streams

LONGEST = 10_080
_FLAG = {"type": "boolean"}
_SUBSCRIPTION = closed(
    {
        "id": UUID, "namespace": NAMESPACE, "stream": maybe(NAME), "kind": {"enum": [*Kind]}, "minutes": INDEX,
        "counts_not_evaluated": _FLAG, "by_mail": _FLAG, "created": MOMENT, "holds": INDEX,
    }
)  # fmt: skip
_NOTIFICATION = closed(
    {
        "id": UUID, "page": TEXT, "begins": _FLAG, "what": TEXT, "why": TEXT, "created": MOMENT,
        "read": maybe(MOMENT), "mail": TEXT,
    }
)  # fmt: skip
_READ = closed({"read": INDEX})
_AFTER = text_in_query("after", {"pattern": UUID["pattern"]}, "Id of the last notification of the page before.")
_FIELDS: dict[str, type | tuple[type, ...]] = {
    "namespace": str, "stream": (str, type(None)), "kind": str, "minutes": int, "counts_not_evaluated": bool,
    "by_mail": bool,
}  # fmt: skip


class SubscriptionsRoute(Operation):
    """`subscriptions/`"""

    @documented(
        "list_subscriptions",
        "What you are told of, the oldest first; holds counts the streams in trouble by it now",
        answers={200: closed({"items": listed(_SUBSCRIPTION)})},
        tag="subscriptions",
    )
    def get(self, call: Call) -> HttpResponse:
        """A person has fifty at most: there is one page."""
        return answer({"items": [represent.subscription(one) for one in subscriptions_of(person_of(call))]})

    @documented(
        "subscribe",
        "Be told once a path of a stream is off pass, or no event comes, for so many minutes",
        request={
            "application/json": closed(
                {"namespace": NAMESPACE, "kind": {"enum": [*OF_STREAMS]},
                 "minutes": {"type": "integer", "minimum": 1, "maximum": LONGEST}},
                stream=maybe(NAME), counts_not_evaluated=_FLAG, by_mail=_FLAG,
            )
        },
        answers={201: _SUBSCRIPTION},
        problems=[*PERSONS, *BODY, "not_found", "parameter_invalid", "name_invalid"],
        tag="subscriptions",
    )  # fmt: skip
    def post(self, call: Call) -> HttpResponse:
        """For oneself; `stream` left out means every stream of the namespace."""
        person = present(call)
        made = subscribe(person, _wish(call), by=call.who, at=moment(call))
        view = next(one for one in subscriptions_of(person) if one.public_id == made.public_id)
        return answer(represent.subscription(view), 201)


class EndSubscription(Operation):
    """`subscriptions/{id}/end/`"""

    @documented(
        "end_subscription",
        "End one of your subscriptions; what you were told stays",
        answers={200: closed({"ended": UUID})},
        parameters=[IDENTIFIER],
        problems=[*PERSONS, "type_unsupported", "not_found"],
        tag="subscriptions",
    )
    def post(self, call: Call, public_id: uuid.UUID) -> HttpResponse:
        """Somebody else's is as unknown as one that never was."""
        person = present(call)
        try:
            unsubscribe(person, public_id, by=call.who, at=moment(call))
        except Gone as unknown:
            raise not_found() from unknown
        return answer({"ended": str(public_id)})


class ListNotifications(Operation):
    """`notifications/`"""

    @documented(
        "list_notifications",
        "What you were told, the newest first",
        answers={200: paged(_NOTIFICATION)},
        parameters=[LIMIT, _AFTER],
        problems=["parameter_invalid"],
        tag="subscriptions",
    )
    def get(self, call: Call) -> HttpResponse:
        """Of the namespaces that you may see now."""
        person, limit, after = person_of(call), limit_of(call.request), identifier(call.request, "after")
        place = None if after is None else notice_place(person, after)
        if after is not None and place is None:
            raise ProblemError("parameter_invalid", "after is the id of one of your notifications.", path="?after")
        operates = Role.PLATFORM_OPERATOR in call.who.roles
        scope = scope_of(person.public_id, call.now)
        rows = notices_of(person, call.who.namespaces, place, limit + 1, operates=operates, scope=scope)
        return answer(page(call.request, rows, limit, represent.notification, lambda row: row.public_id))


class ReadAll(Operation):
    """`notifications/read/`"""

    @documented(
        "read_notifications",
        "Mark all of them as read; answers how many were not",
        answers={200: _READ},
        problems=[*PERSONS, "type_unsupported"],
        tag="subscriptions",
    )
    def post(self, call: Call) -> HttpResponse:
        """Yours alone."""
        return _marked(call, None)


class ReadOne(Operation):
    """`notifications/{id}/read/`"""

    @documented(
        "read_notification",
        "Mark one as read: 1, or 0 where it was read before or is none of yours",
        answers={200: _READ},
        parameters=[IDENTIFIER],
        problems=[*PERSONS, "type_unsupported"],
        tag="subscriptions",
    )
    def post(self, call: Call, public_id: uuid.UUID) -> HttpResponse:
        """Somebody else's is left as it is, and not told apart from one that is not there."""
        return _marked(call, public_id)


def _marked(call: Call, only: uuid.UUID | None) -> HttpResponse:
    person = present(call)
    count = mark_read(person, call.now, only)
    unread_memo.forget(person)
    return answer({"read": count})


def _wish(call: Call) -> Wish:
    fields: dict[str, Any] = json_object(call.request, _FIELDS)
    for field in ("namespace", "kind", "minutes"):
        if field not in fields:
            raise refused(f"$.{field}", "This field is needed.")
    call.require(Capability.SEE, fields["namespace"])
    if fields["kind"] not in OF_STREAMS:
        raise refused("$.kind", f"kind is one of {', '.join(OF_STREAMS)}.")
    if fields.get("by_mail") and not settings.COUNTERSIGN_MAIL:
        raise refused("$.by_mail", "This installation sends no mail.")
    named = fields.get("stream")
    return Wish(
        namespace=fields["namespace"], stream=streams.stream(fields["namespace"], named) if named else None,
        kind=Kind(fields["kind"]), minutes=fields["minutes"],
        counts_not_evaluated=fields.get("counts_not_evaluated", False), by_mail=fields.get("by_mail", False),
    )  # fmt: skip
