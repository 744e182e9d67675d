"""One step of a change = one class: check, write, its event in `_governance/changes`, all in one transaction.

Guarantees the compare-and-swap of the governance reference (section 5): the change's row is locked, then the rows of
the document it changes (where the step applies an effect), then the head of `_governance/changes`; index and time
are those of that head, so a clock that goes back shortens no lock (I19); the row moves by `UPDATE ... WHERE state
AND revision`, which must hit once. A step that is refused leaves nothing but its denial in `_system/events`; a
refusal that a step *finds* (stale, expired, quorum lost) is committed as a step of its own, then raised.
"""

from __future__ import annotations

import abc
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar, cast

from django.db import connection, transaction

from governance.change.actions.telling import note, note_answer
from governance.change.core.occasions import occasion_of
from governance.change.core.replay import TAKES_EFFECT
from governance.change.core.states import State as ChangeState
from governance.change.core.states import Step, after
from governance.change.errors import ChangeUnknown, RevisionMoved, RoleMissing, TokenCannotDecide
from governance.change.events import ChangeEvent
from governance.change.models import Change, Word
from governance.change.selectors.changes import scope_of
from governance.change.selectors.deployment import CHANGES, changes_stream
from governance.identity.core.principal import Principal, PrincipalKind
from governance.identity.moment import Moment
from ledger.core.canonical import canonical
from ledger.core.event import RawEvent
from ledger.core.types import JSONObject
from ledger.errors import RequestError
from ledger.services import system_events
from ledger.services.append import append_within
from ledger.services.head import lock_head
from ledger.services.raw import within

SOURCE = "urn:countersign:governance:change"


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the record a step is judged: the index that the next leaf gets, and the second that counts."""

    index: int
    now: int


@dataclass(frozen=True, slots=True)
class Moved:
    """What a step does: its event and facts, the step in the table of states (None: it stays where it is), columns of
    the row, a verified word to be written, a refusal that is raised after the commit, words for whoever is told, and
    what is left to do once the index is known.
    """

    event: ChangeEvent
    facts: JSONObject = field(default_factory=dict)
    step: Step | None = None
    columns: dict[str, object] = field(default_factory=dict)
    word: Word | None = None
    refusal: RequestError | None = None
    told: str = ""
    then: Callable[[int], None] | None = None


@dataclass(frozen=True, kw_only=True)
class ChangeAction(abc.ABC):
    """A step that `by` takes at `at`; `revision` is the one that they have seen (None where it does not matter)."""

    door: ClassVar[str]

    change_id: str
    by: Principal
    at: Moment
    revision: int | None = None

    @abc.abstractmethod
    def step(self, row: Change, place: Place) -> Moved | None:
        """Check everything and write what the step changes beside the row; raise the refusal that applies. None where
        there is nothing to do.
        """

    def before(self, row: Change) -> None:  # noqa: B027  (most steps lock nothing more)
        """Lock what must be locked before the head of the record is."""

    def run(self) -> Change:
        """Take the step, all or nothing; raises the refusal that applies, after its denial was recorded."""
        try:
            with transaction.atomic():
                row = locked(self.change_id)
                check_exists_for(self.by, row, self.at)
                self._check_revision(row)
                self.before(row)
                moved = self.step(row, locked_place(self.at))
                if moved is not None:
                    move(row, moved, by=self.by, at=self.at)
        except RequestError as error:
            denied(error, self.by, self.door, self.change_id)
            raise
        if moved is not None and moved.refusal is not None:
            denied(moved.refusal, self.by, self.door, self.change_id)
            raise moved.refusal
        row.refresh_from_db()
        return row

    def _check_revision(self, row: Change) -> None:
        if self.revision is not None and row.revision != self.revision:
            raise RevisionMoved("The change was edited meanwhile", why=f"it is at revision {row.revision} now")


def locked(change_id: str) -> Change:
    """The change's row, locked; raises ChangeUnknown."""
    row = Change.objects.select_for_update().filter(public_id=parsed_id(change_id)).first()
    if row is None:
        raise unknown(change_id)
    return row


def found(change_id: str) -> Change:
    """The change's row as it is, unlocked; raises ChangeUnknown."""
    row = Change.objects.filter(public_id=parsed_id(change_id)).first()
    if row is None:
        raise unknown(change_id)
    return row


