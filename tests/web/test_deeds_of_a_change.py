"""A change's page offers each reader what the engine would take from them, and the ways that have a draft of their
own.
"""

from __future__ import annotations

import dataclasses
import json
import re
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from governance.change.actions.hold import hold_change
from governance.change.core.policy import Policy, Tier
from governance.change.core.verbs import Verb
from governance.change.models import Change, Freeze
from governance.identity.models import Tenant
from tests.support.clones import Clone
from tests.support.governed import POLICY, World, put_in_force, rule, world
from tests.support.world import moment, signed_in

pytestmark = pytest.mark.db
AT_ONCE = Policy((
    *(dataclasses.replace(one, change="tenant.state", name="tenants") for one in POLICY.rules),
    rule("freeze", tier=Tier.EMERGENCY, lock_s=0), rule("key.revoke", tier=Tier.EMERGENCY, lock_s=0),
    rule("emergency.apply", lock_s=0),
))  # fmt: skip


@pytest.fixture
def it(ledger_db: Clone) -> World:
    return world(AT_ONCE)


def shown(client: Client, row: Change) -> str:
    return " ".join(client.get(f"/changes/{row.key}/").content.decode().split())


def verbs(it: World, who: str, row: Change) -> set[str]:
    page = shown(signed_in(it[who].row), row)
    return {verb.value for verb in Verb if f"statement/?verb={verb.value}&amp;" in page}


def applied(it: World) -> Change:
    row = it.approved(it.in_review())
    it.pass_time(3_601)
    return it.say(row, Verb.EXECUTE, "eva")


def test_who_carries_out_is_who_has_the_role_and_did_not_approve(it: World) -> None:
    row = it.in_review()
    assert verbs(it, "ben", row) == {"approve", "reject", "veto"}
    assert verbs(it, "eva", row) == {"veto"}
    assert verbs(it, "ada", row) == set()
    row = it.approved(row)
    assert verbs(it, "ben", row) == {"revoke-approval", "veto"}
    assert verbs(it, "eva", row) == {"execute", "veto"}
    assert 'data-advance="1"' in shown(signed_in(it["eva"].row), row)


def test_an_executor_drafts_the_way_back_from_the_page_and_signs_the_draft(it: World) -> None:
    row = applied(it)
    here = signed_in(it["fay"].row)
    assert "Draft the way back" in shown(here, row)
    assert "Draft the way back" not in shown(signed_in(it["ben"].row), row)
    answer = here.post(f"/changes/{row.key}/revert/", {"reason": "It was wrong."})
    back = Change.objects.get(reverts=row.public_id)
    assert answer["Location"] == f"/changes/{back.key}/"
    assert verbs(it, "fay", back) == {"revert"}
    assert "Submit for review" not in shown(here, back)
    it.say(back, Verb.REVERT, "fay")
    assert Tenant.objects.get(pk=it.acme.tenant.pk).state == "active"
    assert f'It was taken back by <a href="/changes/{back.key}/">' in shown(here, row)
    assert "Draft the way back" not in shown(here, row)


def test_under_a_freeze_nobody_is_offered_to_carry_anything_out(it: World) -> None:
    early = it.approved(it.in_review())
    put_in_force(Policy((rule("tenant.state", lock_s=0),)))
    ready = it.approved(it.in_review(body={**it.suspend, "state": "disabled"}))
    assert verbs(it, "eva", ready) == {"execute", "veto"}
    scope = f"tenant:{it.acme.tenant.public_id}"
    Freeze.objects.create(scope=scope, by=it["dov"].id, reason="A key leaked.", decision="planted", at=it.now)
    cache.clear()
    assert verbs(it, "eva", ready) == {"veto"}
    told = "Ready, and frozen: A key leaked. Nobody can carry it out until a change thaws it."
    assert told in shown(signed_in(it["eva"].row), ready)
    assert "Ready, and frozen" not in shown(signed_in(it["eva"].row), early)


def test_the_api_drafts_the_way_back_too(it: World) -> None:
    row = applied(it)
    answer = post(signed_in(it["fay"].row), f"/api/v1/changes/{row.key}/revert/", {"reason": "It was wrong."})
    assert answer.status_code == 201
    assert answer.json()["reverts"] == row.key
    again = post(signed_in(it["ben"].row), f"/api/v1/changes/{row.key}/revert/", {"reason": "It was wrong."})
    assert (again.status_code, again.json()["code"]) == (403, "role_missing")


@pytest.mark.parametrize(
    ("kind", "verb"), [("freeze", "freeze"), ("key.revoke", "revoke-key"), ("emergency.apply", "emergency")]
)
def test_a_draft_that_one_word_carries_out_offers_that_word(it: World, kind: str, verb: str) -> None:
    cyd = {"person": str(it["cyd"].row.public_id), "kid": it["cyd"].kid, "reason": "Stolen."}
    bodies: dict[str, Any] = {
        "freeze": {"scope": "platform", "reason": "Odd."}, "key.revoke": cyd,
        "emergency.apply": {"incident": "leak", "type": "tenant.state", "body": it.suspend},
    }  # fmt: skip
    row = it.draft(kind, bodies[kind])
    assert verbs(it, "dov", row) == {verb}
    assert verbs(it, "ada", row) == set()


def test_an_emergency_is_declared_acknowledged_and_ratified_by_different_buttons(it: World) -> None:
    row = it.draft("emergency.apply", {"incident": "leak", "type": "tenant.state", "body": it.suspend})
    row = it.say(row, Verb.EMERGENCY, "eva")
    assert verbs(it, "eva", row) == set()
    assert verbs(it, "ben", row) == {"ack-emergency"}
    row = it.say(row, Verb.ACKNOWLEDGE_EMERGENCY, "ben")
    assert verbs(it, "cyd", row) == {"approve"}
    assert "it is taken back" in shown(signed_in(it["cyd"].row), row)


def post(client: Client, address: str, body: Any) -> Any:
    return client.post(address, json.dumps(body), "application/json")


def test_an_emergency_is_not_drawn_as_approved(it: World) -> None:
    row = it.draft("emergency.apply", {"incident": "leak", "type": "tenant.state", "body": it.suspend})
    row = it.say(it.say(row, Verb.EMERGENCY, "eva"), Verb.ACKNOWLEDGE_EMERGENCY, "ben")
    page = shown(signed_in(it["cyd"].row), row)
    steps = page.partition('<ol class="stepper"')[2].partition("</ol>")[0]
    assert re.findall(r'class="step is-(\w+)"', steps) == ["done", "next", "next", "next", "now"]


def test_an_end_names_who_ended_it_and_is_drawn_as_one(it: World) -> None:
    row = it.say(it.in_review(), Verb.VETO, "fay")
    page = shown(signed_in(it["ada"].row), row)
    assert re.search(r"Vetoed [^.]* by Fay\. It had no effect\.", page)
    steps = page.partition('<ol class="stepper"')[2].partition("</ol>")[0]
    assert re.findall(r'class="step is-(\w+)"', steps)[-1] == "ended"


def test_who_could_sign_a_held_change_signs_after_its_release(it: World) -> None:
    row = it.in_review()
    hold_change(row.key, "Wait.", by=it["ben"].principal(it.now), at=moment(it.now))
    page = shown(signed_in(it["ada"].row), row)
    assert "Can sign once it is released: Ben" in page
    assert "Can sign now" not in page.partition("Approvals")[2]
