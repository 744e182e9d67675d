"""A tenant's state is obeyed by page, API, command and task alike, because the ledger itself holds it."""

from __future__ import annotations

import json

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client

from governance.identity.actions.create_namespace import create_namespace
from governance.identity.actions.set_tenant_state import set_tenant_state
from governance.identity.errors import TenantSuspended as IdentitySuspended
from governance.identity.models import SystemKey
from governance.identity.models.tenant import TenantState
from ledger.errors import StreamUnknown, TenantSuspended
from ledger.selectors.restrictions import restrictions_of
from ledger.selectors.streams import known_stream, stream
from ledger.services.append import append_events
from tests.support.decided import DECISION, decided, founded
from tests.support.streams import event
from tests.support.world import SEED, Place, moment


def to(place: Place, state: TenantState, decision: str | None = None) -> None:
    if decision is None:
        set_tenant_state(place.tenant, state, "unpaid", by=SEED, at=moment())
        return
    with decided(decision):
        set_tenant_state(place.tenant, state, "unpaid", by=SEED, at=moment(), decision=decision)


def test_every_door_refuses_a_suspended_tenants_events(acme: Place, client: Client) -> None:
    to(acme, TenantState.SUSPENDED)
    with pytest.raises(TenantSuspended):
        append_events(acme.stream, [event(1)], actor="somebody who found a way past the doors")
    with pytest.raises(CommandError, match="suspended"):
        call_command("retention_set", "acme/decisions", "--payload-days", "5", "--reason", "x")
    body = json.dumps({"type": "t", "payload": 1})
    answer = client.post(f"{acme.path}events/", body, "application/json", headers=acme.bearer)
    assert (answer.status_code, answer.json()["code"]) == (403, "tenant_suspended")
    assert known_stream("acme", "decisions").size == acme.stream.size


def test_a_disabled_tenants_stream_is_not_there_for_commands_either(acme: Place) -> None:
    to(acme, TenantState.DISABLED)
    with pytest.raises(CommandError, match="no such stream"):
        call_command("trust_sheet", "acme/decisions")
    with pytest.raises(StreamUnknown):
        stream("acme", "decisions")


def test_states_replace_each_other(acme: Place) -> None:
    for state, kinds in (("suspended", ["suspended"]), ("disabled", ["disabled"]), ("active", [])):
        to(acme, TenantState(state))
        assert [one.kind for one in restrictions_of("acme")] == kinds


def test_a_restored_tenant_keeps_its_evidence_and_needs_new_keys(acme: Place) -> None:
    append_events(acme.stream, [event(1)], actor="a")
    to(acme, TenantState.DISABLED)
    assert SystemKey.objects.get().state == "active"
    to(acme, TenantState.ACTIVE)
    assert stream("acme", "decisions").size == 2
    assert SystemKey.objects.get().state == "disabled"


def test_a_tenant_that_was_only_suspended_keeps_its_keys(acme: Place) -> None:
    to(acme, TenantState.SUSPENDED)
    to(acme, TenantState.ACTIVE)
    assert SystemKey.objects.get().state == "active"


def test_after_the_founding_the_restriction_names_its_decision(acme: Place) -> None:
    founded()
    to(acme, TenantState.SUSPENDED, DECISION)
    (held,) = restrictions_of("acme")
    assert held.decision == DECISION


def test_a_suspended_tenant_gets_no_namespace_that_would_not_be_restricted(acme: Place) -> None:
    to(acme, TenantState.SUSPENDED)
    with pytest.raises(IdentitySuspended):
        create_namespace(acme.tenant, "acme-2", by=SEED, at=moment())
    to(acme, TenantState.ACTIVE)
    create_namespace(acme.tenant, "acme-2", by=SEED, at=moment())
