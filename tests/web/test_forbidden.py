"""A page that is refused names the role it takes and who can help, by name where the reader may know the name."""

from __future__ import annotations

import pytest
from django.test import Client

from governance.identity.core.roles import Role
from tests.web.house import House, signed_in

SEAL = "/streams/acme/decisions/seal/"


@pytest.fixture
def ada(house: House) -> None:
    house.person(Role.TENANT_ADMIN)


@pytest.mark.parametrize("role", [Role.TENANT_VIEWER, Role.INTERNAL_AUDITOR, Role.COMPLIANCE_OFFICER])
def test_who_belongs_to_the_tenant_is_told_its_admins_by_name(house: House, ada: None, role: Role) -> None:
    reader = signed_in(Client(), house.person(role, email="vic@acme.test"))
    answer = reader.post(SEAL)
    text = answer.content.decode()
    assert answer.status_code == 403
    assert "In acme this takes one of these roles: tenant admin, tenant developer." in text
    assert "A tenant admin of acme (Ada) can propose the role, and a platform operator enters it." in text


def test_a_guest_is_told_the_role_and_no_names(house: House, ada: None) -> None:
    guest = signed_in(Client(), house.person(Role.GUEST_AUDITOR, email="gus@audit.test"))
    text = guest.post(SEAL).content.decode()
    assert "A tenant admin of acme can propose the role" in text
    assert "Ada" not in text


def test_admins_who_left_are_not_named(house: House, ada: None) -> None:
    gone = house.person(Role.TENANT_ADMIN, email="eve@acme.test")
    gone.is_active = False
    gone.save(update_fields=["is_active"])
    house.person(Role.TENANT_ADMIN, house.beta, email="bea@beta.test")
    text = signed_in(Client(), house.person(Role.TENANT_VIEWER, email="vic@acme.test")).post(SEAL).content.decode()
    assert "(Ada)" in text


@pytest.mark.parametrize(
    ("path", "role"), [("/admin/", "platform operator"), ("/keys/new/", "tenant admin"), ("/system/", "")]
)
def test_each_refused_page_names_what_it_takes(house: House, path: str, role: str) -> None:
    reader = signed_in(Client(), house.person(Role.TENANT_VIEWER, email="vic@acme.test"))
    answer = reader.get(path)
    if not role:  # what does not exist for this reader is no refusal
        assert answer.status_code == 404
        return
    assert answer.status_code == 403
    text = answer.content.decode()
    assert "What it takes" in text
    assert "Who can help" in text
    assert role in text
