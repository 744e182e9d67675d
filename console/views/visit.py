"""One request of somebody who signed in with a second factor, and the refusals a page can meet."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Never, cast

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from console import words
from console.contained_memo import contained_now
from console.context import contained_postures, frame, paused_postures
from console.named_memo import reads_changes
from console.paused_memo import paused_for
from console.stopped_memo import stopped_for
from console.unread_memo import unread_for
from console.waiting_memo import waiting_on
from governance.identity.core.names import is_platform_name
from governance.identity.core.roles import CAPABILITIES, Capability, Role
from governance.identity.selectors.holders import admins_of
from ledger.errors import RequestError
from ledger.selectors import streams

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest

    from governance.identity.core.principal import Principal
    from governance.identity.models import Person
    from governance.identity.selectors.tenants import MembershipView
    from ledger.selectors.reliance import Pause
    from ledger.selectors.streams import StreamView


class Forbidden(PermissionDenied):
    """Known, but not allowed: carries which roles would do, and who can grant them."""

    def __init__(self, what: str, why: str, next_step: str, code: str = "role_missing") -> None:
        """Sentences for the page; `code` for the system ledger."""
        super().__init__(what)
        self.what, self.why, self.next_step, self.code = what, why, next_step, code


class Refused(Exception):
    """Understood, allowed and not done (422): what, why, and the next step."""

    def __init__(self, what: str, why: str, next_step: str) -> None:
        """Sentences for the page."""
        super().__init__(what)
        self.what, self.why, self.next_step = what, why, next_step


class Hidden(Http404):
    """What does not exist for this reader, whether or not it exists for somebody else."""

    def __init__(self, actor: str) -> None:
        """`actor` who asked for it."""
        super().__init__()
        self.actor = actor


@dataclass(frozen=True, slots=True)
class Visit:
    """Who asks for a page, with which rights, and when."""

    request: HttpRequest
    principal: Principal
    memberships: tuple[MembershipView, ...] = ()
    now: datetime = field(default_factory=timezone.now)

    @property
    def person(self) -> Person:
        """The person behind the session."""
        return cast("Person", self.request.user)

    @property
    def request_id(self) -> str:
        """The id under which the request is found again."""
        return str(getattr(self.request, "request_id", ""))

    def page(self, template: str, context: dict[str, Any] | None = None, status: int = 200) -> HttpResponse:
        """Render a page in its frame; never kept by a cache."""
        stopped = stopped_for(self.principal, (context or {}).get("stream"))
        named = reads_changes(self.principal, self.person, self.now)
        around = frame(self.request, self.principal, self.memberships, stopped, reads_changes=named)
        around["postures"] += paused_postures(paused_for(self.principal))
        contained = contained_now(self.now)
        around["postures"] = (
            contained_postures(contained.found, self.memberships, contained.recovery) + around["postures"]
        )
        around["unread"] = unread_for(self.person)
        around["to_sign"] = waiting_on(self.person, self.now)
        return _unkept(render(self.request, template, {**around, **(context or {})}, status=status))

    def paused(self, stream: StreamView, first: int, last: int) -> list[Pause]:
        """The pauses of reliance that concern leaves `first` to `last` of a stream."""
        return [one for one in paused_for(self.principal) if one.stream_id == stream.id and one.overlaps(first, last)]

    def partial(self, template: str, context: dict[str, Any]) -> HttpResponse:
        """Render a part of a page, without its frame, for a swap."""
        return _unkept(render(self.request, template, context))

    def stream(self, namespace: str, name: str, capability: Capability = Capability.SEE) -> StreamView:
        """The stream, if it exists for this reader; else the 404 that every unknown address gets."""
        self.need_known(namespace)
        try:
            found = streams.stream(namespace, name)
        except RequestError as unknown:
            raise Hidden(self.principal.actor) from unknown
        self.need(capability, namespace)
        return found

    def need_known(self, namespace: str) -> None:
        """404 for a namespace that does not exist for this reader, whoever owns it."""
        if not self.principal.knows(namespace):
            raise Hidden(self.principal.actor)

    def need(self, capability: Capability, namespace: str) -> None:
        """403 that names the roles which carry the right, and who grants them."""
        if self.principal.may(capability, namespace):
            return
        if capability in _WRITES and namespace in self.principal.suspended:
            raise _suspended(namespace)
        _refuse(capability, namespace, self._who_may_be_asked(namespace))

    def _who_may_be_asked(self, namespace: str) -> tuple[str, ...]:
        """Names of tenant admins, for who belongs to their tenant; a guest and a stranger are not told them."""
        if not self.principal.roles - _NOT_TOLD_NAMES:
            return ()
        return admins_of(namespace, self.now, ADMINS_NAMED)


ADMINS_NAMED = 3
_NOT_TOLD_NAMES = frozenset({Role.GUEST_AUDITOR, Role.WITNESS_OPERATOR})
_WRITES = frozenset({Capability.APPEND, Capability.MANAGE})
_DOES = {
    Capability.SEE: "see this stream",
    Capability.READ: "read what the events of this stream say",
    Capability.EXPORT: "export bundles of this stream",
    Capability.APPEND: "append to this stream or seal its window",
    Capability.MANAGE: "manage this tenant",
}


def _refuse(capability: Capability, namespace: str, admins: tuple[str, ...]) -> Never:
    roles = sorted(role.words for role, rights in CAPABILITIES.items() if capability in rights)
    raise Forbidden(
        f"Your roles do not let you {_DOES[capability]}.",
        f"In {namespace} this takes one of these roles: {', '.join(roles)}.",
        f"{_asked(namespace, admins)} can propose the role, and a platform operator enters it.",
    )


def _asked(namespace: str, admins: tuple[str, ...]) -> str:
    if is_platform_name(namespace):
        return "Whoever runs the platform"
    named = f" ({words.listed(list(admins), 'or')})" if admins else ""
    return f"A tenant admin of {namespace}{named}"


def _suspended(namespace: str) -> Forbidden:
    return Forbidden(
        f"The tenant of {namespace} is suspended.",
        "While it is, its streams can be read and exported, and nothing can be written.",
        "The platform operator knows the reason and can lift it.",
        code="tenant_suspended",
    )


def _unkept(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    return response
