"""`governance_verify` replays the record, and finds what was done past it."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError, call_command

from governance.change.actions.advance import carry_out_ready
from governance.change.actions.draft import draft_change
from governance.change.actions.revert import draft_revert
from governance.change.actions.settle import settle_change
from governance.change.core.policy import Policy
from governance.change.core.verbs import Verb
from governance.change.models import Change, Word
from governance.change.selectors.replaying import replayed
from governance.identity.actions.set_tenant_state import set_tenant_state
from governance.identity.core.roles import Role
from governance.identity.models.tenant import TenantState
from ledger.selectors.leaves import event
from ledger.selectors.streams import StreamView, stream
from tests.support.clones import Clone
from tests.support.governed import POLICY, World, genesis_body, rule, unfounded
from tests.support.world import SEED, moment, person, place

pytestmark = pytest.mark.db


UNLOCKED = Policy((rule("*", name="everything", lock_s=0),))
"""The time that tests move is not that of the record."""


def decided(policy: Policy) -> World:
    """Founded in earnest, and one tenant suspended."""
    made = unfounded()
    row = draft_change("genesis", genesis_body(made, policy), "The beginning.", by=SEED, at=moment(made.now))
    made.say(row, Verb.FOUND, "ben")
    made.say(row, Verb.FOUND, "eva")
    change = made.approved(made.in_review())
    made.pass_time(3_601)
    made.say(change, Verb.EXECUTE, "eva")
    return made


@pytest.fixture
def it(ledger_db: Clone) -> World:
    """Under a policy without a lock."""
    return decided(UNLOCKED)


@pytest.mark.usefixtures("ledger_db")
def test_the_judge_of_readers_is_asked_too() -> None:
    decided(POLICY)
    assert codes() == {"timelock_violated"}


def test_emergencies_freezes_reverts_and_words_in_advance_are_explained(it: World) -> None:
    body = {"incident": "leak", "type": "tenant.state", "body": {**it.suspend, "state": "disabled"}}
    row = it.draft("emergency.apply", body)
    it.say(row, Verb.EMERGENCY, "eva")
    row = it.say(row, Verb.ACKNOWLEDGE_EMERGENCY, "ben")
    it.pass_time(72 * 3_600 + 60)
    settle_change(row.key, at=moment(it.now))
    back = it.approved(it.in_review(body={**it.suspend, "state": "active"}))
    it.pass_time(5)
    it.say(back, Verb.EXECUTE, "eva", advance=True)
    it.pass_time(3_601)
    assert carry_out_ready(at=moment(it.now)) == (1, 0)
    undone = draft_revert(back.key, "Too early.", by=it["fay"].principal(), at=moment(it.now))
    it.say(undone, Verb.REVERT, "fay")
    assert replayed().contradictions == ()
    assert replayed().effects == 6


def test_a_change_says_at_which_leaf_it_took_effect(it: World, admin_connection: psycopg.Connection[Any]) -> None:
    log = stream("_governance", "changes")
    rows = {row.type: row for row in Change.objects.filter(state="applied")}
    assert {kind: leaf_type(log, row.applied_index) for kind, row in rows.items()} == {
        "genesis": "change:effect:founded", "tenant.state": "change:effect:executed",
    }  # fmt: skip
    assert it.in_review(body={**it.suspend, "state": "active"}).applied_index is None
    admin_connection.execute("ALTER TABLE change_change DISABLE TRIGGER ALL")
    admin_connection.execute("UPDATE change_change SET applied_index = 1 WHERE type = 'tenant.state'")
    assert codes() == {"replay_row_mismatch"}


def leaf_type(log: StreamView, index: int | None) -> str:
    return str(event(log, index or 0).type)


def test_a_word_without_its_signature_is_found(it: World, admin_connection: psycopg.Connection[Any]) -> None:
    log, index = stream("_governance", "changes"), Word.objects.order_by("index")[2].index
    admin_connection.execute("DELETE FROM ledger_object WHERE stream_id = %s AND index = %s", [log.id, index])
    assert "decision_unproven" in codes()


def codes() -> set[str]:
    return {one.code for one in replayed().contradictions}


def test_everything_is_explained(it: World) -> None:
    report = replayed()
    assert report.contradictions == ()
    assert (report.effects, report.documents) == (2, 20)


def test_the_command_tells_it(it: World) -> None:
    out = StringIO()
    call_command("governance_verify", "--json", stdout=out)
    assert json.loads(out.getvalue())["outcome"] == "same"


def test_a_state_that_nobody_decided_is_found(it: World, owner_connection: psycopg.Connection[Any]) -> None:
    owner_connection.execute("UPDATE identity_tenant SET state = 'active'")
    assert codes() == {"replay_state_mismatch"}
    with pytest.raises(CommandError) as refused:
        call_command("governance_verify", stdout=StringIO())
    assert refused.value.returncode == 1


def test_a_role_that_nobody_granted_is_found(it: World, owner_connection: psycopg.Connection[Any]) -> None:
    owner_connection.execute(
        "INSERT INTO identity_membership (public_id, person_id, role, created) "
        "SELECT gen_random_uuid(), id, 'executor', now() FROM identity_person WHERE email = 'ada@gov.test'"
    )
    assert codes() == {"replay_state_mismatch"}


def test_a_change_whose_row_was_moved_is_found(it: World, admin_connection: psycopg.Connection[Any]) -> None:
    row = it.in_review(body={"tenant": str(it.acme.tenant.public_id), "state": "disabled"})
    admin_connection.execute("ALTER TABLE change_change DISABLE TRIGGER ALL")
    admin_connection.execute("UPDATE change_change SET state = 'vetoed' WHERE public_id = %s", [row.key])
    assert codes() == {"replay_row_mismatch"}


PLANTED = {
    "person": "INSERT INTO identity_membership (public_id, person_id, role, created) "
    "SELECT gen_random_uuid(), id, 'approver', now() FROM identity_person WHERE email = 'zoe@gov.test'",
    "tenant": "UPDATE identity_tenant SET state = 'disabled' WHERE slug = 'other'",
    "stream": "INSERT INTO ledger_publicity (stream_id, tiles, entries) "
    "SELECT id, true, true FROM ledger_stream WHERE namespace = 'other'",
    "freeze": "INSERT INTO change_freeze (scope, by, reason, decision, at) VALUES ('platform', 'x', 'x', 'x', now())",
    "group": "INSERT INTO identity_approvergroup (id, words, created) VALUES ('shadow', 'Shadow', now())",
    "namespace": "INSERT INTO ledger_restriction (namespace, kind, decision, actor, reason, since) "
    "VALUES ('other', 'frozen', '', 'x', 'x', now())",
    "policy": "INSERT INTO change_policy (number, digest, text, decision, at) "
    "SELECT 0, digest, text, 'x', now() FROM change_policy",
}


@pytest.mark.parametrize("what", PLANTED)
def test_what_no_change_ever_was_about_is_found_as_well(
    it: World, admin_connection: psycopg.Connection[Any], what: str
) -> None:
    del it
    person("zoe@gov.test", None, None)
    place("other")
    assert replayed().contradictions == ()
    admin_connection.execute(PLANTED[what])
    found = replayed().contradictions
    assert {one.code for one in found} == {"replay_state_mismatch"}
    assert any(one.words.startswith(what) for one in found), found


def test_what_was_granted_before_the_founding_is_explained(ledger_db: Clone) -> None:
    del ledger_db
    made = unfounded()
    person("zoe@gov.test", Role.PLATFORM_OPERATOR, None)
    other = place("other")
    set_tenant_state(other.tenant, TenantState.SUSPENDED, "unpaid", by=SEED, at=moment())
    row = draft_change("genesis", genesis_body(made, UNLOCKED), "The beginning.", by=SEED, at=moment(made.now))
    made.say(row, Verb.FOUND, "ben")
    made.say(row, Verb.FOUND, "eva")
    assert replayed().contradictions == ()
