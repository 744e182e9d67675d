"""A person leaves, unless a policy that is in force needs them (attack 16)."""

from __future__ import annotations

from unittest import mock

import pytest
from django.test import Client

from governance.identity.actions.found_platform import found_platform
from governance.identity.core.roles import Role
from governance.identity.models import Person
from tests.support.people import planted_founding
from tests.web.house import BY, House, at, signed_in
from tests.web.test_second_factors import denials


@pytest.fixture
def operator(house: House) -> Client:
    found_platform(by=BY, moment=at)
    return signed_in(Client(), house.person(Role.PLATFORM_OPERATOR, email="olga@acme.test"))


def test_an_operator_ends_an_access_everywhere_at_once(house: House, operator: Client) -> None:
    bob = house.person(Role.TENANT_VIEWER, email="bob@acme.test")
    browser = signed_in(Client(), bob)
    assert browser.get("/account/").status_code == 200
    assert "End it" in operator.get(f"/people/{bob.public_id}/leave/").content.decode()
    assert operator.post(f"/people/{bob.public_id}/leave/").status_code == 302
    assert browser.get("/account/").status_code == 302
    assert "has left" in operator.get(f"/people/{bob.public_id}/").content.decode()


def test_whom_a_policy_needs_stays_and_the_refusal_is_recorded(house: House, operator: Client) -> None:
    bob = house.person(Role.APPROVER, email="bob@acme.test")
    planted_founding()
    lacking = ("role-change: nobody is left for a place of group ops.",)
    with mock.patch("console.views.people.unmet_without", return_value=lacking):
        refused = operator.post(f"/people/{bob.public_id}/leave/")
    assert refused.status_code == 409
    assert "nobody is left for a place of group ops" in refused.content.decode()
    assert Person.objects.get(pk=bob.pk).is_active
    assert "policy_unsatisfiable" in denials()


def test_nobody_else_ends_an_access(house: House, operator: Client) -> None:
    bob = house.person(Role.TENANT_VIEWER, email="bob@acme.test")
    admin = signed_in(Client(), house.person(Role.TENANT_ADMIN))
    assert admin.post(f"/people/{bob.public_id}/leave/").status_code == 403
    assert Person.objects.get(pk=bob.pk).is_active
