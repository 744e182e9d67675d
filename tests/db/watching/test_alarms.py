"""Whoever runs the platform is told what needs a hand, once when it is so and once when it is over; nobody else is."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core import mail

from governance.identity.actions.revoke_membership import revoke_membership
from governance.identity.core.roles import Role
from governance.identity.errors import NameInvalid, NotAllowed
from governance.identity.models import Membership, Person
from governance.identity.selectors.principals import principal_of_person
from governance.watching.actions.subscribe import Wish, subscribe
from governance.watching.core.alarms import EACH, AlarmKind, Concern
from governance.watching.core.rules import Kind
from governance.watching.models import Alarm, Notice
from governance.watching.selectors import concerns
from governance.watching.selectors.notices import notices_of
from governance.watching.services.mailing import deliver
from governance.watching.services.raise_alarms import KEPT, watch_platform
from ledger.models import Job, SignerPause, StreamHead
from ledger.selectors.pauses import forget_pauses
from ledger.services.verifying import request_verify
from tests.support.streams import append, event, new_stream
from tests.support.world import SEED, Place, found_platform, moment, person, place

pytestmark = pytest.mark.db
START = datetime.now(UTC)


@pytest.fixture(autouse=True)
def _begins_now(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted from the test's own beginning: what it appends is recorded by the database's clock."""
    monkeypatch.setattr(sys.modules[__name__], "START", datetime.now(UTC))


@pytest.fixture
def acme() -> Place:
    found_platform()
    return place("acme")


@pytest.fixture
def olga(acme: Place) -> Person:
    return person("olga@acme.test", Role.PLATFORM_OPERATOR, None)


def look(minutes: float = 0) -> int:
    forget_pauses()
    return watch_platform(moment(START + timedelta(minutes=minutes)))


def told(who: Person) -> list[tuple[bool, str]]:
    return [(row.begins, row.what) for row in Notice.objects.filter(person=who).order_by("pk")]


def stop(where: Place, code: str | None) -> None:
    StreamHead.objects.filter(pk=where.stream.id).update(stopped=code)


def test_a_stopped_stream_is_told_once_and_its_end_once_and_to_no_tenant(acme: Place, olga: Person) -> None:
    ada = person("ada@acme.test", Role.TENANT_ADMIN, acme.tenant)
    stop(acme, "integrity")
    assert [look(minute) for minute in (0, 1, 2)] == [1, 0, 0]
    stop(acme, None)
    assert [look(minute) for minute in (3, 4)] == [1, 0]
    assert told(olga) == [
        (True, "acme/decisions is stopped (integrity)"),
        (False, "Over: acme/decisions is stopped (integrity)"),
    ]
    assert "It lasted 3 min" in Notice.objects.get(begins=False).why
    assert told(ada) == []


def test_a_second_stop_is_told_anew(acme: Place, olga: Person) -> None:
    for minute in (0, 2):
        stop(acme, "integrity")
        look(minute)
        stop(acme, None)
        look(minute + 1)
    assert [begins for begins, _ in told(olga)] == [True, False, True, False]


def test_a_failed_job_is_told_once_with_its_code_and_never_called_over(acme: Place, olga: Person) -> None:
    append(acme.stream, event("first"))
    job = request_verify(acme.stream, "full", actor="machine:test")
    assert look() == 0
    Job.objects.filter(public_id=job.public_id).update(
        state="failed", finished=START, error={"code": "store_unreadable"}
    )
    assert [look(minute) for minute in (0, 1, 60 * 23)] == [1, 0, 0]
    assert told(olga) == [(True, "A job failed: verify of acme")]
    shown = notices_of(olga, [], operates=True)[0]
    assert (shown.page, shown.lasts) == (f"/jobs/{job.public_id}/", False)
    assert "store_unreadable" in shown.why


