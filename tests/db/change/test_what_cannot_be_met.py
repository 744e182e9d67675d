"""Recovery, caps, attention, and effects that fail: each has one way out, and says which."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from governance.change.actions.draft import draft_change
from governance.change.actions.withdraw import withdraw_change
from governance.change.core.policy import Cap
from governance.change.core.verbs import Verb
from governance.change.models import Change
from governance.change.selectors import caps
from governance.change.selectors.satisfied import unmet_now
from governance.change.selectors.standing import standing
from governance.identity.models import PersonKey
from ledger.selectors.leaves import EventFilter, events_in
from ledger.selectors.streams import stream
from tests.support.clones import Clone
from tests.support.governed import World, genesis_body, refused, unfounded, world
from tests.support.people import planted_key
from tests.support.world import SEED, moment

pytestmark = pytest.mark.db


def founded() -> World:
    """By the ceremony; the recovery takes one word of each of two people in the group science."""
    it = unfounded()
    body = genesis_body(it)
    cyd = next(one for one in body["people"] if one["person"] == str(it["cyd"].row.public_id))
    cyd["groups"] = ["ops", "science"]
    row = draft_change("genesis", body, "The beginning.", by=SEED, at=moment(it.now))
    it.say(row, Verb.FOUND, "ben")
    it.say(row, Verb.FOUND, "eva")
    return it


def enrolment(it: World, who: str) -> dict[str, Any]:
    key, _ = planted_key(it[who].row, since=None)
    return {
        "person": str(it[who].row.public_id), "kid": key.kid, "public": bytes(key.public).hex(),
        "custody": key.custody, "use": key.use,
    }  # fmt: skip


def lose(it: World, *who: str) -> None:
    index = stream("_governance", "changes").size
    for one in who:
        PersonKey.objects.filter(kid=it[one].kid).update(state="revoked", until=index, revoked_at=it.now)


def test_where_nobody_can_meet_the_rule_the_genesis_names_the_one_way_out(ledger_db: Clone) -> None:
    it = founded()
    PersonKey.objects.filter(kid=it["ben"].kid).update(
        state="revoked", until=stream("_governance", "changes").size, revoked_at=it.now
    )
    it["dov"].row.group_places.filter(group_id="ops").update(revoked=it.now)
    assert unmet_now(it.now) != ()
    row = it.in_review("key.enrol", enrolment(it, "ben"))
    assert row.revisions.get().rule["name"] == "recovery"
    row = it.approved(row, "cyd", "dov")
    it.pass_time(1)
    assert it.say(row, Verb.EXECUTE, "eva").state == "applied"
    assert PersonKey.objects.filter(person=it["ben"].row, state="active").exists()


def test_recovery_does_nothing_but_keys_and_roles(ledger_db: Clone) -> None:
    it = founded()
    lose(it, "ben", "dov")
    with refused("policy_unsatisfiable"):
        it.in_review()


def test_an_effect_that_identity_refuses_ends_as_failed_and_changes_nothing(ledger_db: Clone) -> None:
    it = world()
    body = {
        "person": str(it["fay"].row.public_id), "role": "platform_operator", "tenant": None, "expires": None,
        "group": None,
    }  # fmt: skip
    row = it.approved(it.in_review("role.grant", body))
    it.pass_time(3_601)
    with refused("role_excluded"):
        it.say(row, Verb.EXECUTE, "eva")
    row.refresh_from_db()
    assert (row.state, row.outcome[:13]) == ("failed", "role_excluded")
    assert not it["fay"].row.memberships.filter(role="platform_operator").exists()
    log = stream("_governance", "changes")
    assert len(events_in(log, None, 500, EventFilter(subject=row.key, type="change:effect:failed"))) == 1


def test_small_steps_add_up(ledger_db: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    it = world()
    row = it.approved(it.in_review())
    stands = standing(row, index=row.index + 1, now=int(it.now.timestamp()))
    text = stands.revision
    text.base, text.result = {"ttl_s": 100}, {"ttl_s": 160}
    capped = dataclasses.replace(stands, rule=dataclasses.replace(stands.rule, caps=(Cap("ttl_s", 50, 3_600),)))
    assert [(use.used, use.adds, use.is_exceeded) for use in caps.caps_of(capped)] == [(0, 60, True)]


def test_one_author_asks_for_so_much_attention_and_no_more(ledger_db: Clone) -> None:
    it = world()
    rows = [it.draft("tenant.state", it.suspend) for _ in range(20)]
    with refused("too_many_open"):
        it.draft("tenant.state", it.suspend)
    withdraw_change(rows[0].key, by=it["ada"].principal(it.now), at=moment(it.now))
    assert it.draft("tenant.state", it.suspend).state == "draft"


def test_what_was_rejected_is_not_asked_again_within_a_day(ledger_db: Clone) -> None:
    it = world()
    it.say(it.in_review(), Verb.REJECT, "ben")
    with refused("rejected_recently"):
        it.draft("tenant.state", it.suspend)
    it.pass_time(86_500)
    assert Change.objects.count() == 1
    assert it.draft("tenant.state", it.suspend).state == "draft"
