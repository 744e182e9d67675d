"""Roles, keys and the policy itself come and go by changes alone, and never so that nobody could decide any more."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from governance.change.actions.edit import edit_change
from governance.change.core.policy import Cap, Direction, Need, Policy, Tier
from governance.change.core.verbs import Verb
from governance.change.models import Change
from governance.change.selectors.policies import policy_in_force
from governance.change.selectors.satisfied import unmet_now, unmet_without
from governance.change.types import change_type
from governance.identity.core.roles import Role
from governance.identity.models import ApproverGroup, GroupMember, Membership, PersonKey
from governance.identity.selectors.groups import groups_of
from tests.support.clones import Clone
from tests.support.governed import POLICY, World, refused, rule, world
from tests.support.people import planted_key
from tests.support.world import moment, person

pytestmark = pytest.mark.db


@pytest.fixture
def it(ledger_db: Clone) -> World:
    return world()


def decided(it: World, kind: str, body: Any, *who: str) -> Change:
    row = it.approved(it.in_review(kind, body), *who)
    it.pass_time(3_601)
    return it.say(row, Verb.EXECUTE, "eva")


def role_body(it: World, who: str, role: str | None, group: str | None = None, **more: Any) -> dict[str, Any]:
    return {"person": str(it[who].row.public_id), "role": role, "tenant": None, "group": group, **more}


def test_a_role_and_a_place_are_granted_and_revoked(it: World) -> None:
    decided(it, "role.grant", role_body(it, "fay", "author", expires=None))
    assert Membership.objects.filter(person=it["fay"].row, role="author", revoked__isnull=True).exists()
    decided(it, "role.grant", role_body(it, "cyd", None, "science", expires=None), "ben", "dov")
    assert groups_of(it["cyd"].row, it.now) == {"ops", "science"}
    decided(it, "role.revoke", role_body(it, "cyd", None, "science"), "ben", "dov")
    assert groups_of(it["cyd"].row, it.now) == {"ops"}


def of_acme(it: World, group: str | None, role: str | None = "approver") -> dict[str, Any]:
    return {**role_body(it, "ada", role, group, expires=None), "tenant": str(it.acme.tenant.public_id)}


def test_a_place_in_a_group_of_the_platform_is_no_tenants_to_give(it: World) -> None:
    ApproverGroup.objects.create(id="acme-ops", tenant=it.acme.tenant, words="Acme", created=it.now)
    assert it.draft("role.grant", of_acme(it, "ops")).tenant is None
    assert it.draft("role.grant", of_acme(it, "ops", None)).tenant is None
    assert change_type("role.grant").tenant(of_acme(it, "ops")) is None
    new = {"person": str(person("nia@acme.test", None, None).public_id)}
    assert it.draft("role.grant", {**of_acme(it, "acme-ops"), **new}).tenant == str(it.acme.tenant.public_id)
    assert it.draft("role.grant", {**of_acme(it, None), **new}).tenant == str(it.acme.tenant.public_id)


def test_an_edit_does_not_bring_it_into_another_tenants_hands(it: World) -> None:
    row = it.draft("role.grant", of_acme(it, None))
    with refused("change_body_malformed"):
        edit_change(row.key, of_acme(it, "ops"), "More.", revision=1, by=it["ada"].principal(it.now), at=moment(it.now))


def test_nobody_decides_on_their_own_roles(it: World) -> None:
    row = it.in_review("role.grant", role_body(it, "cyd", None, "science", expires=None))
    with refused("sod_concerned"):
        it.say(row, Verb.APPROVE, "cyd")


def test_roles_that_exclude_each_other_are_not_even_proposed(it: World) -> None:
    with refused("effect_refused"):
        it.draft("role.grant", role_body(it, "ben", "internal_auditor", expires=None))


def test_the_last_people_whom_a_rule_needs_stay(it: World) -> None:
    decided(it, "role.revoke", role_body(it, "dov", None, "ops"))
    assert unmet_without(it["cyd"].row, it.now) != ()
    with refused("policy_unsatisfiable"):
        it.draft("role.revoke", role_body(it, "cyd", "approver"))


def test_a_key_counts_from_its_change_on(it: World) -> None:
    key, _ = planted_key(it["cyd"].row, since=None)
    body = {
        "person": str(it["cyd"].row.public_id), "kid": key.kid, "public": bytes(key.public).hex(),
        "custody": key.custody, "use": key.use,
    }  # fmt: skip
    row = decided(it, "key.enrol", body, "ben", "dov")
    key.refresh_from_db()
    assert key.state == "active"
    assert key.since is not None
    assert key.since < row.index


def test_a_key_is_enrolled_as_it_was_registered(it: World) -> None:
    key, _ = planted_key(it["cyd"].row, since=None)
    body = {
        "person": str(it["cyd"].row.public_id), "kid": key.kid, "public": bytes(key.public).hex(),
        "custody": "passkey", "use": key.use,
    }  # fmt: skip
    with refused("effect_refused"):
        it.draft("key.enrol", body)


def test_a_looser_policy_still_falls_under_the_one_in_force(it: World) -> None:
    loose = Policy((rule("*", name="everything", needs=(Need("science", 1),), lock_s=0),))
    row = it.in_review("policy.change", {"policy": loose.to_json()})
    row = it.say(row, Verb.APPROVE, "dov")
    assert row.state == "in_review"
    row = it.approved(row, "ben", "cyd")
    with refused("time_locked"):
        it.say(row, Verb.EXECUTE, "eva")
    it.pass_time(3_601)
    it.say(row, Verb.EXECUTE, "eva")
    assert policy_in_force().policy.rules[0].lock_s == 0


def test_a_stricter_policy_already_binds_the_change_that_brings_it(it: World) -> None:
    strict = Policy((rule("*", name="everything", needs=(Need("ops", 2), Need("science", 1))),))
    row = it.in_review("policy.change", {"policy": strict.to_json()})
    assert it.approved(row).state == "in_review"
    assert it.say(row, Verb.APPROVE, "dov").state == "timelocked"


@pytest.mark.parametrize(
    ("change", "field"),
    [("*", "ttl_s"), ("stream.retention", "ttl_s"), ("tenant.state", "payload_days"), ("no.kind", "payload_days")],
)
def test_a_cap_that_would_bind_nothing_is_not_saved(it: World, change: str, field: str) -> None:
    capped = (rule("*", name="all"), rule(change, name="capped", caps=(Cap(field, 5, 60),)))
    with refused("cap_unbound"):
        it.draft("policy.change", {"policy": Policy(capped).to_json()})


def test_in_production_a_critical_rule_takes_a_key_that_no_browser_holds(it: World, settings: Any) -> None:
    settings.COUNTERSIGN_ENV = "production"
    critical = rule("log_key.destroy", tier=Tier.CRITICAL)
    with refused("critical_online"):
        it.draft("policy.change", {"policy": Policy((*POLICY.rules, critical)).to_json()})
    offline = dataclasses.replace(critical, offline_key=True)
    assert it.draft("policy.change", {"policy": Policy((*POLICY.rules, offline)).to_json()}).state == "draft"


@pytest.mark.parametrize("more", [{"needs": (Need("ops", 2), Need("science", 1))}, {"lock_s": 7_200}])
def test_a_policy_that_makes_it_harder_to_take_power_away_than_to_give_it_is_not_saved(it: World, more: Any) -> None:
    for kind in ("tenant.state", "role.revoke", "freeze"):
        tighter = rule(kind, directions=frozenset({Direction.TIGHTENS}), **more)
        with refused("policy_upside_down"):
            it.draft("policy.change", {"policy": Policy((*POLICY.rules, tighter)).to_json()})
    for kind in ("tenant.state", "role.grant", "thaw"):
        looser = rule(kind, directions=frozenset({Direction.LOOSENS}), **more)
        assert it.draft("policy.change", {"policy": Policy((*POLICY.rules, looser)).to_json()}).state == "draft"


@pytest.mark.parametrize("change", ["*", "stream.retention"])
def test_a_cap_on_what_a_kind_counts_is_saved(it: World, change: str) -> None:
    capped = (rule("*", name="all"), rule(change, name="capped", caps=(Cap("payload_days", 5, 60),)))
    assert it.draft("policy.change", {"policy": Policy(capped).to_json()}).state == "draft"


@pytest.mark.parametrize("needs", [(Need("ops", 4),), (Need("nobody", 1),)])
def test_a_policy_that_nobody_can_meet_is_not_saved(it: World, needs: tuple[Need, ...]) -> None:
    with refused("policy_unsatisfiable"):
        it.draft("policy.change", {"policy": Policy((rule("*", needs=needs),)).to_json()})


def test_the_policy_in_force_is_not_proposed_again(it: World) -> None:
    with refused("effect_refused"):
        it.draft("policy.change", {"policy": POLICY.to_json()})


def test_whoever_loses_a_role_loses_the_place_in_groups(it: World) -> None:
    assert GroupMember.objects.filter(person=it["dov"].row, revoked__isnull=True).count() == 2
    decided(it, "role.revoke", role_body(it, "dov", Role.APPROVER.value))
    assert groups_of(it["dov"].row, it.now) == frozenset()
    assert unmet_now(it.now) == ()


def test_a_lost_quorum_recovers_only_by_what_the_genesis_declared(it: World) -> None:
    for who in ("ben", "cyd"):
        PersonKey.objects.filter(kid=it[who].kid).update(state="revoked", until=1, revoked_at=it.now)
    assert unmet_now(it.now) != ()
    with refused("policy_unsatisfiable"):
        it.in_review()
