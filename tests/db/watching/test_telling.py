"""One notice when an episode begins and one when it ends, to whom may still know of it; by mail where asked for."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

from governance.identity.actions.revoke_membership import revoke_membership
from governance.identity.actions.set_tenant_state import set_tenant_state
from governance.identity.core.roles import Role
from governance.identity.errors import Gone, NameInvalid, NotAllowed
from governance.identity.models import Membership, Person
from governance.identity.models.tenant import TenantState
from governance.identity.selectors.principals import principal_of_person
from governance.watching.actions.subscribe import Wish, subscribe
from governance.watching.actions.unsubscribe import unsubscribe
from governance.watching.core.rules import Kind
from governance.watching.models import Episode, MailState, Notice, Subscription
from governance.watching.selectors.notices import notices_of, unread_of
from governance.watching.services import mailing
from governance.watching.services.mailing import deliver
from governance.watching.services.sweep import sweep
from ledger.selectors import leaves
from ledger.selectors.streams import stream as stream_named
from ledger.services.seal import seal_window
from tests.support.streams import append, event, new_stream
from tests.support.world import SEED, Place, found_platform, moment, person, place

pytestmark = pytest.mark.db
START = datetime.now(UTC)


def later(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


@pytest.fixture
def acme(monkeypatch: pytest.MonkeyPatch) -> Place:
    """Time counts from here: what a test appends has the database's clock, and founding takes a while."""
    found_platform()
    found = place("acme")
    monkeypatch.setattr(sys.modules[__name__], "START", datetime.now(UTC))
    return found


@pytest.fixture
def ada(acme: Place) -> Person:
    return person("ada@acme.test", Role.TENANT_VIEWER, acme.tenant)


def wish(ada: Person, acme: Place, **more: Any) -> Subscription:
    chosen: dict[str, Any] = {"namespace": "acme", "stream": acme.stream, "kind": Kind.PATH_OFF, "minutes": 5} | more
    by = principal_of_person(ada, START)
    assert by is not None
    return subscribe(ada, Wish(**chosen), by=by, at=moment())


def told() -> list[tuple[bool, str]]:
    return [(row.begins, row.what) for row in Notice.objects.order_by("pk")]


def test_a_path_off_pass_is_told_once_and_its_end_once(acme: Place, ada: Person) -> None:
    wish(ada, acme)
    append(acme.stream, event("waits"))
    for minute in (1, 3, 5, 7):
        sweep(later(minute))
    assert told() == []  # stale since minute 3 at the earliest, so not for five minutes yet
    for minute in (9, 10, 11, 30):
        sweep(later(minute))
    assert [begins for begins, _ in told()] == [True]
    assert "acme/decisions has been off pass for" in told()[0][1]
    assert "window" in Notice.objects.get().why
    seal_window(acme.stream.id, reason="request")
    for minute in (31, 32, 60):
        sweep(later(minute))
    assert [begins for begins, _ in told()] == [True, False]
    assert "acme/decisions is back" in told()[1][1]
    assert Episode.objects.get().ended == later(31)


def test_a_second_episode_is_told_anew(acme: Place, ada: Person) -> None:
    wish(ada, acme)
    for number in (1, 2):
        append(acme.stream, event(number))
        sweep(later(100 * number))
        sweep(later(100 * number + 6))
        seal_window(acme.stream.id, reason="request")
        sweep(later(100 * number + 10))
    assert [begins for begins, _ in told()] == [True, False, True, False]


def test_silence_is_told_with_since_when(acme: Place, ada: Person) -> None:
    wish(ada, acme, kind=Kind.SILENT, minutes=10)
    sweep(later(9))
    assert told() == []
    sweep(later(10.5))
    assert "acme/decisions has been silent for" in told()[0][1]


def test_a_wish_for_a_namespace_holds_for_streams_that_come_later(acme: Place, ada: Person) -> None:
    wish(ada, acme, stream=None, kind=Kind.SILENT, minutes=10)
    new_stream("second", "acme")
    new_stream("theirs", "beta")
    sweep(later(11))
    assert sorted(what.split()[0] for _, what in told()) == ["acme/decisions", "acme/second"]


