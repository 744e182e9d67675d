"""Changes for those who may see them: lists, one change with everything said over it, and what waits for whom.

Guarantees that a change outside of a reader's scope is as unknown as none, and that what is said of where a change
stands (ready, expired, who can sign) is judged by `standing`, never read from a column.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import attrgetter

from django.db.models import Count, F, Q, QuerySet

from governance.change.core.people import People
from governance.change.core.quorum import may_approve
from governance.change.core.statement import parsed
from governance.change.core.states import LIVE, TERMINAL, State
from governance.change.core.verbs import Verb
from governance.change.errors import ChangeUnknown
from governance.change.models import Change, Revision, Word
from governance.change.selectors.deployment import changes_stream
from governance.change.selectors.people import people
from governance.change.selectors.standing import Standing, current, people_judging, standing
from governance.change.types import change_type
from governance.change.types.genesis import GENESIS
from governance.identity.core.roles import Role
from governance.identity.models.membership import Membership
from governance.identity.selectors.founding import is_founded
from ledger.core.types import JSONObject
from ledger.selectors.streams import StreamView

READERS = frozenset({
    Role.AUTHOR, Role.APPROVER, Role.EXECUTOR, Role.PLATFORM_OPERATOR, Role.COMPLIANCE_OFFICER,
    Role.INTERNAL_AUDITOR, Role.TENANT_ADMIN,
})  # fmt: skip
"""Who reads changes: all of them where the role is held on the platform, else those of its tenant."""
MOST_WAITING = 50
_JUDGED = LIVE | {State.APPLIED_PROVISIONAL}
"""After an emergency the same quorum ratifies."""
_PARTS = ("revisions", "words", "comments", "holds")


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose changes somebody may see; `tenants` are public ids, `genesis` the drafts of a founding that name them."""

    everything: bool = False
    tenants: frozenset[str] = frozenset()
    genesis: frozenset[uuid.UUID] = frozenset()

    @property
    def empty(self) -> bool:
        """Whether no change exists for them."""
        return not self.everything and not self.tenants and not self.genesis


@dataclass(frozen=True, slots=True)
class ChangeListed:
    """A row of a list; `number` is the place in the list, `ready_at` and `not_after` are seconds."""

    id: str
    number: int
    type: str
    words: str
    subject: str
    tenant: str | None
    state: State
    revision: int
    author: str
    created: datetime
    moved: datetime
    ready_at: int | None
    not_after: int | None


@dataclass(frozen=True, slots=True)
class RevisionView:
    """A text with the effect it has; `rule` is the policy's rule as it was signed."""

    number: int
    by: str
    made: datetime
    reason: str
    body: JSONObject
    base: JSONObject
    result: JSONObject
    direction: str
    invalidates: tuple[str, ...]
    way_back: JSONObject | None
    policy: str
    rule: JSONObject


@dataclass(frozen=True, slots=True)
class WordView:
    """What somebody signed; `code` are the six words of the signed bytes, `index` its leaf."""

    verb: str
    person: str
    kid: str
    revision: int
    index: int
    at: datetime
    code: str


@dataclass(frozen=True, slots=True)
class CommentView:
    """A remark."""

    by: str
    revision: int
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class HoldView:
    """Who stopped it, why, and who let it go."""

    by: str
    reason: str
    at: datetime
    released_by: str | None
    released: datetime | None


@dataclass(frozen=True, slots=True)
class ChangeView:
    """One change, whole. `standing` is None while there is nothing to judge (a draft, or one that has ended);
    `undone_by` is the applied way back of it; `people` and `index` (the next place of the record) tell whose keys
    could sign something now.
    """

    listed: ChangeListed
    revisions: tuple[RevisionView, ...]
    words: tuple[WordView, ...]
    comments: tuple[CommentView, ...]
    holds: tuple[HoldView, ...]
    executor: str | None
    applied_index: int | None
    observe_until: int | None
    outcome: str
    reverts: str | None
    undone_by: str | None
    standing: Standing | None
    people: People
    index: int

    @property
    def current(self) -> RevisionView:
        """The revision that counts."""
        return self.revisions[-1]


def scope_of(person: uuid.UUID, now: datetime) -> Scope:
    """What the person with this public id may see at `now`."""
    held = Membership.objects.live(now).filter(
        person__public_id=person, person__is_active=True, role__in=[role.value for role in READERS]
    )
    everything = held.filter(tenant__isnull=True).exists()
    if everything:
        return Scope(everything=True)
    places = held.values_list("tenant__public_id", flat=True)
    return Scope(tenants=frozenset(map(str, places)), genesis=_naming(person))


def _naming(person: uuid.UUID) -> frozenset[uuid.UUID]:
    """The genesis is read and signed by whom it names, before it gives them any role."""
    if is_founded():
        return frozenset()
    drafts = Change.objects.filter(
        type=GENESIS, state=State.DRAFT.value, revisions__number=F("revision"),
        revisions__body__people__contains=[{"person": str(person)}],
    )  # fmt: skip
    return frozenset(drafts.values_list("public_id", flat=True))


def changes_in(
    scope: Scope, *, states: Collection[State] = (), author: str = "", after: int | None = None, limit: int = 50
) -> tuple[ChangeListed, ...]:
    """The newest first; `after` is the `number` of the last row of the page before."""
    rows = _within(scope)
    if states:
        rows = rows.filter(state__in=[one.value for one in states])
    if author:
        rows = rows.filter(author=author)
    if after is not None:
        rows = rows.filter(pk__lt=after)
    return tuple(map(_listed, rows.order_by("-id")[:limit]))


