"""Every door of this server, and what each is asked with when somebody tries what belongs to another tenant.

Addresses are made from the table of routes itself: a new route with a parameter of a known kind is tried without
further ado; one with an `id`, or without any parameter, needs a row below, and a test fails until it has one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver

NOBODYS = {"namespace": "zulu", "stream": "zircon"}
"""Names that nothing has."""
STREAMS = ({"namespace": "beta", "stream": "decisions"}, {"namespace": "beta", "stream": "zircon"})
"""A stream of another tenant, and one that is not there in another tenant's namespace."""
_NAMESPACE, _STREAM = frozenset({"ns", "namespace"}), frozenset({"name"})
_INNER = {"index": "3", "number": "1", "size": "14", "bundle": "000.p/14", "tile": "0/000.p/14"}
"""What exists inside the stream of the other tenant."""

IDS: dict[str, str] = {
    "bundle": "bundle", "bundle-download": "bundle", "api:bundle": "bundle", "api:bundle-download": "bundle",
    "job": "job", "job-bar": "job", "job-cancel": "job", "api:job": "job",
    "notification-read": "notice", "subscription-end": "subscription",
    "key": "key", "key-rotate": "key", "key-disable": "key", "api:system-key": "key",
    "api:system-key-rotate": "key", "api:system-key-disable": "key", "api:notification-read": "notice",
    "api:subscription-end": "subscription", "session-end": "session", "decision-key-end": "kid",
    "person": "person", "person-ticket": "person", "person-ticket-end": "person", "person-leave": "person",
    "invitation-open": "token", "incident-entry": "incident", "api:incident-entries": "incident",
    **{f"evidenceos-{door}": "target" for door in (
        "target", "nullspecs", "nullspec", "oracles", "settings", "canaries", "canary", "ahead", "events", "files",
        "guide", "accept",
    )},
    **{f"{door}{part}": "change" for door, parts in {
        "change": ("", "-edit", "-statement", "-words", "-revert", "-step"),
        "api:change": ("", "-revisions", "-revert", "-submit", "-rebase", "-withdraw", "-hold", "-release", "-asks",
                       "-incident", "-comments",
                       "-statement", "-decisions"),
    }.items() for part in parts},
}  # fmt: skip
"""By route: whose id its `public_id` or `change_id` is."""

ASKS: dict[str, tuple[str, ...]] = {
    "overview": (), "login": (), "login-otp": (), "logout": (), "account": (), "end-sessions": (), "shortcuts": (),
    "theme": (), "components": (), "system": ("?q=request:{bundle}", "?of=changes&q=actor:{actor}"),
    "search": ("?q={namespace}/{stream}&stay=1", "?q={bundle}&stay=1", "?q={job}&stay=1", "?q={key}&stay=1",
               "?q={actor}&stay=1", "?q={hash}&stay=1", "?q=3&in={namespace}/{stream}&stay=1"),
    "streams": ("?q={namespace}", "?q={namespace}/{stream}"),
    "bundles": ("?stream={namespace}/{stream}", "?after={bundle}"),
    "jobs": ("?after={job}",), "notifications": ("?after={number}",), "notifications-read": (),
    "subscriptions": ("?for={namespace}/{stream}", "?for={namespace}"),
    "help": (), "guides": (), "profiles": (), "client": (), "keys": ("?after={key}",), "key-new": (),
    "verifier": (), "verify": (), "verify-saved": (), "help-image": (), "help-page": (), "profile": (),
    "guide": ("?stream={namespace}/{stream}", "/guides/rotate-a-key/?key={key}"),
    "sign": (), "sign-script": (), "sign-style": (), "sign-digests": (), "sign-saved": (),
    "changes": ("?after={number}",), "change-new": (), "change-preview": (), "policy": (),
    "change-new-kind": (
        "?tenant={tenant}&state=suspended", "/changes/new/stream.retention/?stream={origin}&payload_days=3",
        "/changes/new/oracle.ttl/?target={target}&oracle_id=settle",
        "/changes/new/nullspec.activate/?target={target}&nullspec_id={contract}",
        "/changes/new/canary.reset/?target={target}&claim_name=settle&holdout=holdout-b",
    ),
    "evidenceos": (), "evidenceos-author": ("?target={target}&renews={contract}",),
    "evidenceos-author-preview": (), "evidenceos-claims": (),
    "founding": (), "incidents": (), "incident-open": (), "api:incidents": (), "integrity": (),
    "api:changes": ("?after={number}",), "api:change-effect": (), "api:policies": (),
    **dict.fromkeys((
        "decision-keys", "decision-key-fields", "decision-key-file", "decision-key-new", "decision-key-register",
        "factors", "factor-authenticator", "factor-passkey", "factor-passkey-begin", "factor-passkey-complete",
        "factor-qr", "factor-remove", "recovery-codes", "invitation", "invitation-qr", "login-passkey",
        "login-passkey-begin", "people-invite", "sessions", "api:notifications-read",
    ), ()),
    "people": ("?q={actor}", "?after={person}"),
    "api:jobs": ("?after={job}", "?namespace={namespace}"), "api:notifications": ("?after={notice}",),
    "api:subscriptions": ("?after={subscription}",), "api:system-keys": ("?after={key}", "?namespace={namespace}"),
    "health": (), "ready": (), "metrics": (),
    "api:streams": ("?namespace={namespace}", "?q={stream}", "?after={namespace}/{stream}"),
    "api:bundles": ("?after={bundle}",), "api:verify": (), "api:schema": (), "api:docs": (), "api:unknown": (),
    "log:unknown": (),
}  # fmt: skip
"""Doors without an id in their address: the questions in which one could be named (or whole addresses)."""

