"""Which documents are for whom, and which one helps where one stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.urls import reverse

from console.help_pages import help_page

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Topic:
    """A document, and what it answers."""

    name: str
    answers: str


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who reads, and what for."""

    who: str
    topics: tuple[Topic, ...]


READERS = (
    Reader(
        "Tenants",
        (
            Topic("first-hour-tenant", "From a key to a proof that somebody outside can check"),
            Topic("health", "What the health paths check, and what to do when one is off pass"),
            Topic("client", "How a program sends events without losing one"),
            Topic("api", "Routes, what they take and answer, and the codes of their errors"),
        ),
    ),
    Reader(
        "Compliance officers and auditors",
        (
            Topic("first-hour-compliance", "From a question to a bundle and its verdict"),
            Topic("verifying", "How evidence is verified without this server"),
            Topic("problem-codes", "What a code of the verifier means, and what to do next"),
            Topic("glossary", "What the words mean"),
        ),
    ),
    Reader(
        "Platform operators",
        (
            Topic("first-hour-operator", "From an empty machine to a watched installation"),
            Topic("operations", "How it is run, backed up, restored and watched"),
            Topic("durability", "In which order is written, and what stops a stream"),
            Topic("settings", "Which environment variables are read"),
        ),
    ),
)

_HERE = {
    "stream": "health", "stream-health": "health#over-time", "subscriptions": "health#subscriptions",
    "notifications": "health#subscriptions", "first-event": "first-hour-tenant#2-send-the-first-event",
    "keys": "first-hour-tenant#1-make-a-key", "key": "first-hour-tenant#1-make-a-key",
    "key-new": "first-hour-tenant#1-make-a-key", "key-rotate": "first-hour-tenant#6-keep-it-well",
    "event": "verifying", "bundle": "problem-codes", "bundles": "verifying", "export": "first-hour-compliance",
    "trust-sheet": "verifying", "verify": "verifying", "reliance": "verifying#reliance",
    "account": "accounts", "factors": "accounts#second-factors", "sessions": "accounts#sessions",
    "decision-keys": "accounts#decision-keys", "decision-key-new": "accounts#decision-keys",
    "decision-key-file": "accounts#decision-keys", "decision-key-end": "accounts#decision-keys",
    "people": "accounts#inviting", "people-invite": "accounts#inviting", "person": "accounts#inviting",
    "changes": "governance", "change": "governance", "change-new": "governance#kinds",
    "change-new-kind": "governance#kinds", "change-edit": "governance", "policy": "governance",
    "evidenceos": "evidenceos", "evidenceos-author": "evidenceos#authoring-a-contract",
    "evidenceos-claims": "evidenceos#a-claim-verified-offline",
    **dict.fromkeys((
        "evidenceos-target", "evidenceos-nullspecs", "evidenceos-nullspec", "evidenceos-oracles", "evidenceos-settings",
        "evidenceos-canaries", "evidenceos-canary", "evidenceos-events", "evidenceos-files", "evidenceos-guide",
        "evidenceos-ahead",
    ), "evidenceos#the-registry"),
    "founding": "governance#the-founding", "integrity": "verifying", "incidents": "governance#an-emergency",
    "reliance-change": "verifying#reliance", "profiles": "first-hour-tenant#5-say-what-auditors-look-for",
    "profile": "first-hour-tenant#5-say-what-auditors-look-for", "guides": "first-hour-tenant", "guide": "health",
}  # fmt: skip


def help_for(view_name: str) -> str:
    """Address of what helps on the page of this name: a section where there is one, else the list of documents."""
    name, _, anchor = _HERE.get(view_name, "").partition("#")
    if not name:
        return reverse("help")
    return f"{reverse('help-page', args=(name,))}{f'#{anchor}' if anchor else ''}"


def here() -> dict[str, str]:
    """View names and what helps there, for tests."""
    return dict(_HERE)


def titles(names: Iterable[str]) -> list[tuple[str, str]]:
    """Name and title of each document."""
    return [(name, help_page(name).title) for name in names]
