"""The pages of P10: every page of the console that a reader opens, and why the other addresses are none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Place:
    """Where in the large stream the pages look: in its middle, where nothing is the newest."""

    namespace: str
    stream: str
    index: int
    window: int
    size: int

    @property
    def of_stream(self) -> dict[str, Any]:
        """The stream in an address."""
        return {"namespace": self.namespace, "name": self.stream}


GLOBAL = (
    "overview", "account", "search", "streams", "bundles", "jobs", "keys", "key-new", "notifications",
    "subscriptions", "guides", "profiles", "changes", "change-new", "decision-keys", "factors", "sessions", "people",
    "founding", "incidents",
)  # fmt: skip
OF_STREAM = (
    "stream", "stream-health", "reliance", "events", "windows", "checkpoints", "stream-keys",
    "export", "trust-sheet", "first-event",
)  # fmt: skip
QUERIES = {
    "search": ("", "q=nothing-of-that-name"),
    "events": ("", "type=ai.decision"),
}
"""What stands behind the question mark, where a page has more than one face."""
NO_PAGES = {
    "login": "before a session", "login-otp": "before a session", "logout": "ends the session",
    "end-sessions": "a form's target", "shortcuts": "a form's target", "theme": "a form's target",
    "stream-seal": "a form's target", "key-rotate": "a form's target", "key-disable": "a form's target",
    "first-event-state": "a part of a page", "export-count": "a part of a page", "job-bar": "a part of a page",
    "trust-policy": "a file", "trust-json": "a file", "event-proof": "a file", "bundle-download": "a file",
    "job-cancel": "a form's target", "stream-verify": "a form's target", "reliance-change": "a form's target",
    "subscription-end": "a form's target", "notifications-read": "a form's target",
    "notification-read": "a form's target", "help": "documents, no ledger", "help-page": "documents, no ledger",
    "help-image": "a file", "guide": "as `guides`, with the stream that the address names",
    "profile": "a form over no ledger", "verify": "scripts, no ledger", "verify-saved": "a file",
    "sign": "static, no ledger", "sign-script": "a file", "sign-style": "a file", "sign-digests": "a file",
    "sign-saved": "a file",
    "stream-import": "a form over no ledger", "system": "shown to other readers; its ledger is as large as on the demo",
    "verifier": "a file", "client": "a file", "components": "samples, no ledger",
    "bundle": "one row by its id, however large the stream", "job": "one row by its id, however large the stream",
    "key": "one row by its id, however large the stream",
    "change": "one row by its id, however large the stream", "change-edit": "one row by its id",
    "change-new-kind": "a form over no ledger", "change-preview": "a part of a page", "change-statement": "a file",
    "incident-open": "a form's target", "incident-entry": "a form's target", "evidenceos-accept": "a form's target",
    "change-step": "a form's target", "change-revert": "a form's target", "change-words": "a part of a page",
    "decision-key-end": "a form's target", "decision-key-fields": "a part of a page", "decision-key-file": "a file",
    "decision-key-new": "a form over no ledger", "decision-key-register": "a form's target",
    "factor-authenticator": "a form over no ledger", "factor-passkey": "a form over no ledger",
    "factor-passkey-begin": "a form's target", "factor-passkey-complete": "a form's target", "factor-qr": "a file",
    "factor-remove": "a form's target", "recovery-codes": "a form over no ledger", "session-end": "a form's target",
    "invitation": "before a session", "invitation-open": "before a session", "invitation-qr": "a file",
    "login-passkey": "before a session", "login-passkey-begin": "before a session",
    "people-invite": "a form over no ledger", "person": "one row by its id", "person-leave": "a form's target",
    "evidenceos": "EvidenceOS has a directory of its own", "evidenceos-author": "a form over no ledger",
    **{f"evidenceos-{name}": "reads a directory of EvidenceOS, no ledger" for name in (
        "target", "nullspecs", "nullspec", "oracles", "settings", "canaries", "canary", "ahead", "events", "files",
        "guide",
    )},
    "evidenceos-author-preview": "a part of a page", "evidenceos-claims": "a form over no ledger",
    "integrity": "shown to other readers; what checks have said already",
    "policy": "governance's own, which stands only after the founding",
    "person-ticket": "a form's target", "person-ticket-end": "a form's target",
}  # fmt: skip


def addresses(place: Place) -> list[tuple[str, dict[str, Any], str]]:
    """URL name, arguments and query of every page."""
    found: list[tuple[str, dict[str, Any]]] = [(name, {}) for name in GLOBAL]
    found += [(name, place.of_stream) for name in OF_STREAM]
    found += [
        ("event", {**place.of_stream, "index": place.index}),
        ("window", {**place.of_stream, "number": place.window}),
        ("checkpoint", {**place.of_stream, "size": place.size}),
    ]
    return [(name, arguments, query) for name, arguments in found for query in QUERIES.get(name, ("",))]
