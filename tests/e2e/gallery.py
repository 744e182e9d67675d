"""Every page of the console by the reader who sees most of it, for the gallery.

Addresses are those of the house of `tests.web.house`, made lively by `live`.
"""

from __future__ import annotations

from django.urls import get_resolver

from console.views import urls

S = "/streams/acme/decisions/"
T = "/evidenceos/targets/lab/"
N = "/changes/new/"
OPERATOR, ADMIN = "olga@acme.test", "ada@acme.test"
NOT_PAGES = frozenset({
    "logout", "login-passkey", "login-passkey-begin", "session-end", "factor-qr", "factor-passkey-begin",
    "factor-passkey-complete", "factor-remove", "recovery-codes", "decision-key-fields", "decision-key-register",
    "decision-key-end", "person-leave", "person-ticket", "person-ticket-end", "invitation", "invitation-qr",
    "invitation-open", "end-sessions", "shortcuts", "theme", "stream-seal", "first-event-state",
    "trust-policy", "trust-json", "export-count", "event-proof", "bundle-download", "stream-verify", "job-cancel",
    "job-bar", "notifications-read", "notification-read", "subscription-end", "client",
    "verifier", "verify-saved", "help-image", "sign", "sign-script", "sign-style", "sign-digests", "sign-saved",
    "evidenceos-author-preview", "change-preview", "change-step", "change-statement", "change-words", "change-revert",
    "incident-open", "incident-entry", "evidenceos-accept",
})  # fmt: skip
"""Doors that answer with a file, a part of a page, or a way to another page."""
PAGES: dict[str, tuple[str, str]] = {
    "overview": (OPERATOR, "/"),
    "account": (ADMIN, "/account/"),
    "sessions": (ADMIN, "/account/sessions/"),
    "factors": (ADMIN, "/account/factors/"),
    "factor-authenticator": (ADMIN, "/account/factors/authenticator/"),
    "factor-passkey": (ADMIN, "/account/factors/passkey/"),
    "decision-keys": (ADMIN, "/account/keys/"),
    "decision-key-new": (ADMIN, "/account/keys/new/"),
    "decision-key-file": (ADMIN, "/account/keys/file/"),
    "people": (ADMIN, "/people/"),
    "people-invite": (ADMIN, "/people/invite/"),
    "person": (ADMIN, "/people/{person}/"),
    "components": (OPERATOR, "/components/"),
    "help": (ADMIN, "/help/"),
    "help-page": (ADMIN, "/help/health/"),
    "search": (ADMIN, "/search/?q=decis&stay=1"),
    "search-nothing": (ADMIN, "/search/?q=nothing-of-the-kind"),
    "system": (OPERATOR, "/system/"),
    "streams": (OPERATOR, "/streams/"),
    "stream": (ADMIN, S),
    "reliance": (ADMIN, f"{S}reliance/"),
    "stream-health": (ADMIN, f"{S}health/"),
    "first-event": (ADMIN, f"{S}first-event/"),
    "trust-sheet": (ADMIN, f"{S}trust-sheet/"),
    "export": (ADMIN, f"{S}export/"),
    "events": (ADMIN, f"{S}events/?since=24h"),
    "event": (ADMIN, f"{S}events/21/"),
    "windows": (ADMIN, f"{S}windows/"),
    "window": (ADMIN, f"{S}windows/2/"),
    "checkpoints": (ADMIN, f"{S}checkpoints/"),
    "checkpoint": (ADMIN, f"{S}checkpoints/{{size}}/"),
    "stream-keys": (ADMIN, f"{S}keys/"),
    "stream-import": (ADMIN, f"{S}import/"),
    "bundles": (ADMIN, "/bundles/"),
    "bundle": (ADMIN, "/bundles/{bundle}/"),
    "jobs": (ADMIN, "/jobs/"),
    "job": (ADMIN, "/jobs/{job}/"),
    "notifications": (ADMIN, "/notifications/"),
    "subscriptions": (ADMIN, "/subscriptions/"),
    "guides": (ADMIN, "/guides/"),
    "guide": (ADMIN, "/guides/{guide}/"),
    "profiles": (ADMIN, "/profiles/"),
    "profile": (ADMIN, "/profiles/{profile}/"),
    "keys": (ADMIN, "/keys/"),
    "key-new": (ADMIN, "/keys/new/"),
    "key": (ADMIN, "/keys/{key}/"),
    "verify": (ADMIN, "/verify/"),
    "forbidden": (ADMIN, "/admin/"),
    "nowhere": (ADMIN, "/nowhere/"),
    "admin": (OPERATOR, "/admin/"),
    "admin-list": (OPERATOR, "/admin/ledger/stream/"),
    "admin-row": (OPERATOR, "/admin/ledger/stream/{row}/change/"),
    "admin-nothing": (OPERATOR, "/admin/ledger/job/?q=nothing"),
    "notifications-operator": (OPERATOR, "/notifications/"),
    "subscriptions-operator": (OPERATOR, "/subscriptions/"),
    "health-month": (ADMIN, f"{S}health/?span=month"),
    "reliance-change": (ADMIN, f"{S}reliance/change/"),
    "no-events": (ADMIN, f"{S}events/?type=none"),
    "guide-on-stream": (ADMIN, "/guides/pause-reliance/?stream=acme/decisions"),
    "key-rotate": (ADMIN, "/keys/{key}/rotate/"),
    "key-disable": (ADMIN, "/keys/{key}/disable/"),
    "changes": (ADMIN, "/changes/"),
    "founding": (ADMIN, "/founding/"),
    "integrity": (OPERATOR, "/integrity/"),
    "incidents": (ADMIN, "/incidents/"),
    "change": (ADMIN, "/changes/{change}/"),
    "change-edit": (ADMIN, "/changes/{change}/edit/"),
    "change-new": (ADMIN, "/changes/new/"),
    "change-new-kind": (ADMIN, "/changes/new/tenant.state/"),
    "policy": (ADMIN, "/policy/"),
    "change-new-nullspec-install": (ADMIN, f"{N}nullspec.install/?target=lab"),
    "change-new-nullspec-activate": (ADMIN, f"{N}nullspec.activate/?target=lab&nullspec_id={{earlier}}"),
    "change-new-nullspec-retire": (
        ADMIN,
        f"{N}nullspec.retire/?target=lab&oracle_id=settle&holdout_handle=holdout-b",
    ),
    "change-new-oracle-register": (ADMIN, f"{N}oracle.register/?target=lab"),
    "change-new-oracle-ttl": (ADMIN, f"{N}oracle.ttl/?target=lab&oracle_id=settle&ttl_epochs=90000"),
    "change-new-oracle-calibration": (
        ADMIN,
        f"{N}oracle.calibration/?target=lab&oracle_id=settle&calibration_manifest_hash={{contract}}",
    ),
    "change-new-epoch-advance": (ADMIN, f"{N}epoch.advance/?target=lab"),
    "change-new-epoch-irregular": (ADMIN, f"{N}epoch.irregular/?target=lab&to=18446744073709551615"),
    "change-new-canary-reset": (ADMIN, f"{N}canary.reset/?target=lab&claim_name=settle&holdout=holdout-b"),
    "change-new-oracle-keys": (ADMIN, f"{N}oracle_keys.set/?target=lab"),
    "change-new-etl-key": (ADMIN, f"{N}etl_key.rotate/?target=lab"),
    "evidenceos": (ADMIN, "/evidenceos/"),
    "evidenceos-author": (ADMIN, "/evidenceos/author/"),
    "evidenceos-author-buckets": (ADMIN, "/evidenceos/author/?example=buckets"),
    "evidenceos-author-bernoulli": (ADMIN, "/evidenceos/author/?example=bernoulli"),
    "evidenceos-claims": (ADMIN, "/evidenceos/claims/"),
    "evidenceos-target": (ADMIN, T),
    "evidenceos-nullspecs": (ADMIN, f"{T}nullspecs/"),
    "evidenceos-nullspec": (ADMIN, f"{T}nullspecs/{{contract}}/?against={{earlier}}"),
    "evidenceos-oracles": (ADMIN, f"{T}oracles/"),
    "evidenceos-settings": (ADMIN, f"{T}settings/"),
    "evidenceos-canaries": (ADMIN, f"{T}canaries/"),
    "evidenceos-canary": (ADMIN, f"{T}canary/?key=settle::holdout-b"),
    "evidenceos-ahead": (ADMIN, f"{T}ahead/"),
    "evidenceos-events": (ADMIN, f"{T}events/"),
    "evidenceos-files": (ADMIN, f"{T}files/"),
    "evidenceos-guide": (ADMIN, f"{T}safe-order/"),
}
"""By name: who looks, and where; names in braces are filled in by the gallery."""
BEFORE_SIGNING_IN = {"login": "/login/"}


def missing() -> list[str]:
    """Names of pages in the console's table of addresses that the gallery does not show."""
    named = {str(one.name) for one in urls.urlpatterns}
    assert get_resolver().url_patterns
    return sorted(named - NOT_PAGES - set(PAGES) - set(BEFORE_SIGNING_IN) - {"login-otp"})
