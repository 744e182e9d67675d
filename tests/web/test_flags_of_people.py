"""The page of people says who may not be there when they are needed, and asks the database no more for it."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django_otp_webauthn.models import WebAuthnCredential

from governance.identity.core.roles import Role
from governance.identity.models import Authenticator, Membership, Person, Session
from tests.support.authenticator import SoftKey
from tests.web.house import House, signed_in
from tests.web.test_second_factors import enrol

MOST_QUERIES = 12


@pytest.fixture
def boss(house: House) -> Person:
    return house.person(Role.PLATFORM_OPERATOR, email="boss@acme.test")


@pytest.fixture
def ann(house: House) -> Person:
    return house.person(Role.TENANT_ADMIN)


def row_of(browser: Client, person: Person) -> str:
    """The text of somebody's line."""
    page = html.unescape(browser.get("/people/").content.decode())
    line = next(part for part in page.split("<tr>") if person.email in part)
    return " ".join(re.sub(r"<[^>]+>", " ", line).split())


def seen(person: Person, days: int) -> None:
    """Opened a page so many days ago, in a session that has ended."""
    then = timezone.now() - timedelta(days=days)
    made: dict[str, Any] = {"began": then, "seen": then, "ended": then, "why": "idle", "key": ""}
    Session.objects.create(public_id=f"00000000-0000-7000-8000-{days:012}", person=person, epoch=0, **made)


def test_who_was_not_seen_for_a_month_is_flagged_and_who_was_is_not(boss: Person, ann: Person) -> None:
    browser = signed_in(Client(), boss)
    assert "Not seen" not in row_of(browser, ann)
    Person.objects.filter(pk=ann.pk).update(created=timezone.now() - timedelta(days=40))
    assert "Not seen for 40 days." in row_of(browser, ann)
    seen(ann, 31)
    assert "Not seen for 31 days." in row_of(browser, ann)
    seen(ann, 29)
    assert "Not seen" not in row_of(browser, ann)
    assert "seen" in row_of(browser, ann)


def test_who_has_no_second_factor_is_flagged(boss: Person, ann: Person) -> None:
    browser, mine = signed_in(Client(), boss), signed_in(Client(), ann)
    assert "No second factor" not in row_of(browser, ann)
    enrol(mine, SoftKey())
    Authenticator.objects.filter(user=ann).delete()
    assert "No second factor" not in row_of(browser, ann)
    WebAuthnCredential.objects.filter(user=ann).delete()
    assert "No second factor: cannot sign in." in row_of(browser, ann)
    assert "No second factor" in browser.get(reverse("person", args=(ann.public_id,))).content.decode()


def test_a_role_that_ends_soon_is_flagged(boss: Person, ann: Person) -> None:
    browser = signed_in(Client(), boss)
    for days, flagged in ((20, False), (13, True)):
        Membership.objects.filter(person=ann).update(expires=timezone.now() + timedelta(days=days))
        assert ("Tenant admin ends on" in row_of(browser, ann)) is flagged


def test_who_left_or_has_not_begun_is_not_flagged(boss: Person, ann: Person) -> None:
    browser = signed_in(Client(), boss)
    month = timezone.now() - timedelta(days=40)
    Person.objects.filter(pk=ann.pk).update(is_active=False, created=month)
    assert "Not seen" not in row_of(browser, ann)
    ann.set_unusable_password()
    Person.objects.filter(pk=ann.pk).update(is_active=True, password=ann.password)
    assert "Not seen" not in row_of(browser, ann)


def test_it_takes_no_more_queries_with_more_people(boss: Person, house: House) -> None:
    browser = signed_in(Client(), boss)
    browser.get("/people/")
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as asked:
            assert browser.get("/people/").status_code == 200
        counts.append(len(asked))
        for role in (Role.TENANT_DEVELOPER, Role.TENANT_VIEWER, Role.COMPLIANCE_OFFICER):
            seen(house.person(role, email=f"{role}{len(counts)}@acme.test"), 40 * len(counts) + len(role))
    assert counts[1] <= counts[0] <= MOST_QUERIES, [one["sql"][:90] for one in asked.captured_queries]
