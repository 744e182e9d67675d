"""What belongs to people as JSON: keys that they manage, subscriptions, what they were told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse

from console.api.encoding import moment

if TYPE_CHECKING:
    from governance.identity.selectors.tenants import SystemKeyView
    from governance.watching.selectors.notices import NoticeView, SubscriptionView

Json = dict[str, Any]


def system_key(view: SystemKeyView) -> Json:
    """A key without its secret."""
    return {
        "id": str(view.public_id),
        "namespace": view.namespace,
        "name": view.name,
        "prefix": view.prefix,
        "scopes": [*view.scopes],
        "state": view.state,
        "created": moment(view.created),
        "last_used": view.last_used.isoformat() if view.last_used else None,
        "overlap_until": moment(view.overlap_until),
        "links": {"key": reverse("api:system-key", args=(view.public_id,))},
    }


def subscription(view: SubscriptionView) -> Json:
    """A wish in force; `stream` is null for every stream of the namespace."""
    return {
        "id": str(view.public_id),
        "namespace": view.namespace,
        "stream": view.stream or None,
        "kind": view.kind.value,
        "minutes": view.minutes,
        "counts_not_evaluated": view.counts_not_evaluated,
        "by_mail": view.by_mail,
        "created": moment(view.created),
        "holds": view.holds,
    }


def notification(view: NoticeView) -> Json:
    """One thing that was told; `page` says more."""
    return {
        "id": str(view.public_id),
        "page": view.page,
        "begins": view.begins,
        "what": view.what,
        "why": view.why,
        "created": moment(view.created),
        "read": moment(view.read),
        "mail": view.mail,
    }