def counts_by_state(scope: Scope) -> dict[State, int]:
    """How many there are in each state."""
    rows = _within(scope).order_by().values_list("state").annotate(Count("pk"))
    return {State(state): count for state, count in rows}


def change_in(scope: Scope, change_id: str, now: datetime) -> ChangeView:
    """One change with all that was said over it; raises ChangeUnknown."""
    row, stream = _row(scope, change_id), changes_stream()
    everybody = _everybody(row, now) if State(row.state) not in TERMINAL or _is_observed(row, now) else {}
    return ChangeView(
        listed=_listed(row),
        revisions=tuple(map(_revision, row.revisions.all())),
        words=tuple(map(_word, sorted(row.words.all(), key=attrgetter("index")))),
        comments=tuple(CommentView(one.by, one.revision, one.text, one.at) for one in row.comments.all()),
        holds=tuple(HoldView(one.by, one.reason, one.at, one.released_by, one.released) for one in row.holds.all()),
        executor=row.executor,
        applied_index=row.applied_index,
        observe_until=row.observe_until,
        outcome=row.outcome,
        reverts=None if row.reverts is None else str(row.reverts),
        undone_by=_undone_by(row),
        standing=_judged(row, stream, now, everybody) if State(row.state) in _JUDGED else None,
        people=everybody,
        index=stream.size,
    )


def _judged(row: Change, stream: StreamView, now: datetime, everybody: People) -> Standing:
    """Where it stands at the next place of the record; the clock never runs behind the record (I19)."""
    at = int(max(now, stream.recorded).timestamp())
    return standing(row, index=stream.size, now=at, people=everybody)


def _undone_by(row: Change) -> str | None:
    """The change that took this one back, if any."""
    if row.state != State.APPLIED.value or row.observe_until is None:
        return None
    back = Change.objects.filter(reverts=row.public_id, state=State.APPLIED.value).first()
    return None if back is None else back.key


def _everybody(row: Change, now: datetime) -> People:
    return people_judging(row, current(row), int(now.timestamp()))


def _is_observed(row: Change, now: datetime) -> bool:
    return row.observe_until is not None and row.observe_until > now.timestamp()


def waiting_for(scope: Scope, person: str, now: datetime) -> tuple[ChangeListed, ...]:
    """The founding that names them and that they have not signed, then the changes in review whose next place this
    person could fill now, the oldest first, at most 50.
    """
    return (*_foundings_for(person), *_reviews_for(scope, person, now))


def _foundings_for(person: str) -> tuple[ChangeListed, ...]:
    signed = Word.objects.filter(person=person, verb=Verb.FOUND.value, revision=F("change__revision"))
    rows = Change.objects.filter(public_id__in=_naming(uuid.UUID(person.partition(":")[2])))
    return tuple(map(_listed, rows.exclude(pk__in=signed.values("change_id")).order_by("id")))


def _reviews_for(scope: Scope, person: str, now: datetime) -> tuple[ChangeListed, ...]:
    rows = list(_within(scope).filter(state=State.IN_REVIEW.value).order_by("id")[:MOST_WAITING])
    if not rows:
        return ()
    everybody, stream = people(now), changes_stream()
    approver = everybody.get(person)
    if approver is None:
        return ()
    found: list[ChangeListed] = []
    for row in rows:
        stands = _judged(row, stream, now, everybody)
        barred = may_approve(stands.rule, stands.subject, approver, index=stands.index, now=stands.now)
        if barred is None and person not in stands.approvers:
            found.append(_listed(row))
    return tuple(found)


def _within(scope: Scope) -> QuerySet[Change]:
    rows = Change.objects.all()
    seen = Q(tenant__in=sorted(scope.tenants)) | Q(public_id__in=scope.genesis)
    return rows if scope.everything else rows.filter(seen)


def _row(scope: Scope, change_id: str) -> Change:
    try:
        found = _within(scope).prefetch_related(*_PARTS).filter(public_id=uuid.UUID(change_id)).first()
    except ValueError:
        found = None
    if found is None:
        raise ChangeUnknown("There is no such change", why=change_id[:64])
    return found


def _listed(row: Change) -> ChangeListed:
    return ChangeListed(
        id=row.key,
        number=row.pk,
        type=row.type,
        words=change_type(row.type).words,
        subject=row.subject,
        tenant=row.tenant,
        state=State(row.state),
        revision=row.revision,
        author=row.author,
        created=row.created,
        moved=row.moved,
        ready_at=row.ready_at,
        not_after=row.not_after,
    )


def _revision(row: Revision) -> RevisionView:
    return RevisionView(
        number=row.number,
        by=row.by,
        made=row.made,
        reason=row.reason,
        body=row.body,
        base=row.base,
        result=row.result,
        direction=row.direction,
        invalidates=tuple(row.invalidates),
        way_back=row.way_back,
        policy=row.policy,
        rule=row.rule,
    )


def _word(row: Word) -> WordView:
    at = datetime.fromtimestamp(row.at, UTC)
    return WordView(row.verb, row.person, row.kid, row.revision, row.index, at, parsed(bytes(row.statement)).code)
