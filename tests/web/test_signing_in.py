from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from governance.identity.actions.create_recovery_codes import create_recovery_codes
from governance.identity.core.roles import Role
from tests.web.house import BY, PASSWORD, House, at, code_now, signed_in

EMAIL = "ada@acme.test"
WRONG = "This e-mail and password do not go together."


@pytest.fixture
def ada(house: House) -> None:
    house.person(Role.TENANT_ADMIN)


def give_password(client: Client, email: str = EMAIL, password: str = PASSWORD, **extra: str) -> Any:
    return client.post("/login/", {"email": email, "password": password, **extra})


def test_password_and_code_lead_to_the_overview_with_a_new_session_at_each_step(ada: None, client: Client) -> None:
    client.get("/login/")
    first = give_password(client)
    after_password = client.session.session_key
    second = client.post("/login/code/", {"code": code_now()})
    assert (first["Location"], second["Location"]) == ("/login/code/", "/")
    assert client.session.session_key not in {None, after_password}
    assert client.get("/").status_code == 200


def test_an_unknown_person_and_a_wrong_password_get_the_same_answer(ada: None, client: Client) -> None:
    known = give_password(client, password="not it")
    unknown = give_password(client, email="nobody@acme.test", password="not it")
    assert known.status_code == unknown.status_code == 403
    assert WRONG in known.content.decode()
    assert WRONG in unknown.content.decode()


def test_the_sixth_attempt_within_a_minute_is_told_to_wait(ada: None, client: Client) -> None:
    answers = [give_password(client, password="not it") for _ in range(6)]
    assert [answer.status_code for answer in answers] == [403] * 5 + [429]
    assert int(answers[-1]["Retry-After"]) > 0
    assert "The next one is taken in" in answers[-1].content.decode()


def test_a_page_without_the_second_factor_asks_for_it_and_comes_back(ada: None, client: Client) -> None:
    give_password(client)
    assert client.get("/streams/acme/decisions/")["Location"] == "/login/code/?next=%2Fstreams%2Facme%2Fdecisions%2F"
    done = client.post("/login/code/", {"code": code_now(), "next": "/streams/acme/decisions/"})
    assert done["Location"] == "/streams/acme/decisions/"


def test_it_never_sends_anybody_to_another_site(ada: None, client: Client) -> None:
    assert give_password(client, next="https://evil.example/")["Location"] == "/login/code/"
    assert client.post("/login/code/", {"code": code_now(), "next": "//evil.example"})["Location"] == "/"


def test_a_code_is_taken_once(ada: None, client: Client) -> None:
    code = code_now()
    give_password(client)
    assert client.post("/login/code/", {"code": code}).status_code == 302
    other = Client()
    give_password(other)
    refused = other.post("/login/code/", {"code": code})
    assert refused.status_code == 403
    assert "it was used before" in refused.content.decode()


def test_after_a_wrong_code_the_wait_is_told_instead_of_calling_the_right_one_wrong(ada: None, client: Client) -> None:
    give_password(client)
    assert client.post("/login/code/", {"code": "000000"}).status_code == 403
    told = client.post("/login/code/", {"code": code_now()})
    assert told.status_code == 429
    assert told["Retry-After"] == "1"


def test_a_recovery_code_signs_in_once_and_is_not_fresh(house: House, client: Client) -> None:
    person = house.person(Role.TENANT_ADMIN)
    code = create_recovery_codes(person, by=BY, at=at())[0]
    give_password(client)
    spaced = f"{code[:4]}-{code[4:8]} {code[8:]}".upper()
    assert client.post("/login/code/?with=recovery", {"code": spaced})["Location"] == "/"
    assert "not fresh" in client.get("/account/").content.decode()
    again = Client()
    give_password(again)
    assert again.post("/login/code/?with=recovery", {"code": code}).status_code == 403


def test_an_inactive_person_cannot_sign_in(house: House, client: Client) -> None:
    person = house.person(Role.TENANT_ADMIN)
    person.is_active = False
    person.save()
    assert WRONG in give_password(client).content.decode()


@pytest.mark.parametrize(("address", "method"), [("/logout/", "get"), ("/login/", "put"), ("/login/code/", "delete")])
def test_other_methods_are_refused_in_words(ada: None, client: Client, address: str, method: str) -> None:
    refused = getattr(client, method)(address)
    assert refused.status_code == 405
    assert refused["Allow"]
    assert "does not take that method" in refused.content.decode()


def test_signing_out_ends_the_session(admin: Client) -> None:
    assert admin.post("/logout/")["Location"] == "/login/"
    assert admin.get("/")["Location"] == "/login/"


def test_a_form_without_its_token_gets_a_page_that_says_what_to_do(house: House) -> None:
    strict = signed_in(Client(enforce_csrf_checks=True), house.person(Role.TENANT_ADMIN))
    refused = strict.post("/streams/acme/decisions/seal/")
    assert refused.status_code == 403
    assert "Nothing was changed" in refused.content.decode()


def test_a_form_from_another_site_is_refused(admin: Client) -> None:
    refused = admin.post("/streams/acme/decisions/seal/", headers={"Sec-Fetch-Site": "cross-site"})
    assert refused.status_code == 403
    assert "another site" in refused.content.decode()
