"""Inviting somebody, beginning, and beginning again with a new factor."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from governance.change.core.possession import words_of
from governance.identity.actions.found_platform import found_platform
from governance.identity.actions.tickets import create_ticket
from governance.identity.core.roles import Role
from governance.identity.core.tickets import Purpose
from governance.identity.models import Authenticator, Membership, Person, Ticket
from governance.identity.one_time import secret_of
from tests.support.people import registered
from tests.web.house import BY, PASSWORD, SECRET, House, at, code_now, signed_in

WORDS = "another long sentence"


@pytest.fixture
def admin(house: House) -> Client:
    found_platform(by=BY, moment=at)
    return signed_in(Client(), house.person(Role.TENANT_ADMIN))


def invited(admin: Client, email: str = "new@acme.test") -> str:
    page = admin.post("/people/invite/", {"email": email, "display_name": "New Person"})
    found = re.search(r'<pre id="link">http://testserver(/invitation/[^<]+)</pre>', page.content.decode())
    assert found is not None
    return found.group(1)


def opened(link: str) -> tuple[Client, bytes]:
    """A browser on the page of the link, and the secret that it shows."""
    browser = Client()
    assert browser.get(link).headers["Location"] == "/invitation/"
    found = re.search(r'<pre id="secret">([A-Z2-7 ]+)</pre>', browser.get("/invitation/").content.decode())
    assert found is not None
    return browser, secret_of(found.group(1).replace(" ", ""))


def begin(browser: Client, secret: bytes, **changed: Any) -> Any:
    body = {"password": WORDS, "again": WORDS, "code": code_now(secret), **changed}
    return browser.post("/invitation/", body)


def test_an_invited_person_sets_a_password_and_enrols_a_factor(admin: Client) -> None:
    browser, secret = opened(invited(admin))
    assert browser.get("/invitation/qr.svg").headers["Content-Type"] == "image/svg+xml"
    assert begin(browser, secret).headers["Location"] == "/account/factors/"
    assert browser.get("/account/factors/").status_code == 200
    person = Person.objects.get(email="new@acme.test")
    assert person.check_password(WORDS)
    assert not Membership.objects.filter(person=person).exists()


@pytest.mark.parametrize(
    "changed", [{"code": "000000"}, {"again": "differs from it"}, {"password": "short", "again": "short"}]
)
def test_what_does_not_fit_uses_nothing_up(admin: Client, changed: dict[str, str]) -> None:
    browser, secret = opened(invited(admin))
    assert begin(browser, secret, **changed).status_code == 422
    assert begin(browser, secret).status_code == 302


def test_a_link_works_once_and_looking_at_it_uses_nothing_up(admin: Client) -> None:
    link = invited(admin)
    for _ in range(3):
        Client().get(link)
    browser, secret = opened(link)
    second, other = opened(link)
    assert begin(browser, secret).status_code == 302
    assert begin(second, other).status_code == 410
    assert Client().get(link, follow=True).status_code == 410
    assert Authenticator.objects.filter(user__email="new@acme.test").count() == 1


def test_unknown_withdrawn_and_lapsed_links_get_one_answer(admin: Client) -> None:
    link = invited(admin)
    person = Person.objects.get(email="new@acme.test")
    ticket = Ticket.objects.get()
    admin.post(f"/people/{person.public_id}/link/{ticket.public_id}/end/")
    lapsed = create_ticket(person, Purpose.INVITATION, by=BY, at=at())
    answers = {re.sub(r"01[0-9a-f-]{30,}|csrf[^>]*>", "", _answer(path)) for path in (link, "/invitation/unknown/")}
    assert len(answers) == 1
    with mock.patch("console.views.invitation.timezone.now", return_value=timezone.now() + timedelta(days=8)):
        assert Client().get(f"/invitation/{lapsed.token}/", follow=True).status_code == 410


def _answer(path: str) -> str:
    response = Client().get(path, follow=True)
    assert response.status_code == 410
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|value=\"[^\"]{20,}\"", "", response.content.decode())


def test_a_new_link_withdraws_the_old_one(admin: Client) -> None:
    first = invited(admin)
    person = Person.objects.get(email="new@acme.test")
    admin.post(f"/people/{person.public_id}/link/")
    assert Client().get(first, follow=True).status_code == 410


def test_a_viewer_invites_nobody_and_an_admin_sees_no_people_of_others(house: House, admin: Client) -> None:
    viewer = signed_in(Client(), house.person(Role.TENANT_VIEWER, email="vic@acme.test"))
    assert [viewer.get(path).status_code for path in ("/people/", "/people/invite/")] == [403, 403]
    stranger = house.person(Role.TENANT_VIEWER, house.beta, email="bea@beta.test")
    assert "bea@beta.test" not in admin.get("/people/").content.decode()
    assert admin.get(f"/people/{stranger.public_id}/").status_code == 404
    assert "vic@acme.test" in admin.get("/people/").content.decode()


def test_only_a_platform_operator_gives_leave_to_replace_lost_factors(house: House, admin: Client) -> None:
    bob = house.person(Role.TENANT_VIEWER, email="bob@acme.test")
    assert admin.post(f"/people/{bob.public_id}/link/").status_code == 403
    operator = signed_in(Client(), house.person(Role.PLATFORM_OPERATOR, email="ops@acme.test"))
    page = operator.post(f"/people/{bob.public_id}/link/").content.decode()
    found = re.search(r'<pre id="link">http://testserver(/invitation/[^<]+)</pre>', page)
    assert found is not None
    lost = signed_in(Client(), bob)
    assert lost.get("/account/").status_code == 200
    browser, secret = opened(found.group(1))
    assert begin(browser, secret, password="wrong wrong wrong").status_code == 403
    assert begin(browser, secret, password=PASSWORD).status_code == 302
    assert lost.get("/account/").status_code == 302
    again = Client()
    again.post("/login/", {"email": bob.email, "password": PASSWORD})
    assert again.post("/login/code/", {"code": code_now(SECRET)}).status_code == 403
    assert Person.objects.get(pk=bob.pk).barred_until is not None


def test_the_page_of_a_person_tells_the_words_of_their_key(house: House, admin: Client) -> None:
    bob = house.person(Role.APPROVER, email="bob@acme.test")
    row, _ = registered(bob)
    text = admin.get(f"/people/{bob.public_id}/").content.decode()
    assert words_of(bytes(row.public)) in text
    assert "declared: offline" in text


def test_the_command_prints_a_link_that_works(admin: Client, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("person_invite", "eve@acme.test", "Eve Example")
    found = re.search(r"https://test\.localhost(/invitation/\S+/)", capsys.readouterr().out)
    assert found is not None
    browser, secret = opened(found.group(1))
    assert begin(browser, secret).status_code == 302