@pytest.mark.parametrize("how", ["revoked", "disabled"])
def test_who_may_not_know_of_it_any_more_is_told_nothing(acme: Place, ada: Person, how: str) -> None:
    wish(ada, acme, kind=Kind.SILENT, minutes=10)
    if how == "revoked":
        revoke_membership(Membership.objects.get(person=ada), by=SEED, at=moment())
    else:
        set_tenant_state(acme.tenant, TenantState.DISABLED, by=SEED, at=moment(), reason="a test")
    sweep(later(11))
    assert told() == []


def test_a_suspended_tenants_members_are_told(acme: Place, ada: Person) -> None:
    wish(ada, acme, kind=Kind.SILENT, minutes=10)
    set_tenant_state(acme.tenant, TenantState.SUSPENDED, by=SEED, at=moment(), reason="a test")
    sweep(later(11))
    assert len(told()) == 1


def test_ending_a_subscription_ends_its_episode_and_nothing_more_is_told(acme: Place, ada: Person) -> None:
    row = wish(ada, acme, kind=Kind.SILENT, minutes=10)
    sweep(later(11))
    by = principal_of_person(ada, START)
    assert by is not None
    unsubscribe(ada, row.public_id, by=by, at=moment())
    append(acme.stream, event("first"))
    sweep(later(12))
    assert len(told()) == 1
    with pytest.raises(Gone):
        unsubscribe(ada, row.public_id, by=by, at=moment())


def test_nobody_subscribes_where_they_may_not_see_or_for_somebody_else(acme: Place, ada: Person) -> None:
    bea = person("bea@beta.test", Role.TENANT_ADMIN, place("beta").tenant)
    by_bea = principal_of_person(bea, START)
    assert by_bea is not None
    for who in (bea, ada):
        with pytest.raises(NotAllowed):
            subscribe(who, Wish("acme", acme.stream, Kind.SILENT, 5), by=by_bea, at=moment())
    assert not Subscription.objects.exists()


@pytest.mark.parametrize("minutes", [0, -1, 10_081])
def test_minutes_have_bounds(acme: Place, ada: Person, minutes: int) -> None:
    with pytest.raises(NameInvalid):
        wish(ada, acme, minutes=minutes)


def test_subscribing_is_recorded_without_a_name(acme: Place, ada: Person) -> None:
    wish(ada, acme)
    log = stream_named("_governance", "changes")
    recorded = leaves.event(log, log.size - 1)
    assert recorded.type == "watching:subscription:created"
    assert ada.email.encode() not in (recorded.payload or b"")


def test_a_mail_goes_out_once_with_a_link_and_without_content(acme: Place, ada: Person) -> None:
    append(acme.stream, event("first", b'{"secret":"of the payload"}'))
    wish(ada, acme, kind=Kind.SILENT, minutes=10, by_mail=True)
    sweep(later(11))
    assert deliver(later(11)) == 1
    assert deliver(later(12)) == 0
    (sent,) = mail.outbox
    assert sent.to == ["ada@acme.test"]
    assert "https://test.localhost/streams/acme/decisions/health/" in sent.body
    assert "secret" not in f"{sent.body}{sent.subject}"


def test_a_mail_server_that_refuses_is_asked_again_later_and_at_last_it_is_told(
    acme: Place, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    wish(ada, acme, kind=Kind.SILENT, minutes=10, by_mail=True)
    sweep(later(11))

    def refuses(*_: object) -> int:
        raise ConnectionRefusedError

    monkeypatch.setattr(EmailBackend, "send_messages", refuses)
    assert deliver(later(11)) == 0
    assert deliver(later(12)) == 0
    assert Notice.objects.get().mail_tries == 1
    moments = [later(11 + 100 * step) for step in range(1, 10)]
    assert [deliver(one) for one in moments] == [0] * 9
    row = Notice.objects.get()
    assert (row.mail, row.mail_tries) == (MailState.FAILED, mailing.MOST_TRIES)


def test_a_person_reads_their_own_notices_of_namespaces_that_exist_for_them(acme: Place, ada: Person) -> None:
    wish(ada, acme, kind=Kind.SILENT, minutes=10)
    other = person("vic@acme.test", Role.TENANT_VIEWER, acme.tenant)
    sweep(later(11))
    assert (unread_of(ada), unread_of(other)) == (1, 0)
    assert [one.page for one in notices_of(ada, ["acme"])] == ["/streams/acme/decisions/health/"]
    assert notices_of(ada, ["beta"]) == ()
    assert notices_of(other, ["acme"]) == ()
