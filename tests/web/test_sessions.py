"""Sessions can be seen and ended, and end by themselves."""

from __future__ import annotations

import json
from datetime import timedelta

from django.contrib.sessions.models import Session as Kept
from django.core import mail
from django.test import Client
from django.utils import timezone

from governance.identity.actions.create_recovery_codes import create_recovery_codes
from governance.identity.actions.grant_membership import grant_membership
from governance.identity.actions.mails import deliver
from governance.identity.actions.revoke_session import revoke_session
from governance.identity.core.roles import Role
from governance.identity.factors import ABSOLUTE_LIMIT, VERIFIED_AT
from governance.identity.models import Person, Session
from governance.identity.sessions import open_sessions, tidy_sessions
from ledger.selectors.leaves import event
from ledger.selectors.streams import stream
from tests.support.people import as_person
from tests.web.house import BY, PASSWORD, House, at, code_now, signed_in


def by_hand(email: str, *, recovery: str = "") -> Client:
    """Sign in as a person does, step by step."""
    browser = Client(headers={"User-Agent": "Tests/1"}, REMOTE_ADDR="203.0.113.77")
    browser.post("/login/", {"email": email, "password": PASSWORD})
    step = "/login/code/?with=recovery" if recovery else "/login/code/"
    browser.post(step, {"code": recovery or code_now()})
    return browser


def test_a_session_is_seen_with_its_factor_browser_and_network(house: House) -> None:
    person = house.person(Role.TENANT_ADMIN)
    browser = by_hand(person.email)
    assert browser.get("/account/").status_code == 200
    (row,) = open_sessions(person)
    assert (row.agent, row.network, row.factor) == ("Tests/1", "203.0.113.0/24", "totp")
    assert row.verified is not None


def test_its_key_changes_at_login_at_the_second_factor_and_with_the_roles(house: House) -> None:
    person = house.person(Role.TENANT_VIEWER)
    browser, keys = Client(), []
    planted = browser.session
    planted["planted"] = True
    planted.save()
    keys.append(planted.session_key)
    browser.post("/login/", {"email": person.email, "password": PASSWORD})
    keys.append(browser.session.session_key)
    browser.post("/login/code/", {"code": code_now()})
    keys.append(browser.session.session_key)
    browser.get("/account/")
    assert browser.session.session_key == keys[-1]
    grant_membership(person, house.acme, Role.TENANT_DEVELOPER, by=BY, at=at())
    browser.get("/account/")
    keys.append(browser.session.session_key)
    assert len(set(keys)) == len(keys)
    assert Kept.objects.count() == 1
    assert len(open_sessions(person)) == 1


def test_a_session_that_is_ended_from_elsewhere_opens_nothing(house: House) -> None:
    person = house.person(Role.TENANT_ADMIN)
    lost, mine = by_hand(person.email), signed_in(Client(), person)
    assert [one.get("/account/").status_code for one in (lost, mine)] == [200, 200]
    row = next(one for one in open_sessions(person) if one.agent == "Tests/1")
    revoke_session(person, row.public_id, by=as_person(person), at=at())
    assert [one.get("/account/").status_code for one in (lost, mine)] == [302, 200]
    changes = stream("_governance", "changes")
    assert json.loads(event(changes, changes.size - 1).payload or b"")["session"] == str(row.public_id)


def test_a_session_that_has_just_got_a_new_key_is_ended_as_well(house: House) -> None:
    person = house.person(Role.TENANT_ADMIN)
    browser = signed_in(Client(), person)
    browser.get("/account/")
    session = browser.session
    session.cycle_key()
    browser.cookies["countersign" if "countersign" in browser.cookies else "sessionid"] = session.session_key or ""
    Session.objects.update(ended=timezone.now(), why="revoked", key="")
    assert browser.get("/account/").status_code == 302


def test_signing_out_ends_the_row(house: House) -> None:
    person = house.person(Role.TENANT_ADMIN)
    browser = by_hand(person.email)
    browser.post("/logout/")
    assert open_sessions(person) == ()
    assert Session.objects.get().why == "signed_out"


def test_rows_of_old_sessions_are_put_away(house: House) -> None:
    person = house.person(Role.TENANT_ADMIN)
    by_hand(person.email)
    now = timezone.now() + timedelta(hours=9)
    assert tidy_sessions(now, ABSOLUTE_LIMIT) == 0
    assert Session.objects.get().why == "absolute"
    assert tidy_sessions(now + timedelta(days=91), ABSOLUTE_LIMIT) == 1


def test_a_recovery_code_opens_a_login_and_a_day_without_decisions(house: House) -> None:
    person = house.person(Role.TENANT_ADMIN)
    house.person(Role.APPROVER, email="bob@acme.test")
    code = create_recovery_codes(person, by=BY, at=at())[0]
    browser = by_hand(person.email, recovery=code)
    assert browser.get("/account/").status_code == 200
    barred = Person.objects.get(pk=person.pk).barred_until
    assert barred is not None
    assert timedelta(hours=23) < barred - timezone.now() <= timedelta(hours=24)
    deliver(timezone.now())
    assert sorted(one.to[0] for one in mail.outbox) == ["ada@acme.test", "bob@acme.test"]
    assert all(code not in one.body for one in mail.outbox)
    refused = browser.post("/account/sessions/end/")
    assert refused.headers["Location"].startswith("/login/code/")


def test_the_clock_of_freshness_is_not_moved_by_a_recovery_code(house: House) -> None:
    person = house.person(Role.TENANT_ADMIN)
    code = create_recovery_codes(person, by=BY, at=at())[0]
    browser = by_hand(person.email, recovery=code)
    assert browser.session[VERIFIED_AT]
    assert "not fresh" in browser.get("/account/").content.decode()
