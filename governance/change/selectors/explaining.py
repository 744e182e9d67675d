"""Every governed row, and whether the record explains it: asked of the rows, never of what the record happens to name.

Guarantees that a person, group, tenant, stream, freeze, version of the policy or restriction that nobody decided is
found, also where no change ever was about it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from governance.change.core.beginnings import Beginnings
from governance.change.core.policy_text import policy_of
from governance.change.core.replay import Contradiction, Replay
from governance.change.models import Freeze, PolicyVersion
from governance.change.types.people_documents import (
    keys_of,
    keys_subject,
    roles_of,
    roles_subject,
    unit_of,
    unit_subject,
)
from governance.identity.models import ApproverGroup, Namespace, Person, Tenant
from ledger.core.canonical import canonical
from ledger.core.types import JSONObject
from ledger.models import Publicity, Restriction, RestrictionKind
from ledger.models.stream import Stream, StreamHead

MISMATCH = "replay_state_mismatch"
_PRIVATE: JSONObject = {"entries": False, "tiles": False}


def unexplained(replay: Replay, begun: Beginnings, applied: dict[str, JSONObject]) -> Iterator[Contradiction]:
    """What stands in rows and follows from nothing; `applied` are the effects by change."""
    for subject, document in _documents():
        wanted = replay.documents.get(subject)
        if canonical(document) != canonical(begun.of(subject) if wanted is None else wanted):
            yield Contradiction(MISMATCH, -1, f"{subject} is not what the record says")
    yield from _groups(begun)
    yield from _versions(applied)
    yield from _restrictions(replay, begun)


def _documents() -> Iterator[tuple[str, JSONObject]]:
    for person in Person.objects.order_by("id"):
        yield roles_subject(person.public_id), roles_of(person)
        yield keys_subject(person.public_id), keys_of(person)
        yield unit_subject(person.public_id), unit_of(person)
    for tenant in Tenant.objects.order_by("id"):
        yield f"tenant:{tenant.public_id}/state", {"state": str(tenant.state)}
    yield from _publicity()
    for freeze in Freeze.objects.filter(lifted__isnull=True).order_by("id"):
        yield f"freeze:{freeze.scope}", {"frozen": True}


def _publicity() -> Iterator[tuple[str, JSONObject]]:
    """A log that continues another one begins with what was public of that one, and is compared where they differ."""
    rows = {one.stream_id: one for one in Publicity.objects.all()}
    heads = dict(StreamHead.objects.exclude(successor=None).values_list("successor", "stream_id"))
    for stream in Stream.objects.order_by("id"):
        now = _shown(rows.get(stream.pk))
        if stream.origin not in heads or now != _shown(rows.get(heads[stream.origin])):
            yield f"stream:{stream.origin}/publicity", now


def _shown(row: Publicity | None) -> JSONObject:
    return _PRIVATE if row is None else {"entries": row.entries, "tiles": row.tiles}


def _groups(begun: Beginnings) -> Iterator[Contradiction]:
    for group in ApproverGroup.objects.select_related("tenant"):
        owner = str(group.tenant.public_id) if group.tenant else None
        if group.id not in begun.groups or begun.groups[group.id] != owner:
            yield Contradiction(MISMATCH, -1, f"group:{group.id} was made by nobody, or elsewhere")


def _versions(applied: dict[str, JSONObject]) -> Iterator[Contradiction]:
    """Each version is the result of the change that it names, and named by its own digest."""
    for row in PolicyVersion.objects.order_by("number"):
        result = cast("JSONObject", applied.get(row.decision, {}).get("result", {}))
        wanted = result.get("policy", result)
        if canonical(row.text) != canonical(wanted) or policy_of(row.text).digest != row.digest:
            yield Contradiction(MISMATCH, -1, f"policy: version {row.number} is not what a change put in force")


def _restrictions(replay: Replay, begun: Beginnings) -> Iterator[Contradiction]:
    """What the ledger obeys is what follows from the states of tenants and from freezes, no more and no less."""
    told: dict[str, set[str]] = {}
    for namespace, kind, stream in Restriction.objects.values_list("namespace", "kind", "stream_id"):
        told.setdefault(namespace, set()).add(f"{kind} of one stream" if stream else kind)
    rows = Namespace.objects.filter(tenant__isnull=False).select_related("tenant")
    wanted = {one.name: _wanted(one, replay, begun) for one in rows}
    for name in sorted({*told, *wanted}):
        if told.get(name, set()) != wanted.get(name, set()):
            yield Contradiction(MISMATCH, -1, f"namespace:{name} is restricted otherwise than the record says")
    for head in StreamHead.objects.select_related("stream"):
        name = head.stream.namespace
        if head.restriction != ",".join(sorted(wanted.get(name, set()))):
            yield Contradiction(MISMATCH, -1, f"stream:{head.stream.origin} obeys another restriction than it should")


def _wanted(namespace: Namespace, replay: Replay, begun: Beginnings) -> set[str]:
    tenant = f"tenant:{namespace.tenant.public_id if namespace.tenant else None}"
    subject = f"{tenant}/state"
    state = str(replay.documents.get(subject, begun.of(subject))["state"])
    frozen = replay.documents.get(f"freeze:{tenant}", {"frozen": False})["frozen"]
    kinds = {str(RestrictionKind.FROZEN.value)} if frozen else set[str]()
    return kinds | ({state} - {"active"})