def test_a_guard_that_refuses_is_told_after_a_minute_and_not_before(acme: Place, olga: Person) -> None:
    append(acme.stream, event("first"))
    kept = {
        one: one.read_bytes() for one in Path(settings.COUNTERSIGN_HEAD_GUARD.removeprefix("file://")).glob("*.json")
    }
    for document in kept:
        document.unlink()
    assert [look(minute) for minute in (0, 0.5)] == [0, 0]
    assert look(1.1) == 1
    assert "The head guard refuses" in told(olga)[0][1]
    assert "head_guard_missing" in told(olga)[0][1]
    for document, text in kept.items():
        document.write_bytes(text)
    assert look(2) == 1
    assert told(olga)[-1][0] is False


def test_a_guard_that_was_away_for_a_moment_is_not_told_at_all(acme: Place, olga: Person) -> None:
    place_ = settings.COUNTERSIGN_HEAD_GUARD
    settings.COUNTERSIGN_HEAD_GUARD = ""
    try:
        look(0)
    finally:
        settings.COUNTERSIGN_HEAD_GUARD = place_
    assert Alarm.objects.get().kind == AlarmKind.GUARD
    look(0.5)
    look(2)
    assert told(olga) == []


def test_a_paused_signer_is_told_with_reason_and_its_end(acme: Place, olga: Person) -> None:
    SignerPause.objects.create(stream=None, paused=True, reason="an exercise", actor="machine:test")
    look()
    assert told(olga) == [(True, "The signer of all streams is paused")]
    assert "an exercise" in Notice.objects.get().why
    SignerPause.objects.create(stream=None, paused=False, reason="done", actor="machine:test")
    look(1)
    assert told(olga)[-1] == (False, "Over: The signer of all streams is paused")


def test_many_at_once_are_told_in_a_few_sentences(acme: Place, olga: Person) -> None:
    for number in range(EACH + 3):
        made = new_stream(f"more-{number}", "acme")
        StreamHead.objects.filter(pk=made.id).update(stopped="integrity")
    assert look() == EACH + 1
    assert told(olga)[-1][1] == "3 more streams are stopped"


def test_what_could_not_be_looked_at_is_not_called_over(
    acme: Place, olga: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop(acme, "integrity")
    look()

    def breaks(_: datetime) -> list[Concern]:
        raise OSError

    monkeypatch.setitem(concerns._READERS, AlarmKind.STOPPED, breaks)
    assert look(1) == 0
    assert Alarm.objects.get().ended is None


def test_who_does_not_run_the_platform_any_more_is_told_nothing(acme: Place, olga: Person) -> None:
    revoke_membership(Membership.objects.get(person=olga), by=SEED, at=moment())
    stop(acme, "integrity")
    assert look() == 0
    assert told(olga) == []


def test_mails_go_to_who_asked_for_them_and_to_operators_alone(acme: Place, olga: Person) -> None:
    ada = person("ada@acme.test", Role.TENANT_ADMIN, acme.tenant)
    wish = Wish("_platform", None, Kind.PLATFORM, minutes=1, by_mail=True)
    for who, refusal in ((ada, NotAllowed), (olga, None), (olga, NameInvalid)):
        by = principal_of_person(who, START)
        assert by is not None
        if refusal is None:
            subscribe(who, wish, by=by, at=moment())
        else:
            with pytest.raises(refusal):
                subscribe(who, wish, by=by, at=moment())
    stop(acme, "integrity")
    look()
    assert deliver(START + timedelta(minutes=1)) == 1
    (sent,) = mail.outbox
    assert sent.to == ["olga@acme.test"]
    assert "https://test.localhost/streams/acme/decisions/#path-receipt" in sent.body


def test_old_alarms_go_with_their_notices(acme: Place, olga: Person) -> None:
    stop(acme, "integrity")
    look()
    stop(acme, None)
    look(1)
    look(KEPT / timedelta(minutes=1) + 2)
    assert (Alarm.objects.count(), Notice.objects.count()) == (0, 0)