def check_exists_for(by: Principal, row: Change, at: Moment) -> None:
    """Whose the change is not, it does not exist for, whichever door they stand at (I15, I22).

    Raises ChangeUnknown, and RoleMissing for somebody who reads no changes at all.
    """
    if by.kind is not PrincipalKind.PERSON:
        return
    scope = scope_of(parsed_id(by.actor.partition(":")[2]), at.now)
    if scope.empty:
        raise RoleMissing("This takes a role that reads changes", why=by.actor)
    if not scope.holds(row):
        raise unknown(row.key)


def parsed_id(change_id: str) -> uuid.UUID:
    """The id as a value; raises ChangeUnknown."""
    try:
        return uuid.UUID(change_id)
    except ValueError as error:
        raise unknown(change_id) from error


def unknown(change_id: str) -> ChangeUnknown:
    """The refusal for an id that names nothing."""
    return ChangeUnknown("There is no such change", why=change_id[:64])


def locked_place(at: Moment) -> Place:
    """Lock the record's head; time is the later one of `at` and the head's."""
    with connection.cursor() as cursor, within(cursor) as raw:
        head = lock_head(raw, changes_stream().id)
    return Place(head.size, max(int(at.now.timestamp()), int(head.recorded.timestamp())))


def move(row: Change, moved: Moved, *, by: Principal, at: Moment) -> None:
    """Append the event, write the word, and swap the row's state; the head is locked already."""
    before = (row.state, row.revision)
    state = after(ChangeState(row.state), moved.step) if moved.step is not None else ChangeState(row.state)
    revision = moved.columns.get("revision", row.revision)
    told: JSONObject = {
        "actor": by.actor, "change": row.key, "type": row.type, "subject": row.subject, "tenant": row.tenant,
        "revision": cast("int", revision), "from": row.state, "to": state.value, "after": row.index, **moved.facts,
    }  # fmt: skip
    index = appended(row, moved.event, told, by=by, at=at)
    if moved.word is not None:
        moved.word.index = index
        moved.word.save(force_insert=True)
    if moved.then is not None:
        moved.then(index)
    _tell(row, moved, (ChangeState(before[0]), state), cast("int", revision), by=by, at=at)
    if moved.step is None and not moved.columns:
        return  # said, and nothing moved: also over a change that has ended
    if moved.event in TAKES_EFFECT:
        moved.columns["applied_index"] = index
    columns = {**moved.columns, "state": state.value, "index": index, "moved": at.now}
    if Change.objects.filter(pk=row.pk, state=before[0], revision=before[1]).update(**columns) != 1:
        raise RevisionMoved("Somebody else has moved the change on")


def _tell(
    row: Change, moved: Moved, way: tuple[ChangeState, ChangeState], revision: int, *, by: Principal, at: Moment
) -> None:  # fmt: skip
    """Note whom the step concerns; whoever signed has answered."""
    if moved.word is not None:
        note_answer(row, moved.word.person, moved.word.revision, at.now)
    occasion = occasion_of(moved.event, *way)
    if occasion is not None:
        asked = str(moved.facts.get("person", ""))
        note(row, occasion, revision, by=by, at=at, person=asked, words=moved.told)


def appended(row: Change, event: ChangeEvent, told: JSONObject, *, by: Principal, at: Moment) -> int:
    """One event about the change; returns its index."""
    raw = RawEvent(
        type=event.value, id=str(at.new_id()), source=SOURCE, subject=row.key, payload=canonical(told)
    )  # fmt: skip
    with connection.cursor() as cursor:
        return append_within(cursor, *CHANGES, [raw], actor=by.actor)[0].index


def require_session(by: Principal) -> None:
    """Whoever decides is a person in a session; raises TokenCannotDecide."""
    if by.kind is not PrincipalKind.PERSON or not by.in_session:
        raise TokenCannotDecide("This takes a person in a session", why=f"{by.kind.value} was presented")


def denied(error: RequestError, by: Principal, door: str, change_id: str) -> None:
    """Record that a step was refused: once, whichever door it came through."""
    if getattr(error, "recorded", False):
        return
    system_events.record_denial(
        code=error.code, actor=by.actor, door=f"change:{door}", reason=str(error)[:200], asked={"change": change_id}
    )
    error.recorded = True  # type: ignore[attr-defined]  # doors ask for it, so that nothing is recorded twice
