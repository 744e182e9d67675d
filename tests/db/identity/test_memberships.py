from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from governance.identity.actions.create_person import create_person
from governance.identity.actions.deactivate_person import deactivate_person
from governance.identity.actions.grant_membership import grant_membership
from governance.identity.actions.revoke_membership import revoke_membership
from governance.identity.core.roles import Capability, Role
from governance.identity.errors import Gone, NameInvalid, NameTaken, NotAllowed, RoleExcluded
from governance.identity.models import Membership
from governance.identity.selectors.principals import principal_of_person
from governance.identity.selectors.tenants import memberships_of
from tests.support.world import SEED, Place, moment, person, place, signed_in

NOW = datetime.now(UTC)
LATER = NOW + timedelta(days=7)


def test_a_role_opens_the_namespaces_of_its_tenant_and_of_no_other(acme: Place) -> None:
    place("other")
    found = principal_of_person(person("dev@acme.test", Role.TENANT_DEVELOPER, acme.tenant), NOW)
    assert found is not None
    assert found.namespaces == {"acme"}
    assert found.may(Capability.APPEND, "acme")
    assert not found.may(Capability.MANAGE, "acme")
    assert not found.may(Capability.SEE, "other")


def test_a_platform_operator_sees_metadata_of_all_and_content_of_none(acme: Place) -> None:
    found = principal_of_person(person("ops@platform.test", Role.PLATFORM_OPERATOR, None), NOW)
    assert found is not None
    assert found.namespaces == {"acme", "_governance", "_platform", "_system"}
    assert set(found.grants.values()) == {frozenset({Capability.SEE})}


def test_staff_and_superuser_flags_give_no_right(acme: Place) -> None:
    somebody = person("nobody@acme.test", None, None)
    somebody.is_staff = True
    somebody.save()
    found = principal_of_person(somebody, NOW)
    assert found is not None
    assert not found.grants
    assert somebody.has_perm("identity.view_person")
    assert not somebody.has_perm("identity.change_person")


@pytest.mark.parametrize(
    ("held", "wanted"),
    [
        (Role.AUTHOR, Role.INTERNAL_AUDITOR),
        (Role.INTERNAL_AUDITOR, Role.TENANT_ADMIN),
        (Role.TENANT_ADMIN, Role.APPROVER),
        (Role.APPROVER, Role.TENANT_ADMIN),
    ],
)
def test_it_refuses_roles_that_one_person_may_not_hold(acme: Place, held: Role, wanted: Role) -> None:
    somebody = person("both@acme.test", held, acme.tenant)
    with pytest.raises(RoleExcluded) as refused:
        grant_membership(somebody, acme.tenant, wanted, by=SEED, at=moment())
    assert held.words in refused.value.what
    assert Membership.objects.filter(person=somebody).count() == 1


def test_exclusions_hold_across_tenants(acme: Place) -> None:
    elsewhere = place("other")
    somebody = person("both@acme.test", Role.AUTHOR, acme.tenant)
    with pytest.raises(RoleExcluded):
        grant_membership(somebody, elsewhere.tenant, Role.INTERNAL_AUDITOR, by=SEED, at=moment())


def test_an_expired_role_excludes_nothing_gives_nothing_and_can_be_granted_again(acme: Place) -> None:
    somebody = person("guest@acme.test", Role.GUEST_AUDITOR, acme.tenant, expires=LATER)
    after = moment(LATER + timedelta(seconds=1))
    found = principal_of_person(somebody, after.now)
    assert found is not None
    assert not found.grants
    grant_membership(somebody, acme.tenant, Role.AUTHOR, by=SEED, at=after)
    again = grant_membership(
        somebody,
        place("other").tenant,
        Role.TENANT_VIEWER,
        by=SEED,
        at=after,
        expires=LATER + timedelta(days=9),
    )
    assert again.expires is not None


@pytest.mark.parametrize(
    ("role", "at_home", "expires"),
    [
        (Role.PLATFORM_OPERATOR, True, None),
        (Role.WITNESS_OPERATOR, True, None),
        (Role.TENANT_ADMIN, False, None),
        (Role.GUEST_AUDITOR, True, None),
        (Role.AUTHOR, True, NOW - timedelta(days=1)),
    ],
)
def test_it_refuses_a_role_in_the_wrong_place_or_time(
    acme: Place,
    role: Role,
    at_home: bool,  # noqa: FBT001 - a parameter of the test
    expires: datetime | None,
) -> None:
    somebody = person("odd@acme.test", None, None)
    with pytest.raises(RoleExcluded):
        grant_membership(somebody, acme.tenant if at_home else None, role, by=SEED, at=moment(), expires=expires)


def test_nobody_gives_roles_to_themselves_or_without_being_a_platform_operator(acme: Place) -> None:
    operator = person("ops@platform.test", Role.PLATFORM_OPERATOR, None)
    admin = person("admin@acme.test", Role.TENANT_ADMIN, acme.tenant)
    by_operator, by_admin = principal_of_person(operator, NOW), principal_of_person(admin, NOW)
    assert by_operator is not None
    assert by_admin is not None
    with pytest.raises(NotAllowed):
        grant_membership(operator, acme.tenant, Role.TENANT_VIEWER, by=by_operator, at=moment())
    with pytest.raises(NotAllowed):
        grant_membership(operator, acme.tenant, Role.TENANT_VIEWER, by=by_admin, at=moment())
    assert grant_membership(admin, acme.tenant, Role.AUTHOR, by=by_operator, at=moment()).pk


def test_a_role_is_held_once(acme: Place) -> None:
    somebody = person("dev@acme.test", Role.TENANT_DEVELOPER, acme.tenant)
    with pytest.raises(NameTaken):
        grant_membership(somebody, acme.tenant, Role.TENANT_DEVELOPER, by=SEED, at=moment())


def test_revoking_a_role_ends_every_session_at_once(acme: Place) -> None:
    somebody = person("dev@acme.test", Role.TENANT_DEVELOPER, acme.tenant)
    browser = signed_in(somebody)
    assert browser.get("/api/v1/streams/").status_code == 200
    revoke_membership(Membership.objects.get(person=somebody), by=SEED, at=moment())
    assert browser.get("/api/v1/streams/").status_code == 401
    assert memberships_of(somebody, NOW) == ()
    with pytest.raises(Gone):
        revoke_membership(Membership.objects.get(person=somebody), by=SEED, at=moment())


def test_deactivating_a_person_ends_every_session_at_once(acme: Place) -> None:
    somebody = person("dev@acme.test", Role.TENANT_DEVELOPER, acme.tenant)
    browser = signed_in(somebody)
    deactivate_person(somebody, by=SEED, at=moment())
    assert browser.get("/api/v1/streams/").status_code == 401
    assert principal_of_person(somebody, NOW) is None


def test_people_sign_in_under_one_spelling_of_their_address(acme: Place) -> None:
    made = create_person(" Ada@Acme.test ", "Ada", None, by=SEED, at=moment())
    assert made.email == "ada@acme.test"
    assert not made.has_usable_password()
    with pytest.raises(NameTaken):
        create_person("ADA@acme.TEST", "Another", None, by=SEED, at=moment())


@pytest.mark.parametrize(("email", "name"), [("nothing", "Ada"), ("ada@acme.test", " ")])
def test_it_refuses_an_address_or_name_that_is_none(acme: Place, email: str, name: str) -> None:
    with pytest.raises(NameInvalid):
        create_person(email, name, None, by=SEED, at=moment())
