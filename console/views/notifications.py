"""Subscriptions of the reader, and what they were told."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponseRedirect
from django.urls import reverse

from console import unread_memo, words
from console.api_calls import api_call
from console.forms.subscription import SubscriptionForm
from console.tables import PAGE_SIZE, page_of
from console.views.guard import page
from governance.change.selectors.changes import scope_of
from governance.identity.core.roles import Role
from governance.identity.errors import IdentityRefused
from governance.identity.moment import Moment
from governance.watching.actions.subscribe import Wish, subscribe
from governance.watching.actions.unsubscribe import unsubscribe
from governance.watching.actions.webhooks import end_webhook, set_webhook
from governance.watching.core.rules import Kind
from governance.watching.selectors.notices import notices_of, subscriptions_of, unread_of
from governance.watching.services.reading import mark_read
from governance.watching.services.webhooks import webhook_of
from ledger.selectors import streams

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpResponse

    from console.views.visit import Visit
    from governance.watching.selectors.notices import NoticeView, SubscriptionView

CHOICES = 200
PLATFORM = "_platform"
"""The namespace under which alarms of the platform are subscribed to."""
_LONGEST = 18


@page("GET")
def index(visit: Visit) -> HttpResponse:
    """What I was told, the newest first."""
    before = visit.request.GET.get("after", "")
    place = int(before) if before.isascii() and before.isdecimal() and len(before) <= _LONGEST else None
    scope = scope_of(visit.person.public_id, visit.now)
    found = notices_of(
        visit.person, visit.principal.namespaces, place, PAGE_SIZE + 1, operates=_operates(visit), scope=scope
    )
    listed = page_of(found, visit.request.GET, lambda one: str(one.id))
    unread = unread_of(visit.person)
    return visit.page(
        "notifications/index.html",
        {
            "listed": listed,
            "answer": _answer(listed.rows, unread),
            "any_unread": unread,
            "api": api_call("notifications"),
            "operates": _operates(visit),
        },
    )


@page("POST")
def read(visit: Visit) -> HttpResponse:
    """Mark everything as read."""
    mark_read(visit.person, visit.now)
    unread_memo.forget(visit.person)
    return HttpResponseRedirect(reverse("notifications"))


@page("POST")
def read_one(visit: Visit, public_id: UUID) -> HttpResponse:
    """Mark one as read; somebody else's is left as it is, and not told apart from one that is not there."""
    mark_read(visit.person, visit.now, public_id)
    unread_memo.forget(visit.person)
    return HttpResponseRedirect(reverse("notifications"))


@page("GET", "POST")
def subscriptions(visit: Visit) -> HttpResponse:
    """What I am subscribed to, and a form for one more."""
    if visit.request.method == "POST" and "platform" in visit.request.POST:
        return _mail_alarms(visit)
    if visit.request.method == "POST" and "webhook" in visit.request.POST:
        return _webhook(visit)
    seen = streams.streams_in(visit.principal.namespaces, limit=CHOICES)
    form = SubscriptionForm(
        visit.request.POST or None,
        streams=seen,
        mail=settings.COUNTERSIGN_MAIL,
        initial={"target": visit.request.GET.get("for", "")},
    )
    if form.is_valid() and _subscribed(visit, form):
        return HttpResponseRedirect(reverse("subscriptions"))
    held = subscriptions_of(visit.person)
    context = {
        "form": form,
        "held": [one for one in held if one.kind is not Kind.PLATFORM],
        "answer": _held([one for one in held if one.kind is not Kind.PLATFORM], operates=_operates(visit)),
        "any_stream": bool(seen),
        "operates": _operates(visit),
        "alarm_mails": next((one for one in held if one.kind is Kind.PLATFORM), None),
        "mail": settings.COUNTERSIGN_MAIL,
        "webhook": webhook_of(visit.person),
        "api": api_call("subscriptions"),
    }
    return visit.page("notifications/subscriptions.html", context, 422 if form.is_bound else 200)


