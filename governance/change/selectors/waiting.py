"""What waits for somebody's signature now: places that they could fill, ratifications, a founding that names them.

Guarantees that the pure rule which judges an approval judges here as well. Costs one query where nothing is open, two
where something is, and a third only before the founding.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject

from governance.change.core.people import Approver
from governance.change.core.policy_text import rule_of
from governance.change.core.quorum import Subject, may_approve
from governance.change.core.states import State
from governance.change.core.verbs import Verb
from governance.change.models import Change, Revision, Word
from governance.change.selectors.changes import ChangeListed, Scope, listed_of, scope_of_roles
from governance.change.selectors.people import approver_of
from governance.change.types import change_type
from governance.change.types.genesis import GENESIS
from governance.identity.selectors.founding import is_founded
from governance.identity.selectors.people import PersonView, people

MOST = 50
NOW = 2**62
"""Behind every place of the record: a key counts there unless it was revoked."""
_OPEN = Q(state__in=[State.IN_REVIEW.value, State.APPLIED_PROVISIONAL.value])
_FOUNDING = Q(state=State.DRAFT.value, type=GENESIS)
_SAID = (Verb.APPROVE.value, Verb.REVOKE_APPROVAL.value, Verb.FOUND.value)


def waiting_for(scope: Scope | None, person: str, now: datetime) -> tuple[ChangeListed, ...]:
    """What this person (`person:<uuid>`) could sign now, a founding first, then the oldest first, at most 50; `scope`
    None reads from their roles what they may see.
    """
    rows = list(_rows(person)[:MOST])
    view = next(iter(people(now, only=[person.partition(":")[2]])), None) if rows else None
    if view is None:
        return ()
    seen = scope_of_roles(view) if scope is None else scope
    found = [*_foundings(rows, person), *_reviews(rows, seen, view, int(now.timestamp()))]
    return tuple(map(listed_of, found))


def _rows(person: str) -> QuerySet[Change]:
    revisions = Revision.objects.filter(change=OuterRef("pk"))
    current = revisions.filter(number=OuterRef("revision"))
    mine = Word.objects.filter(
        change=OuterRef("pk"), person=person, revision=OuterRef("revision"), verb__in=_SAID
    ).order_by("-index")
    return Change.objects.filter(_OPEN | _FOUNDING).order_by("id").annotate(
        rule=Subquery(current.values("rule")[:1]), body=Subquery(current.values("body")[:1]),
        writers=ArraySubquery(revisions.values("by")),
        said=Subquery(mine.values(one=JSONObject(verb="verb", kid="kid"))[:1]),
    )  # fmt: skip


def _foundings(rows: list[Any], person: str) -> Iterator[Any]:
    drafts = [one for one in rows if one.type == GENESIS and one.said is None]
    if not drafts or is_founded():
        return
    public_id = person.partition(":")[2]
    yield from (one for one in drafts if any(named["person"] == public_id for named in one.body["people"]))


def _reviews(rows: list[Any], scope: Scope, view: PersonView, now: int) -> Iterator[Any]:
    approver = approver_of(view)
    for row in rows:
        if row.type == GENESIS or not (scope.everything or row.tenant in scope.tenants):
            continue
        concerned = change_type(row.type).concerned(row.body)
        subject = Subject(row.revision, frozenset({row.author, *row.writers}), concerned, row.lost_at)
        barred = may_approve(rule_of(row.rule), subject, approver, index=NOW, now=now)
        if barred is None and not _stands(row.said, approver):
            yield row


def _stands(said: dict[str, str] | None, approver: Approver) -> bool:
    """Whether their last word of this revision is an approval by a key that still counts."""
    if said is None or said["verb"] != Verb.APPROVE.value:
        return False
    key = approver.key(said["kid"])
    return key is not None and key.lives_at(NOW)
