"""Break-glass: two people, at once, only what restricts; ratified in time, or undone by itself."""

from __future__ import annotations

import pytest

from governance.change.actions.incident import note_incident
from governance.change.actions.settle import WAITS, settle_change
from governance.change.core.verbs import Verb
from governance.change.models import Change, Freeze, Incident
from governance.change.selectors.last_moment import incidents
from governance.identity.models import Tenant
from tests.support.clones import Clone
from tests.support.governed import World, refused, world
from tests.support.world import moment

pytestmark = pytest.mark.db


@pytest.fixture
def it(ledger_db: Clone) -> World:
    return world()


def drafted(it: World, state: str = "suspended") -> Change:
    body = {"incident": "leak", "type": "tenant.state", "body": {**it.suspend, "state": state}}
    return it.draft("emergency.apply", body, reason="Events of another customer arrive.")


def applied(it: World) -> Change:
    row = drafted(it)
    it.say(row, Verb.EMERGENCY, "eva")
    return it.say(row, Verb.ACKNOWLEDGE_EMERGENCY, "ben")


def state_of(it: World) -> str:
    return str(Tenant.objects.get(pk=it.acme.tenant.pk).state)


def test_one_declares_another_acknowledges_and_it_is_applied(it: World) -> None:
    row = drafted(it)
    assert (it.say(row, Verb.EMERGENCY, "eva").state, state_of(it)) == ("draft", "active")
    with refused("sod_author"):
        it.say(row, Verb.ACKNOWLEDGE_EMERGENCY, "eva")
    row = it.say(row, Verb.ACKNOWLEDGE_EMERGENCY, "ben")
    assert (row.state, state_of(it)) == ("applied_provisional", "suspended")
    assert incidents(is_open=True)[0].kind == "leak"


def test_nobody_acknowledges_what_nobody_declared(it: World) -> None:
    with refused("quorum_missing"):
        it.say(drafted(it), Verb.ACKNOWLEDGE_EMERGENCY, "ben")


def test_the_quorum_ratifies_it(it: World) -> None:
    row = it.approved(applied(it))
    assert (row.state, state_of(it)) == ("ratified", "suspended")
    assert not Incident.objects.filter(closed__isnull=True).exists()


def test_what_nobody_ratifies_is_undone_and_blocks_the_next(it: World) -> None:
    row = applied(it)
    it.pass_time(72 * 3_600 + 60)
    row = settle_change(row.key, at=moment(it.now))
    assert (row.state, row.outcome, state_of(it)) == ("lapsed", "undone", "active")
    with refused("emergency_refused"):
        it.say(drafted(it), Verb.EMERGENCY, "eva")
    with refused("role_missing"):
        note_incident(row.key, "Never mind.", closes=True, by=it["ben"].principal(), at=moment(it.now))
    note_incident(row.key, "It was a false alarm.", closes=True, by=it["cyd"].principal(), at=moment(it.now))
    assert [entry[2] for entry in incidents()[0].entries] == [
        "Applied provisionally.", "Lapsed, undone.", "It was a false alarm.",
    ]  # fmt: skip
    assert it.say(drafted(it), Verb.EMERGENCY, "eva").state == "draft"


def test_nothing_is_undone_in_the_middle_of_a_freeze(it: World) -> None:
    row = applied(it)
    freeze = Freeze.objects.create(scope="platform", by=it["ben"].id, reason="Odd.", decision="planted", at=it.now)
    it.pass_time(72 * 3_600 + 60)
    for _ in range(2):
        row = settle_change(row.key, at=moment(it.now))
        assert (row.state, state_of(it)) == ("applied_provisional", "suspended")
    assert [entry[2] for entry in incidents()[0].entries] == ["Applied provisionally.", WAITS]
    freeze.lifted, freeze.lifted_decision = it.now, "planted"
    freeze.save()
    row = settle_change(row.key, at=moment(it.now))
    assert (row.state, row.outcome, state_of(it)) == ("lapsed", "undone", "active")


def test_a_second_emergency_waits_for_the_end_of_the_first(it: World) -> None:
    applied(it)
    with refused("emergency_refused"):
        it.say(drafted(it, "disabled"), Verb.EMERGENCY, "eva")


def test_what_gives_power_is_not_applied_in_an_emergency(it: World) -> None:
    applied(it)
    with refused("emergency_refused"):
        drafted(it, "active")


def taking(it: World, who: str) -> Change:
    inner = {"person": str(it[who].row.public_id), "role": None, "tenant": None, "group": "ops"}
    return it.draft("emergency.apply", {"incident": "leak", "type": "role.revoke", "body": inner})


def test_two_people_do_not_take_the_last_places_that_the_policy_needs(it: World) -> None:
    it["cyd"].row.group_places.update(revoked=it.now)
    with refused("policy_unsatisfiable"):
        taking(it, "dov")


def test_what_became_impossible_since_the_draft_is_not_applied(it: World) -> None:
    row = taking(it, "dov")
    it.say(row, Verb.EMERGENCY, "eva")
    it["cyd"].row.group_places.update(revoked=it.now)
    with refused("change_stale"):
        it.say(row, Verb.ACKNOWLEDGE_EMERGENCY, "ben")
    assert it["dov"].row.group_places.filter(group_id="ops", revoked__isnull=True).exists()


@pytest.mark.parametrize("kind", ["policy.change", "role.grant", "emergency.apply", "nothing"])
def test_only_a_few_kinds_are(it: World, kind: str) -> None:
    with refused("emergency_refused"):
        it.draft("emergency.apply", {"incident": "leak", "type": kind, "body": {}})
