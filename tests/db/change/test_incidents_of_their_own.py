"""An incident is opened by itself by who may stop things, is recorded with its leaf, and is closed by somebody else."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from governance.change.actions.own_incident import MOST_OPEN, open_incident, tend_incident
from governance.change.core.verbs import Verb
from governance.change.models import Incident, IncidentEntry
from governance.change.selectors.last_moment import incidents
from governance.change.selectors.replaying import replayed
from governance.identity.core.roles import Role
from governance.identity.selectors.principals import principal_of_person
from ledger.selectors.leaves import event
from ledger.selectors.streams import stream
from ledger.services.system_events import flush_spool
from tests.support.clones import Clone
from tests.support.governed import World, denials, payload_of, refused, world
from tests.support.world import moment, person

pytestmark = pytest.mark.db


@pytest.fixture
def it(ledger_db: Clone) -> World:
    return world()


def opened(it: World, who: str = "ben", tenant: str | None = None) -> Incident:
    return open_incident(
        "canary drift", "The canary of settle is frozen.", tenant=tenant, by=it[who].principal(), at=moment()
    )  # fmt: skip


def tended(it: World, row: Incident, who: str, text: str = "It was looked at.", *, closes: bool = False) -> None:
    tend_incident(str(row.public_id), text, closes=closes, by=it[who].principal(), at=moment())


def recorded(index: int | None) -> tuple[str, str, dict[str, Any]]:
    assert index is not None
    found = event(stream("_governance", "changes"), index)
    told = payload_of(found.payload)
    return found.type, str((found.attrs or {})["subject"]), told


def test_opening_entries_and_the_end_each_have_their_leaf(it: World) -> None:
    before = replayed().contradictions
    row = opened(it)
    tended(it, row, "ben", "The oracle was recalibrated.")
    tended(it, row, "cyd", "All is well again.", closes=True)
    view = incidents()[0]
    assert (view.change, view.tenant, view.closed is not None) == ("", None, True)
    name, subject, told = recorded(view.index)
    assert (name, subject) == ("governance:incident:opened", str(row.public_id))
    assert told["actor"] == it["ben"].id
    assert (told["kind"], told["reason"]) == ("canary drift", "The canary of settle is frozen.")
    told_of = [recorded(index) for _, _, _, index in view.entries]
    assert [(name, told["entry"]) for name, _, told in told_of] == [
        ("governance:incident:noted", "The oracle was recalibrated."),
        ("governance:incident:closed", "All is well again."),
    ]
    assert replayed().contradictions == before, "what judges changes has nothing to do with them"


def test_it_takes_somebody_who_may_stop_things_in_a_session(it: World) -> None:
    with refused("role_missing"):
        opened(it, "ada")
    row = opened(it, "eva")
    with refused("role_missing"):
        tended(it, row, "ada")
    token = it["ben"].principal()
    without = type(token)(token.kind, token.actor, token.name, token.grants, token.roles, frozenset(), token.suspended)
    with refused("token_cannot_decide"):
        open_incident("x", "y", tenant=None, by=without, at=moment())
    flush_spool()
    assert denials().count("role_missing") == 2


def test_who_opened_it_does_not_close_it_and_its_end_is_final(it: World) -> None:
    row = opened(it)
    with refused("role_missing"):
        tended(it, row, "ben", closes=True)
    tended(it, row, "cyd", closes=True)
    with refused("incident_closed"):
        tended(it, row, "dov")
    assert IncidentEntry.objects.count() == 1
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE change_incident SET closed = NULL")


def test_a_tenants_approver_opens_one_of_the_tenant_and_none_of_others(it: World) -> None:
    tenant = it.acme.tenant
    row = person("sue@acme.test", Role.APPROVER, tenant, decided=True)
    by = principal_of_person(row, it.now)
    assert by is not None
    made = open_incident("drift", "Odd.", tenant=str(tenant.public_id), by=by, at=moment())
    assert made.tenant == str(tenant.public_id)
    for other in (None, "0198c0de-0000-7000-8000-000000000001", "x"):
        with refused("role_missing"):
            open_incident("drift", "Odd.", tenant=other, by=by, at=moment())
    with refused("role_missing"):
        tend_incident(str(opened(it).public_id), "Odd.", closes=False, by=by, at=moment())


@pytest.mark.parametrize(("kind", "reason"), [("", "y"), ("x" * 65, "y"), ("a\nb", "y"), ("x", " ")])
def test_a_kind_and_a_reason_are_needed(it: World, kind: str, reason: str) -> None:
    with refused("change_body_malformed"):
        open_incident(kind, reason, tenant=None, by=it["ben"].principal(), at=moment())
    assert Incident.objects.count() == 0


def test_nobody_drowns_the_others_in_incidents(it: World) -> None:
    for _ in range(MOST_OPEN):
        opened(it)
    with refused("too_many_open"):
        opened(it)
    opened(it, "cyd")


def test_an_open_incident_keeps_no_emergency_from_being_declared(it: World) -> None:
    opened(it)
    body = {"incident": "leak", "type": "tenant.state", "body": it.suspend}
    row = it.draft("emergency.apply", body)
    it.say(row, Verb.EMERGENCY, "eva")
    it.say(row, Verb.ACKNOWLEDGE_EMERGENCY, "ben")
    view = next(one for one in incidents(is_open=True) if one.change)
    assert recorded(view.index)[0] == "change:effect:applied_provisionally"
    found = Incident.objects.get(change=row.key)
    tended(it, found, "cyd", "They were told.")
    assert recorded(incidents()[0].entries[-1][3])[0] == "change:incident:noted"


@pytest.fixture
def told(it: World) -> Callable[..., Any]:
    del it

    def run(*given: str) -> Any:
        out = StringIO()
        call_command("governance_incident", *given, "--json", stdout=out)
        return json.loads(out.getvalue())

    return run


def test_at_the_server_a_command_opens_goes_on_and_lists(it: World, told: Callable[..., Any]) -> None:
    made = told("--kind", "drift", "--reason", "Odd.", "--tenant", "acme")
    assert recorded(made["index"])[2]["actor"] == "machine:governance_incident"
    assert [(one["id"], one["tenant"]) for one in told()["open"]] == [(made["opened"], str(it.acme.tenant.public_id))]
    assert told("--incident", made["opened"], "--text", "Seen.") == {"incident": made["opened"], "closed": False}
    with pytest.raises(CommandError, match="Somebody else closes it"):
        call_command("governance_incident", "--incident", made["opened"], "--text", "Done.", "--close")
    tend_incident(made["opened"], "Done.", closes=True, by=it["ben"].principal(), at=moment())
    assert told()["open"] == []
    for wrong in (("--incident", "x", "--text", "y"), ("--kind", "a", "--incident", made["opened"])):
        with pytest.raises(CommandError):
            call_command("governance_incident", *wrong)
