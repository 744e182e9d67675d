"""What a change is about, in words: the person, tenant or log that its subject names, and which document of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING

from console.tenants_memo import tenants_now
from governance.identity.selectors.people import names_of

if TYPE_CHECKING:
    from governance.change.selectors.changes import ChangeListed

_WHOLE = {
    "policy": "the policy of governed change",
    "genesis": "this deployment",
    "freeze:platform": "everything",
    "drill": "nothing: an exercise",
}


def subject_names(
    listed: Iterable[ChangeListed], known: Mapping[str, str] | None = None, also: Collection[str] = ()
) -> dict[str, str]:
    """Names of the people and tenants in these subjects, by `person:<id>` and `tenant:<id>`: at most two queries, one
    where the names of all people are `known`. `also` are more people to be named.
    """
    heads = {part for one in listed for part in _heads(one.subject)} | set(also)
    people = {**(known or {}), **names_of(heads - (known or {}).keys())}
    if not any(one.startswith("tenant:") for one in heads):
        return people
    return {**people, **tenant_names()}


def names_in(actors: Iterable[str]) -> dict[str, str]:
    """Names of the people among `actors`."""
    return names_of(set(actors))


def tenant_names() -> dict[str, str]:
    """Names of all tenants, by `tenant:<id>`."""
    return {f"tenant:{one.public_id}": one.name for one in tenants_now()}


def subject_words(subject: str, names: Mapping[str, str]) -> str:
    """`Ada Lovelace: roles`, `Acme: state`, `inventory/python-files: publicity`."""
    if subject in _WHOLE:
        return _WHOLE[subject]
    if subject.startswith("stream:"):
        origin, _, part = subject.removeprefix("stream:").partition("/log/")[2].rpartition("/")
        return f"{origin}: {part.replace('_', ' ')}" if origin else subject
    if subject.startswith("evidenceos:"):
        slug, _, document = subject.removeprefix("evidenceos:").partition("/")
        return f"{slug}: {_document(document)}"
    head, _, part = subject.removeprefix("freeze:").partition("/")
    name = names.get(head, head)
    return f"{name}: {part.replace('_', ' ')}" if part else name


def _document(document: str) -> str:
    """`contract 3f0c1a2b9d8e`, `active contract of settle on holdout-a`, `oracle settle`, `trusted keys`."""
    head, _, rest = document.partition("/")
    if head == "nullspecs":
        return f"contract {rest[:12]}"
    if head == "active":
        oracle, _, holdout = rest.partition("/")
        return f"active contract of {oracle} on {holdout}"
    named = {"oracles": "oracle", "canaries": "canary"}.get(head, head.replace("_", " "))
    return f"{named} {rest}".strip()


def _heads(subject: str) -> tuple[str, ...]:
    head = subject.removeprefix("freeze:").partition("/")[0]
    return (head,) if head.startswith(("person:", "tenant:")) else ()
