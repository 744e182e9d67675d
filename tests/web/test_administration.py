"""The stock administration reads metadata for platform operators, and nothing else."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from console.admin_words import COLUMNS
from console.operators_admin import site
from governance.identity.actions.create_system_key import create_system_key
from governance.identity.core.principal import Scope
from governance.identity.core.roles import Role
from governance.identity.models import Membership, Namespace, Person
from ledger.models import SigningKey, Stream
from ledger.services.exports import request_bundle
from tests.web.house import BY, House, at, signed_in

SECRETS = {"password", "sealed", "lookup_key", "secret_hash", "previous_hash", "public", "note", "params", "result",
           "error", "message", "report", "data", "bytes", "salt", "last_hash"}  # fmt: skip


@pytest.fixture
def operator(house: House) -> Client:
    return signed_in(Client(), house.person(Role.PLATFORM_OPERATOR, email="olga@acme.test"))


def lists() -> list[str]:
    return [f"/admin/{model._meta.app_label}/{model._meta.model_name}/" for model in site._registry]


def test_every_list_and_every_row_opens(house: House, operator: Client) -> None:
    request_bundle(house.stream, 0, 3, actor="machine:test")
    assert operator.get("/admin/").status_code == 200
    opened = 0
    for path in lists():
        text = operator.get(path)
        assert text.status_code == 200, path
        for row in re.findall(rf'href="({path}[^"/?]+/change/)"', text.content.decode())[:2]:
            page = operator.get(row)
            assert page.status_code == 200, row
            assert "<input" not in re.sub(r'<input type="hidden"[^>]*>', "", page.content.decode()), row
            opened += 1
    assert opened > 10


def test_no_column_of_a_secret_or_of_content_is_registered() -> None:
    for model, shown in site._registry.items():
        named = {str(one) for part in (shown.fields or (), shown.list_display, shown.list_filter) for one in part}
        named |= {one.rpartition("__")[2] for one in shown.search_fields}
        assert not named & SECRETS, model
    hidden = {"Leaf", "LeafObject", "EventIndex", "SystemFact", "Authenticator", "KeptSecret", "JobNote", "Session"}
    assert not {model.__name__ for model in site._registry} & hidden


def test_no_secret_stands_on_any_page(house: House, operator: Client) -> None:
    key = SigningKey.objects.first()
    stream = Stream.objects.get(pk=house.stream.id)
    person = Person.objects.get(email="olga@acme.test")
    assert key is not None
    assert key.sealed is not None
    for path in (f"/admin/ledger/signingkey/{key.pk}/change/", f"/admin/ledger/stream/{stream.pk}/change/",
                 f"/admin/identity/person/{person.pk}/change/"):  # fmt: skip
        text = operator.get(path).content.decode()
        for secret in (
            bytes(key.sealed).hex(),
            bytes(stream.lookup_key).hex(),
            person.password,
            str(bytes(key.sealed)),
        ):
            assert secret not in text


@pytest.mark.parametrize(
    "path",
    [
        "/admin/ledger/signingkey/?sealed__gt=x", "/admin/identity/person/?password__startswith=s",
        "/admin/identity/systemkey/?secret_hash__gt=x", "/admin/identity/membership/?person__password__startswith=s",
        "/admin/ledger/stream/?lookup_key__isnull=0", "/admin/ledger/signingkey/?stream__lookup_key__gt=x",
    ],
)  # fmt: skip
def test_no_filter_can_ask_for_what_is_hidden(operator: Client, path: str) -> None:
    assert operator.get(path).status_code in {302, 400}


def test_columns_have_names_and_yes_and_no_are_words(house: House, operator: Client) -> None:
    listed = operator.get("/admin/identity/person/").content.decode()
    assert "May sign in" in listed
    assert '<td class="field-is_active_said">yes</td>' in listed
    row = operator.get(f"/admin/ledger/stream/{house.stream.id}/change/").content.decode()
    assert "Window closes after (s)" in row
    assert "Max merge delay s" not in row
    assert "icon-no" not in row + listed
    shown = [name for columns in site._registry.values() for name in (columns.list_display or ())]
    assert not [one for one in shown if str(one).endswith("_s") and one not in COLUMNS]


def test_nothing_can_be_written(house: House, operator: Client) -> None:
    membership = Membership.objects.first()
    assert membership is not None
    for path in (*lists(), f"/admin/identity/membership/{membership.pk}/change/", "/admin/identity/membership/add/",
                 f"/admin/identity/membership/{membership.pk}/delete/", "/admin/"):  # fmt: skip
        assert operator.post(path, {"action": "delete_selected"}).status_code == 405, path
    assert operator.get("/admin/identity/membership/add/").status_code == 403
    assert operator.get(f"/admin/identity/membership/{membership.pk}/delete/").status_code == 403
    assert Membership.objects.filter(pk=membership.pk).exists()


@pytest.mark.parametrize("path", ["login/", "logout/", "password_change/", "password_change/done/"])
def test_it_has_no_door_of_its_own(operator: Client, path: str) -> None:
    assert operator.get(f"/admin/{path}").status_code == 404


@pytest.mark.parametrize("role", [Role.TENANT_ADMIN, Role.INTERNAL_AUDITOR, Role.AUTHOR, Role.WITNESS_OPERATOR])
def test_other_roles_are_told_which_one_it_takes(house: House, client: Client, role: Role) -> None:
    response = signed_in(client, house.person(role)).get("/admin/")
    assert response.status_code == 403
    assert "platform operator" in response.content.decode()


def test_staff_without_the_role_does_not_come_in(house: House, client: Client) -> None:
    person = house.person(Role.TENANT_ADMIN)
    Person.objects.filter(pk=person.pk).update(is_staff=True)
    assert signed_in(client, person).get("/admin/").status_code == 403


def test_a_password_alone_leads_to_the_second_factor(house: House, client: Client) -> None:
    client.force_login(house.person(Role.PLATFORM_OPERATOR, email="olga@acme.test"))
    response = client.get("/admin/ledger/stream/")
    assert response.status_code == 302
    assert response["Location"].startswith("/login/code/")


def test_strangers_are_sent_to_the_sign_in_page(house: House, client: Client) -> None:
    assert client.get("/admin/")["Location"].startswith("/login/")


def test_a_key_is_shown_without_its_secret(house: House, operator: Client) -> None:
    namespace = Namespace.objects.get(name="acme")
    issued = create_system_key(namespace, "scoring", frozenset({Scope.READ}), by=BY, at=at())
    text = operator.get("/admin/identity/systemkey/").content.decode()
    assert "scoring" in text
    assert issued.token.reveal()[-24:] not in text
    assert issued.token.digest().hex() not in text
