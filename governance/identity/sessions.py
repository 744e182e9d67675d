"""The row that stands for a session, so that its holder can see it and end it from somewhere else.

Guarantees that a session whose row has ended opens nothing from the next request on: it is removed from where it lives,
and where it has just got a new key, the row is asked when that key is used first. No other request costs a query.
"""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from django.contrib.sessions.backends.db import SessionStore
from django.db import models

from governance.identity.models.session import Ended, Session
from governance.identity.moment import Moment

if TYPE_CHECKING:
    from django.contrib.sessions.backends.base import SessionBase

    from governance.identity.models.person import Person

ROW = "session_row"
ROW_KEY = "session_row_key"
KEPT = timedelta(days=90)
LONGEST_AGENT = 200


@dataclass(frozen=True, slots=True)
class Place:
    """Where a session is used from: what the browser says it is, and its network (/24 or /48)."""

    agent: str
    network: str


@dataclass(frozen=True, slots=True)
class SessionView:
    """A session that opens something; `factor` is '' while no second factor was given."""

    public_id: uuid.UUID
    began: datetime
    seen: datetime
    factor: str
    verified: datetime | None
    agent: str
    network: str


def open_row(session: SessionBase, person: Person, place: Place, now: datetime, *, verified: tuple[str, float]) -> None:
    """Write the row of a session that has none; `verified` is the factor and when it was given (POSIX, 0 never)."""
    factor, at = verified
    row = Session.objects.create(
        public_id=Moment(now, secrets.token_bytes).new_id(),
        person=person,
        key=session.session_key or "",
        epoch=person.session_epoch,
        began=now,
        seen=now,
        factor=factor,
        verified=datetime.fromtimestamp(at, tz=UTC) if at else None,
        agent=place.agent[:LONGEST_AGENT],
        network=place.network,
    )
    session[ROW], session[ROW_KEY] = str(row.public_id), session.session_key


def is_open(session: SessionBase) -> bool:
    """Whether nobody has ended the session's row; a key that is new since is written down first."""
    if session.get(ROW_KEY) == session.session_key:
        return True
    session[ROW_KEY] = session.session_key
    return _rows(session).update(key=session.session_key or "") == 1


def touch(session: SessionBase, now: datetime) -> None:
    """The session was used at `now`."""
    _rows(session).update(seen=now)


def note_verified(session: SessionBase, factor: str, now: datetime) -> None:
    """A second factor was given at `now`."""
    _rows(session).update(factor=factor, verified=now, seen=now)


def keep_row(session: SessionBase, person: Person) -> None:
    """The session goes on after its holder ended the others."""
    _rows(session).update(epoch=person.session_epoch)


def end_row(session: SessionBase, why: Ended, now: datetime) -> None:
    """The session is over; the caller removes it."""
    _rows(session).update(ended=now, why=why.value, key="")


def end_signed_out(session: SessionBase, now: datetime) -> None:
    """Its holder signs out; the caller removes it."""
    end_row(session, Ended.SIGNED_OUT, now)


def remove_session(row: Session, why: Ended, now: datetime) -> None:
    """End a session from somewhere else, in the caller's transaction."""
    SessionStore().delete(row.key)
    row.ended, row.why, row.key = now, why.value, ""
    row.save(update_fields=["ended", "why", "key"])


def open_sessions(person: Person) -> tuple[SessionView, ...]:
    """The sessions of a person that open something, the newest first."""
    rows = Session.objects.live().filter(person=person)
    return tuple(
        SessionView(row.public_id, row.began, row.seen, row.factor, row.verified, row.agent, row.network)
        for row in rows
    )  # fmt: skip


def tidy_sessions(now: datetime, longest: timedelta) -> int:
    """End the rows of sessions that are over by their age, and remove those that ended long ago; how many went."""
    Session.objects.filter(ended__isnull=True, began__lt=now - longest).update(
        ended=now, why=Ended.ABSOLUTE.value, key=""
    )
    gone, _ = Session.objects.filter(ended__lt=now - KEPT).delete()
    return gone


def _rows(session: SessionBase) -> models.QuerySet[Session]:
    return Session.objects.filter(public_id=session.get(ROW, uuid.UUID(int=0)), ended__isnull=True)