@page("POST")
def end(visit: Visit, public_id: UUID) -> HttpResponse:
    """End one of my subscriptions."""
    try:
        unsubscribe(visit.person, public_id, by=visit.principal, at=_moment(visit))
    except IdentityRefused as refused:
        messages.add_message(visit.request, messages.ERROR, f"{refused}. {refused.next_step}", extra_tags="fail")
    else:
        told = "The subscription is ended. What you were told stays in the list of notifications."
        messages.add_message(visit.request, messages.INFO, told, extra_tags="pass")
    return HttpResponseRedirect(reverse("subscriptions"))


def _operates(visit: Visit) -> bool:
    return Role.PLATFORM_OPERATOR in visit.principal.roles


def _mail_alarms(visit: Visit) -> HttpResponse:
    wish = Wish(PLATFORM, None, Kind.PLATFORM, minutes=1, by_mail=True)
    try:
        subscribe(visit.person, wish, by=visit.principal, at=_moment(visit))
    except IdentityRefused as refused:
        messages.add_message(visit.request, messages.ERROR, f"{refused}. {refused.next_step}", extra_tags="fail")
    else:
        told = "From now on what needs a hand on the platform is mailed to you too."
        messages.add_message(visit.request, messages.INFO, told, extra_tags="pass")
    return HttpResponseRedirect(reverse("subscriptions"))


def _webhook(visit: Visit) -> HttpResponse:
    """Give an address for asks, or take it back."""
    ends = visit.request.POST["webhook"] == "end"
    try:
        if ends:
            end_webhook(visit.person, by=visit.principal, at=_moment(visit))
        else:
            set_webhook(visit.person, visit.request.POST.get("url", "").strip(), by=visit.principal, at=_moment(visit))
    except IdentityRefused as refused:
        told = f"{refused.what}: {refused.why}. {refused.next_step}"
        messages.add_message(visit.request, messages.ERROR, told, extra_tags="fail")
    else:
        told = "Nothing is posted any more." if ends else "Asks are posted there now. Give the receiver its secret."
        messages.add_message(visit.request, messages.INFO, told, extra_tags="pass")
    return HttpResponseRedirect(f"{reverse('subscriptions')}#webhook")


def _subscribed(visit: Visit, form: SubscriptionForm) -> bool:
    chosen = form.cleaned_data
    stream = form.streams.get(chosen["target"])
    wish = Wish(
        namespace=chosen["target"].partition("/")[0],
        stream=stream,
        kind=Kind(chosen["kind"]),
        minutes=chosen["minutes"],
        counts_not_evaluated=chosen["counts_not_evaluated"],
        by_mail=chosen["by_mail"],
    )
    try:
        subscribe(visit.person, wish, by=visit.principal, at=_moment(visit))
    except IdentityRefused as refused:
        form.add_error(None, f"{refused}. {refused.next_step}")
        return False
    told = "You are subscribed. The first check is made within a minute."
    messages.add_message(visit.request, messages.INFO, told, extra_tags="pass")
    return True


def _answer(rows: Sequence[NoticeView], unread: int) -> str:
    if not rows:
        return "You have not been told anything yet."
    if not unread:
        return "You have read everything that you were told."
    return f"{words.counted(unread, 'notification')} you have not marked as read."


def _held(held: Sequence[SubscriptionView], *, operates: bool) -> str:
    if not held and operates:
        return "You are told what needs a hand on the platform, and are subscribed to no stream."
    if not held:
        return "You are subscribed to nothing: trouble is shown on the pages, and nobody calls you."
    now = sum(one.holds for one in held)
    told = words.counted(len(held), "subscription")
    return (
        f"{told} in force; {words.counted(now, 'stream is', 'streams are') if now else 'no stream is'} in trouble now."
    )


def _moment(visit: Visit) -> Moment:
    return Moment(visit.now, secrets.token_bytes)
