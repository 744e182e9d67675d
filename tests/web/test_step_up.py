"""What takes a fresh second factor, and ending one's other sessions."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone

from console.views.step_up import step_up_required
from console.views.visit import Visit
from governance.identity import factors
from governance.identity.actions.end_sessions import end_sessions
from governance.identity.core.principal import machine
from governance.identity.core.roles import Role
from governance.identity.errors import NotAllowed
from governance.identity.models import Person
from ledger.selectors import leaves, streams
from tests.web.house import House, at, code_now, signed_in

END = "/account/sessions/end/"


@pytest.fixture
def ada(house: House) -> Person:
    return house.person(Role.TENANT_ADMIN)


def aged(client: Client, minutes: int, assurance: str = "totp") -> Client:
    session = client.session
    session[factors.VERIFIED_AT] = timezone.now().timestamp() - 60 * minutes
    session[factors.ASSURANCE] = assurance
    session.save()
    return client


def test_ending_my_other_sessions_keeps_this_one(ada: Person) -> None:
    here, elsewhere = signed_in(Client(), ada), signed_in(Client(), ada)
    key = here.session.session_key
    answer = here.post(END, follow=True)
    assert "Your other sessions are ended" in answer.content.decode()
    assert here.session.session_key != key
    assert here.get("/").status_code == 200
    assert elsewhere.get("/")["Location"] == "/login/"


def test_it_is_recorded_without_a_name(ada: Person) -> None:
    signed_in(Client(), ada).post(END)
    log = streams.stream("_governance", "changes")
    told = leaves.event(log, log.size - 1)
    assert told.type == "identity:person:sessions_ended"
    assert ada.email.encode() not in (told.payload or b"")


@pytest.mark.parametrize(("minutes", "assurance"), [(6, "totp"), (0, "recovery")])
def test_without_a_fresh_factor_it_is_asked_for_and_nothing_is_done(ada: Person, minutes: int, assurance: str) -> None:
    here, elsewhere = aged(signed_in(Client(), ada), minutes, assurance), signed_in(Client(), ada)
    answer = here.post(END)
    assert answer["Location"] == "/login/code/?next=%2Faccount%2F"
    assert elsewhere.get("/").status_code == 200
    after = here.post("/login/code/", {"code": code_now(), "next": "/account/"}, follow=True).content.decode()
    assert "nothing was done yet, so use the button again" in after
    assert here.post(END)["Location"] == "/account/"
    assert elsewhere.get("/")["Location"] == "/login/"


def test_it_takes_a_button(admin: Client) -> None:
    assert admin.get(END).status_code == 405
    assert "End my other sessions" in admin.get("/account/").content.decode()


def test_nobody_ends_the_sessions_of_somebody_else(ada: Person, house: House) -> None:
    with pytest.raises(NotAllowed):
        end_sessions(ada, by=machine("machine:test"), at=at())


def visit(client: Client, person: Person, method: str = "GET", **headers: str) -> Visit:
    request = getattr(RequestFactory(), method.lower())("/somewhere/?a=1", headers=headers)
    request.session, request.user = client.session, person
    request.user.is_verified = lambda: True
    request._messages = type("Kept", (), {"add": lambda *_, **__: None})()
    return Visit(request, machine("machine:test"), now=timezone.now())


@step_up_required(timedelta(minutes=5), back="account")
def done(_visit: Visit, word: str) -> HttpResponse:
    return HttpResponse(word)


def test_the_decorator_lets_a_fresh_session_through_and_sends_a_page_back_to_itself(ada: Person) -> None:
    client = signed_in(Client(), ada)
    assert done(visit(client, ada), "done").status_code == 200
    aged(client, 6)
    assert done(visit(client, ada), "done")["Location"] == "/login/code/?next=%2Fsomewhere%2F%3Fa%3D1"
    swap = done(visit(client, ada, "POST", **{"HX-Request": "true"}), "done")
    assert (swap.status_code, swap["HX-Redirect"]) == (204, "/login/code/?next=%2Faccount%2F")
