"""One suspension of a tenant, from its draft to its effect, with real keys and real commits."""

from __future__ import annotations

import base64

import pytest

from governance.change.actions.take_word import take_word
from governance.change.core.states import State
from governance.change.core.verbs import Verb
from governance.change.errors import QuorumMissing, TimeLocked, TransitionRefused
from governance.change.models import Word
from governance.identity.actions.set_tenant_state import set_tenant_state
from governance.identity.models import Tenant
from governance.identity.models.tenant import TenantState
from ledger.errors import DecisionNeeded
from ledger.selectors.leaves import event, events_in
from ledger.selectors.streams import stream
from tests.support.clones import Clone
from tests.support.governed import World, payload_of, world
from tests.support.world import SEED, moment

pytestmark = pytest.mark.db


@pytest.fixture
def it(ledger_db: Clone) -> World:
    return world()


def state_of(it: World) -> str:
    return str(Tenant.objects.get(pk=it.acme.tenant.pk).state)


def recorded() -> list[str]:
    log = stream("_governance", "changes")
    return [row.type for row in events_in(log, None, 500) if row.type.startswith(("change:", "identity:tenant:state"))]


def test_two_approve_the_lock_runs_out_and_a_third_executes(it: World) -> None:
    row = it.in_review()
    assert row.state == State.IN_REVIEW
    row = it.say(row, Verb.APPROVE, "ben")
    assert (row.state, row.ready_at) == (State.IN_REVIEW, None)
    row = it.say(row, Verb.APPROVE, "cyd")
    assert row.state == State.TIMELOCKED
    with pytest.raises(TimeLocked):
        it.say(row, Verb.EXECUTE, "eva")
    it.pass_time(3_601)
    row = it.say(row, Verb.EXECUTE, "eva")
    assert (row.state, row.executor, state_of(it)) == (State.APPLIED, it["eva"].id, "suspended")
    assert recorded() == [
        "change:proposal:drafted", "change:proposal:submitted", "change:word:approved", "change:word:approved",
        "identity:tenant:state_changed", "change:effect:executed",
    ]  # fmt: skip


def test_the_record_holds_the_words_verbatim(it: World) -> None:
    row = it.approved(it.in_review())
    log = stream("_governance", "changes")
    for word in Word.objects.filter(change=row):
        told = payload_of(event(log, word.index).payload)
        assert told["envelope"].encode() == base64.b64encode(bytes(word.envelope))


def test_one_approval_executes_nothing(it: World) -> None:
    row = it.say(it.in_review(), Verb.APPROVE, "ben")
    it.pass_time(10_000)
    with pytest.raises((QuorumMissing, TransitionRefused)):
        it.say(row, Verb.EXECUTE, "eva")
    assert state_of(it) == "active"


def test_nothing_is_executed_twice(it: World) -> None:
    row = it.approved(it.in_review())
    it.pass_time(3_601)
    envelope = it.signed(row, Verb.EXECUTE, "eva")
    other = it.signed(row, Verb.EXECUTE, "fay")
    take_word(row.key, envelope, by=it["eva"].principal(), at=moment(it.now))
    with pytest.raises(TransitionRefused):
        take_word(row.key, other, by=it["fay"].principal(), at=moment(it.now))
    assert recorded().count("change:effect:executed") == 1


def test_after_the_founding_nobody_sets_the_state_past_a_change(it: World) -> None:
    with pytest.raises(DecisionNeeded):
        set_tenant_state(it.acme.tenant, TenantState.SUSPENDED, "quick", by=SEED, at=moment())
