"""What only restricts takes one signed word; what was frozen stays frozen until others thaw it."""

from __future__ import annotations

import dataclasses

import pytest

from governance.change.actions.advance import carry_out_ready
from governance.change.core.policy import ExecutorRule, Policy, Tier
from governance.change.core.verbs import Verb
from governance.change.models import Change
from governance.identity.core.roles import Role
from governance.identity.models import PersonKey
from tests.support.clones import Clone
from tests.support.governed import POLICY, Somebody, World, refused, rule, world
from tests.support.people import planted_key
from tests.support.world import moment, person, place

pytestmark = pytest.mark.db
CONTAINING = Policy((
    *(dataclasses.replace(one, change="tenant.state", name="tenants") for one in POLICY.rules),
    rule("freeze", tier=Tier.EMERGENCY, lock_s=0), rule("key.revoke", tier=Tier.EMERGENCY, lock_s=0),
    rule("thaw", lock_s=0), rule("role.grant", lock_s=0, executor=ExecutorRule.NOT_AUTHOR),
))  # fmt: skip
FROZEN = {"scope": "platform", "reason": "Something is odd."}


@pytest.fixture
def it(ledger_db: Clone) -> World:
    return world(CONTAINING)


def frozen(it: World, by: str = "ben") -> Change:
    return it.say(it.draft("freeze", FROZEN, by), Verb.FREEZE, by)


def test_one_word_freezes_and_nothing_is_executed_until_others_thaw(it: World) -> None:
    row = it.approved(it.in_review())
    it.pass_time(3_601)
    assert frozen(it, "dov").state == "applied"
    with refused("frozen"):
        it.say(row, Verb.EXECUTE, "eva")
    thaw = it.in_review("thaw", {"scope": "platform"}, by="ada")
    with refused("sod_concerned"):
        it.say(thaw, Verb.APPROVE, "dov")
    it.say(it.approved(thaw), Verb.EXECUTE, "eva")
    assert it.say(row, Verb.EXECUTE, "eva").state == "applied"


def test_who_froze_by_a_word_in_advance_does_not_thaw_either(ledger_db: Clone) -> None:
    it = world()
    row = it.approved(it.in_review("freeze", FROZEN))
    it.pass_time(5)
    it.say(row, Verb.EXECUTE, "eva", advance=True)
    it.pass_time(3_601)
    assert carry_out_ready(at=moment(it.now)) == (1, 0)
    thaw = it.approved(it.in_review("thaw", {"scope": "platform"}))
    it.pass_time(3_601)
    with refused("sod_concerned"):
        it.say(thaw, Verb.EXECUTE, "eva")
    assert it.say(thaw, Verb.EXECUTE, "fay").state == "applied"


def test_a_role_that_may_not_stop_things_freezes_nothing(it: World) -> None:
    row = it.draft("freeze", FROZEN)
    with refused("role_missing"):
        it.say(row, Verb.FREEZE, "ada")


def test_an_executor_stops_execution_alone_without_an_author(it: World) -> None:
    assert frozen(it, "fay").state == "applied"


def with_key(it: World, name: str, role: Role) -> None:
    """Somebody of acme with a decision key."""
    row = person(f"{name}@acme.test", role, it.acme.tenant, decided=True)
    key, private = planted_key(row)
    it.people[name] = Somebody(row, key.kid, private, role)


def test_a_tenants_admin_freezes_their_tenant_and_nothing_else(it: World) -> None:
    with_key(it, "tess", Role.TENANT_ADMIN)
    other = place("other").tenant
    for scope in ("platform", f"tenant:{other.public_id}"):
        with refused("role_missing"):
            it.draft("freeze", {**FROZEN, "scope": scope}, "tess")
    mine = {**FROZEN, "scope": f"tenant:{it.acme.tenant.public_id}"}
    assert it.say(it.draft("freeze", mine, "tess"), Verb.FREEZE, "tess").state == "applied"


def test_an_executor_of_a_tenant_does_not_freeze_the_platform(it: World) -> None:
    with_key(it, "tom", Role.EXECUTOR)
    with refused("role_missing"):
        it.draft("freeze", FROZEN, "tom")
    row = it.draft("freeze", FROZEN, "ben")
    with refused("not_found"):
        it.say(row, Verb.FREEZE, "tom")


def test_a_word_that_contains_is_none_for_a_change_that_gives(it: World) -> None:
    row = it.draft("tenant.state", it.suspend)
    with refused("quorum_missing"):
        it.say(row, Verb.FREEZE, "ben")


def test_where_the_policy_asks_for_approvals_one_word_is_not_enough(ledger_db: Clone) -> None:
    it = world()
    row = it.draft("freeze", FROZEN, "ben")
    with refused("quorum_missing"):
        it.say(row, Verb.FREEZE, "ben")


def test_a_frozen_scope_is_not_frozen_twice(it: World) -> None:
    frozen(it)
    with refused("effect_refused"):
        it.draft("freeze", FROZEN)


def test_a_frozen_tenant_takes_no_events_and_others_go_on(it: World) -> None:
    from ledger.core.event import RawEvent  # noqa: PLC0415 - used once
    from ledger.errors import StreamFrozen  # noqa: PLC0415 - used once
    from ledger.services.append import append_events  # noqa: PLC0415 - used once

    scope = {"scope": f"tenant:{it.acme.tenant.public_id}", "reason": "A leak."}
    it.say(it.draft("freeze", scope, "ben"), Verb.FREEZE, "ben")
    with pytest.raises(StreamFrozen):
        append_events(it.acme.stream, [RawEvent("a", "1", "urn:a", b"{}")], actor="key:a")


def test_a_revoked_key_takes_the_approval_with_it(it: World) -> None:
    row = it.approved(it.in_review())
    it.pass_time(3_601)
    body = {"person": str(it["cyd"].row.public_id), "kid": it["cyd"].kid, "reason": "A laptop was stolen."}
    assert it.say(it.draft("key.revoke", body, "ben"), Verb.REVOKE_KEY, "ben").state == "applied"
    assert PersonKey.objects.get(kid=it["cyd"].kid).state == "revoked"
    with refused("quorum_missing"):
        it.say(row, Verb.EXECUTE, "eva")
