"""Changes for those who may see them: lists, one change with everything said over it, and what waits for whom.

Guarantees that a change outside of a reader's scope is as unknown as none, and that what is said of where a change
stands (ready, expired, who can sign) is judged by `standing`, never read from a column.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import attrgetter

from django.db.models import Count, Exists, F, Q, QuerySet

from governance.change.core.people import People
from governance.change.core.statement import parsed
from governance.change.core.states import LIVE, TERMINAL, State
from governance.change.errors import ChangeUnknown
from governance.change.models import Change, Revision, Word
from governance.change.selectors import talk
from governance.change.selectors.deployment import changes_stream
from governance.change.selectors.people import approver_of
from governance.change.selectors.standing import Standing, current, is_founding, standing
from governance.change.types import change_type
from governance.change.types.genesis import GENESIS, genesis_people
from governance.identity.core.roles import Role
from governance.identity.models.founding import Founding
from governance.identity.models.membership import Membership
from governance.identity.models.person import actor_of
from governance.identity.selectors.people import PersonView
from governance.identity.selectors.people import people as everybody
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
_PARTS = ("revisions", "words")


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

    def holds(self, row: Change) -> bool:
        """Whether this change exists for them."""
        return self.everything or row.tenant in self.tenants or row.public_id in self.genesis


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
class Written:
    """A change as far as somebody edits it: its row and the revision that counts."""

    listed: ChangeListed
    current: RevisionView


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
class ChangeView:
    """One change, whole. `standing` is None while there is nothing to judge (a draft, or one that has ended);
    `undone_by` is the applied way back of it; `people` and `index` (the next place of the record) tell whose keys
    could sign something now, `names` are theirs.
    """

    listed: ChangeListed
    revisions: tuple[RevisionView, ...]
    words: tuple[WordView, ...]
    comments: tuple[talk.CommentView, ...]
    holds: tuple[talk.HoldView, ...]
    asks: tuple[talk.AskView, ...]
    executor: str | None
    applied_index: int | None
    observe_until: int | None
    outcome: str
    reverts: str | None
    undone_by: str | None
    standing: Standing | None
    people: People
    names: Mapping[str, str]
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
    places = set(held.values_list("tenant__public_id", flat=True))
    if None in places:
        return Scope(everything=True)
    return Scope(tenants=frozenset(map(str, places)), genesis=_naming(person))


def scope_of_roles(view: PersonView) -> Scope:
    """The same from roles that were read already, without a founding."""
    places = {tenant for role, tenant in view.roles if role in READERS} if view.live else set()
    return Scope(everything=True) if None in places else Scope(tenants=frozenset(map(str, places)))


def _naming(person: uuid.UUID) -> frozenset[uuid.UUID]:
    """The genesis is read and signed by whom it names, before it gives them any role."""
    drafts = Change.objects.filter(
        ~Exists(Founding.objects.all()), type=GENESIS, state=State.DRAFT.value, revisions__number=F("revision"),
        revisions__body__people__contains=[{"person": str(person)}],
    )  # fmt: skip
    return frozenset(drafts.values_list("public_id", flat=True))


def changes_in(
    scope: Scope, *, states: Collection[State] = (), author: str = "", kind: str = "", subject: str = "",
    after: int | None = None, limit: int = 50,
) -> tuple[ChangeListed, ...]:  # fmt: skip
    """The newest first; `after` is the `number` of the last row of the page before, `subject` one whole document."""
    rows = _within(scope)
    if states:
        rows = rows.filter(state__in=[one.value for one in states])
    told = {"author": author, "type": kind, "subject": subject}
    rows = rows.filter(**{name: value for name, value in told.items() if value})
    if after is not None:
        rows = rows.filter(pk__lt=after)
    return tuple(map(listed_of, rows.order_by("-id")[:limit]))


def rows_by_id(scope: Scope, ids: Iterable[str]) -> dict[str, ChangeListed]:
    """Those of these changes that the scope knows, by id."""
    wanted = [found for one in ids if (found := _uuid(one)) is not None]
    rows = _within(scope).filter(public_id__in=wanted) if wanted else ()
    return {row.key: listed_of(row) for row in rows}


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def counts_by_state(scope: Scope) -> dict[State, int]:
    """How many there are in each state."""
    rows = _within(scope).order_by().values_list("state").annotate(Count("pk"))
    return {State(state): count for state, count in rows}


def change_in(scope: Scope, change_id: str, now: datetime) -> ChangeView:
    """One change with all that was said over it; raises ChangeUnknown."""
    row, stream = _row(scope, change_id), changes_stream()
    people, names = _judging(row, now)
    return ChangeView(
        listed=listed_of(row),
        revisions=tuple(map(_revision, row.revisions.all())),
        words=tuple(map(_word, sorted(row.words.all(), key=attrgetter("index")))),
        comments=talk.comments(row),
        holds=talk.holds(row),
        asks=talk.asks(row),
        executor=row.executor,
        applied_index=row.applied_index,
        observe_until=row.observe_until,
        outcome=row.outcome,
        reverts=None if row.reverts is None else str(row.reverts),
        undone_by=talk.undone_by(row),
        standing=_judged(row, stream, now, people) if State(row.state) in _JUDGED else None,
        people=people,
        names=names,
        index=stream.size,
    )


def written_in(scope: Scope, change_id: str) -> Written:
    """The text of one change that counts, without what was said over it; raises ChangeUnknown."""
    row = _found(_within(scope).prefetch_related("revisions"), change_id)
    return Written(listed_of(row), _revision(current(row)))


def _judged(row: Change, stream: StreamView, now: datetime, people: People) -> Standing:
    """Where it stands at the next place of the record; the clock never runs behind the record (I19)."""
    at = int(max(now, stream.recorded).timestamp())
    return standing(row, index=stream.size, now=at, people=people)


def _judging(row: Change, now: datetime) -> tuple[People, dict[str, str]]:
    """Everybody who could sign something now, and their names; nobody where it has ended for good."""
    if State(row.state) in TERMINAL and not _is_observed(row, now):
        return {}, {}
    if is_founding(row):
        return genesis_people(current(row).body), {}
    found = everybody(now)
    return {one.person: one for one in map(approver_of, found)}, {actor_of(one.public_id): one.name for one in found}


def _is_observed(row: Change, now: datetime) -> bool:
    return row.observe_until is not None and row.observe_until > now.timestamp()


def _within(scope: Scope) -> QuerySet[Change]:
    rows = Change.objects.all()
    seen = Q(tenant__in=sorted(scope.tenants)) | Q(public_id__in=scope.genesis)
    return rows if scope.everything else rows.filter(seen)


def _row(scope: Scope, change_id: str) -> Change:
    return _found(talk.with_talk(_within(scope)).prefetch_related(*_PARTS), change_id)


def _found(rows: QuerySet[Change], change_id: str) -> Change:
    try:
        found: Change | None = rows.filter(public_id=uuid.UUID(change_id)).first()
    except ValueError:
        found = None
    if found is None:
        raise ChangeUnknown("There is no such change", why=change_id[:64])
    return found


def listed_of(row: Change) -> ChangeListed:
    """A row of a list."""
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
