from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from django.db import transaction

from governance.identity.actions.grant_membership import grant_membership
from governance.identity.actions.revoke_membership import revoke_membership
from governance.identity.actions.set_tenant_state import set_tenant_state
from governance.identity.core.roles import Role
from governance.identity.errors import RoleExcluded
from governance.identity.models import ApproverGroup, GroupMember, Membership
from governance.identity.models.tenant import TenantState
from governance.identity.selectors.founding import founding, is_founded
from governance.identity.selectors.groups import groups_of
from governance.identity.selectors.people import people
from governance.identity.selectors.person_keys import keys_by_person
from ledger.errors import DecisionNeeded
from ledger.selectors.leaves import event
from ledger.selectors.streams import stream
from tests.support.decided import decided
from tests.support.people import planted_founding, planted_key
from tests.support.world import SEED, Place, moment, person

NOW = datetime.now(UTC)


def test_a_machine_grants_no_role_any_more(acme: Place) -> None:
    somebody = person("ann@acme.test", None, None)
    assert not is_founded()
    planted_founding()
    before = stream("_governance", "changes").size
    with pytest.raises(DecisionNeeded) as refused:
        grant_membership(somebody, acme.tenant, Role.AUTHOR, by=SEED, at=moment())
    assert "role.grant" in refused.value.next_step
    assert not Membership.objects.filter(person=somebody).exists()
    assert stream("_governance", "changes").size == before


def test_an_executed_change_grants_it_and_is_named_in_the_record(acme: Place) -> None:
    somebody = person("ann@acme.test", None, None)
    planted_founding()
    with decided("cr-7"):
        grant_membership(somebody, acme.tenant, Role.AUTHOR, by=SEED, at=moment(), decision="cr-7")
    found = stream("_governance", "changes")
    payload = event(found, found.size - 1).payload
    assert payload is not None
    assert json.loads(payload)["decision"] == "cr-7"


@pytest.mark.parametrize("is_there", [True, False])
@pytest.mark.parametrize("decision", ["", "cr-7", "0198c0de-0000-7000-8000-000000000001"])
def test_what_is_not_carried_out_now_decides_nothing(acme: Place, decision: str, *, is_there: bool) -> None:
    somebody = person("ann@acme.test", None, None)
    if is_there:
        planted_founding()
    with pytest.raises(DecisionNeeded, match="not carried out now"):
        grant_membership(somebody, acme.tenant, Role.AUTHOR, by=SEED, at=moment(), decision=decision)
    assert not Membership.objects.filter(person=somebody).exists()


def test_a_change_decides_only_what_its_kind_governs_and_only_while_it_is_carried_out(acme: Place) -> None:
    somebody = person("ann@acme.test", None, None)
    planted_founding()

    def grant() -> None:
        grant_membership(somebody, acme.tenant, Role.AUTHOR, by=SEED, at=moment(), decision="cr-7")

    with decided("cr-7", "role.revoke"), pytest.raises(DecisionNeeded):
        grant()
    with transaction.atomic():
        with decided("cr-7", "role.revoke"):
            pass
        with pytest.raises(DecisionNeeded):
            grant()
    with decided("cr-7", "role.grant"):
        grant()
    with pytest.raises(DecisionNeeded):
        revoke_membership(Membership.objects.get(person=somebody), by=SEED, at=moment(), decision="cr-7")


def test_roles_are_taken_and_tenants_suspended_by_changes_alone(acme: Place) -> None:
    somebody = person("ann@acme.test", Role.AUTHOR, acme.tenant)
    planted_founding()
    with pytest.raises(DecisionNeeded):
        revoke_membership(Membership.objects.get(person=somebody), by=SEED, at=moment())
    with pytest.raises(DecisionNeeded):
        set_tenant_state(acme.tenant, TenantState.SUSPENDED, "a test", by=SEED, at=moment())


def test_who_holds_a_key_that_counts_does_not_run_the_platform(acme: Place) -> None:
    somebody = person("ann@acme.test", Role.AUTHOR, acme.tenant)
    planted_key(somebody)
    with pytest.raises(RoleExcluded, match="key"):
        grant_membership(somebody, None, Role.PLATFORM_OPERATOR, by=SEED, at=moment())


def test_a_place_in_a_group_counts_with_the_role_alone(acme: Place) -> None:
    somebody = person("ann@acme.test", Role.APPROVER, acme.tenant)
    ApproverGroup.objects.create(id="ops", words="Operations", created=NOW)
    GroupMember.objects.create(person=somebody, group_id="ops", created=NOW)
    assert groups_of(somebody, NOW) == {"ops"}
    Membership.objects.filter(person=somebody).update(revoked=NOW)
    assert groups_of(somebody, NOW) == frozenset()


def test_people_come_with_roles_groups_and_keys(acme: Place) -> None:
    somebody = person("ann@acme.test", Role.APPROVER, acme.tenant)
    row, _ = planted_key(somebody, since=3)
    planted_key(somebody, since=None)
    found = next(one for one in people(NOW) if one.public_id == somebody.public_id)
    assert [key.kid for key in found.keys] == [row.kid]
    assert found.holds(Role.APPROVER)
    assert found.roles == {(Role.APPROVER, acme.tenant.public_id)}
    assert keys_by_person()[somebody.public_id][0].since == 3


def test_the_founding_tells_where_its_genesis_stands(acme: Place) -> None:
    planted_founding()
    found = founding()
    assert found is not None
    assert (found.change, found.index, found.genesis) == ("genesis", 0, "0" * 64)