_BODY_STREAM = {"namespace": "{namespace}", "stream": "{stream}", "name": "{stream}", "from": 0, "to": 0}
_PROPOSALS: tuple[tuple[str, dict[str, object]], ...] = (
    ("tenant.state", {"tenant": "{tenant}", "state": "suspended"}),
    ("freeze", {"scope": "tenant:{tenant}", "reason": "Why not."}),
    ("stream.retention", {"stream": "{origin}", "attrs_days": 3, "payload_days": 3}),
    ("role.grant", {"person": "{person}", "role": "author", "tenant": "{tenant}", "expires": None, "group": None}),
    ("person.unit", {"person": "{person}", "unit": "north"}),
    ("role.grant", {"person": "{person}", "role": "author", "tenant": "{mine}", "expires": None, "group": None}),
    ("role.revoke", {"person": "{person}", "role": "tenant_admin", "tenant": "{mine}", "group": None}),
    ("key.revoke", {"person": "{person}", "kid": "{kid}", "reason": "Lost."}),
    ("emergency.apply", {"incident": "any", "type": "tenant.state",
                         "body": {"tenant": "{tenant}", "state": "suspended"}}),
)  # fmt: skip
BODIES: dict[str, tuple[Mapping[str, object], ...]] = {
    "api:change-effect": tuple({"type": kind, "body": body} for kind, body in _PROPOSALS),
    "api:changes": tuple({"type": kind, "body": body, "reason": "Agreed."} for kind, body in _PROPOSALS),
    "change-preview": ({"tenant": "{tenant}", "state": "suspended", "reason": "Agreed."},),
    "change-new-kind": ({"tenant": "{tenant}", "state": "suspended", "reason": "Agreed."},),
    "api:streams": ({"namespace": "{namespace}", "name": "{stream}"},),
    "api:bundles": ({key: _BODY_STREAM[key] for key in ("namespace", "stream", "from", "to")},),
    "subscriptions": (
        {"target": "{namespace}/{stream}", "kind": "silent", "minutes": "10"},
        {"target": "{namespace}", "kind": "silent", "minutes": "10"},
    ),
    "api:subscriptions": ({"namespace": "{namespace}", "stream": "{stream}", "kind": "silent", "minutes": 10},),
    "api:system-keys": ({"namespace": "{namespace}", "name": "scoring", "scopes": ["read"]},),
    "incident-open": ({"kind": "drift", "reason": "Odd.", "tenant": "{tenant}"},),
    "api:incidents": ({"kind": "drift", "reason": "Odd.", "tenant": "{tenant}"},),
    "incident-entry": ({"text": "Odd."},),
    "api:incident-entries": ({"text": "Odd.", "closes": False},),
    "key-new": ({"namespace": "{namespace}", "name": "scoring", "scopes": "read"},),
}
"""What is sent to a door that takes the name of a thing in its body."""
SLUGS = {
    "help-page": "health",
    "help-image": "bundle.png",
    "profile": "ai.decision",
    "guide": "request-an-export",
    "change-step": "hold",
    "change-new-kind": "tenant.state",
    "change-preview": "tenant.state",
}
"""Doors whose last part names something of the product, the same for everybody."""


@dataclass(frozen=True, slots=True)
class Door:
    """One route: its name with the app's, its pattern as text, and its parameters."""

    name: str
    pattern: str
    parameters: frozenset[str]

    @property
    def in_stream(self) -> bool:
        """Whether its address names a stream."""
        return bool(self.parameters & _NAMESPACE)

    def address(self, values: Mapping[str, str]) -> str:
        """The address with `values` for namespace, stream and ids."""
        return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda found: self._value(found[1], values), self.pattern)

    def _value(self, parameter: str, values: Mapping[str, str]) -> str:
        if parameter in _NAMESPACE:
            return values["namespace"]
        if parameter in {"public_id", "change_id", "kid", "token", "target"}:
            return values[IDS[self.name]]
        if parameter == "contract":
            return values["contract"]
        if parameter == "ticket_id":
            return values["ticket"]
        if self.in_stream and parameter in _STREAM:
            return values["stream"]
        return _INNER[parameter] if self.in_stream else SLUGS[self.name]


def doors() -> Iterator[Door]:
    """Every route but those of the administration, which exists for platform operators alone."""
    return (one for one in _walk(get_resolver().url_patterns, "", "") if not one.name.startswith("admin:"))


def _walk(patterns: list[URLPattern | URLResolver], before: str, app: str) -> Iterator[Door]:
    for one in patterns:
        text = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from _walk(one.url_patterns, text, app + (f"{one.namespace}:" if one.namespace else ""))
        else:
            yield Door(f"{app}{one.name}", text.rstrip("."), frozenset(re.findall(r"<(?:\w+:)?(\w+)>", text)))


def nobodys(theirs: Mapping[str, str]) -> dict[str, str]:
    """Ids and names of things that do not exist: next to those of `theirs`, since some cursors go by value."""
    ids = {kind: one[:-1] + ("0" if one[-1] != "0" else "1") for kind, one in theirs.items()}
    return {**ids, **NOBODYS, "number": "999999", "mine": theirs["mine"]}
