"""Each kind of change of the ledger: approved, carried out, named in the log, taken back where it says so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from governance.change.core.states import State
from governance.change.core.verbs import Verb
from governance.change.errors import ChangeStale, EffectRefused
from governance.change.models import Change
from governance.change.types import change_type
from governance.change.types.base import Applying, FindingState, carry_out
from ledger.core.types import JSONObject
from ledger.errors import DecisionNeeded, StreamFrozen
from ledger.models import LeafObject
from ledger.selectors.health import policy_in_force
from ledger.selectors.keys import key_in_force, keys_of
from ledger.selectors.publicity import publicity
from ledger.selectors.streams import StreamView, stream
from ledger.services.erasures import erase_due
from ledger.services.holds import place_hold
from ledger.services.keys import rotate
from ledger.services.publicity import set_publicity
from ledger.services.restrictions import Place, restrict
from ledger.services.seal import seal_window
from ledger.services.terms import Change as Terms
from ledger.services.terms import declare
from tests.support.clones import Clone
from tests.support.decided import founded_ledger, named_in_a_leaf
from tests.support.erasing import asked
from tests.support.governed import World, world
from tests.support.log_audit import audit
from tests.support.streams import append, event, events
from tests.support.world import moment

pytestmark = pytest.mark.db
WHY = {"reason": "a test", "by": "person:1"}


@pytest.fixture
def it(ledger_db: Clone) -> World:
    made = world()
    append(log(), *events(range(6)))
    place_hold(log(), [(6, 6)], case="C-1", **WHY)
    seal_window(log().id, reason="request")
    return made


def log() -> StreamView:
    return stream("acme", "decisions")


def executed(it: World, kind: str, body: JSONObject) -> Change:
    row = it.approved(it.in_review(kind, body))
    it.pass_time(3_620)
    return it.say(row, Verb.EXECUTE, "eva")


def named(**more: Any) -> JSONObject:
    return {"stream": log().origin, **more}


def older_key(it: World) -> str:
    """The older of two checkpoint keys."""
    old = key_in_force(log().id, "checkpoint").kid
    executed(it, "log_key.rotate", named(use="checkpoint", alg="ed25519"))
    return old


BODIES: dict[str, Callable[[World], JSONObject]] = {
    "stream.publicity": lambda _: named(tiles=True, entries=False),
    "stream.retention": lambda _: named(attrs_days=None, payload_days=400),
    "stream.policy": lambda _: named(policy=f"# reviewed\n{policy_in_force(log())}"),
    "payload.erase": lambda _: {**named(to=4, parts=["payload"], reason_code="subject"), "from": 2},
    "hold.release": lambda _: named(case="C-1"),
    "reliance.pause": lambda _: {**named(to=4), "from": 2},
    "log_key.rotate": lambda _: named(use="receipt", alg="ed25519"),
    "log_key.retire": lambda it: named(kid=older_key(it), alg="ed25519"),
}
LEAVES = {
    "stream.retention": "terms", "stream.policy": "policy", "payload.erase": "erasure", "hold.release": "hold",
    "reliance.pause": "reliance", "log_key.rotate": "key", "log_key.retire": "key",
}  # fmt: skip


@pytest.mark.parametrize("name", BODIES)
def test_it_takes_effect_as_it_was_signed_and_is_taken_back_where_it_says_so(it: World, name: str) -> None:
    founded_ledger()
    kind, body = change_type(name), BODIES[name](it)
    base = kind.base(body, lock=False)
    result, back = kind.result(base, body), kind.way_back(base, body)
    assert all(one.state is FindingState.PASS for one in kind.preflight(base, body))
    row = executed(it, name, body)
    assert row.state == State.APPLIED
    assert kind.base(body, lock=False) == result
    assert row.tenant == str(it.acme.tenant.public_id)
    if name in LEAVES:
        written = [one for one in audit(log()).leaves if one.kind == LEAVES[name]][-1]
        assert written.fields["decision"] == named_in_a_leaf(row.key)
    if back is not None:
        assert isinstance(back["body"], dict)
        assert executed(it, str(back["type"]), back["body"]).state == State.APPLIED
        assert kind.base(body, lock=False) == base


def test_no_way_back_is_said_before_anybody_signs(it: World) -> None:
    for name in ("payload.erase", "hold.release", "log_key.rotate"):
        body = BODIES[name](it)
        row = it.in_review(name, body)
        assert row.revisions.get().way_back is None
    kind, body = change_type("payload.erase"), BODIES["payload.erase"](it)
    assert "There is no way back" in kind.invalidates(kind.base(body, lock=False), body)[0]


def test_the_content_is_gone_when_the_change_is_applied(it: World) -> None:
    executed(it, "payload.erase", BODIES["payload.erase"](it))
    here = LeafObject.objects.filter(stream_id=log().id, role="payload").values_list("index", flat=True)
    assert not {2, 3, 4} & set(here)


def test_a_key_that_owes_nothing_is_destroyed_for_ever(it: World) -> None:
    old = key_in_force(log().id, "receipt").kid
    rotate(log(), "receipt", actor="person:1")
    body, kind = named(kid=old), change_type("log_key.destroy")
    assert kind.preflight({"private_half": True}, body)[-1].state is FindingState.FAIL
    seal_window(log().id, reason="request")
    founded_ledger()
    assert executed(it, "log_key.destroy", body).state == State.APPLIED
    assert next(key for key in keys_of(log().id) if key.kid == old).sealed is None


MOVES: dict[str, Callable[[], object]] = {
    "stream.retention": lambda: declare(log(), Terms(payload_days=9), **WHY),
    "log_key.rotate": lambda: rotate(log(), "receipt", actor="person:1"),
}


@pytest.mark.parametrize("name", MOVES)
def test_a_base_that_moved_makes_it_stale_and_nothing_happens(it: World, name: str) -> None:
    body = BODIES[name](it)
    row = it.approved(it.in_review(name, body))
    MOVES[name]()
    size = log().size
    it.pass_time(3_620)
    with pytest.raises(ChangeStale):
        it.say(row, Verb.EXECUTE, "eva")
    row.refresh_from_db()
    assert row.state == State.STALE
    assert log().size == size


def test_what_a_service_refuses_at_the_end_ends_as_failed_and_leaves_nothing(it: World) -> None:
    body = BODIES["payload.erase"](it)
    row = it.approved(it.in_review("payload.erase", body))
    place_hold(log(), [(3, 3)], case="C-2", **WHY)
    size = log().size
    it.pass_time(3_620)
    with pytest.raises(Exception, match="hold"):
        it.say(row, Verb.EXECUTE, "eva")
    row.refresh_from_db()
    assert row.state == State.FAILED
    assert log().size == size


def test_preflight_tells_holds_freezes_and_foreign_policies(it: World) -> None:
    erase, policy = change_type("payload.erase"), change_type("stream.policy")
    held = {**named(to=6, parts=["payload"], reason_code="subject"), "from": 5}
    assert [one.code for one in erase.preflight(erase.base(held, lock=False), held)] == ["stream_open", "held"]
    foreign = named(policy=policy_in_force(stream("_system", "events")))
    (_, found) = policy.preflight(policy.base(foreign, lock=False), foreign)
    assert (found.code, found.state) == ("policy_of_another_log", FindingState.FAIL)
    with transaction.atomic():
        restrict([Place("acme")], "frozen", reason="x", actor="a")
    (found,) = change_type("stream.publicity").preflight({}, named(tiles=True, entries=False))
    assert (found.code, found.state) == ("stream_frozen", FindingState.FAIL)


def test_an_unknown_stream_a_foreign_key_and_a_range_behind_the_end_are_refused(it: World) -> None:
    del it
    bodies: tuple[tuple[str, JSONObject], ...] = (
        ("stream.publicity", {"stream": "o.example/log/no/where", "tiles": True, "entries": False}),
        ("log_key.destroy", named(kid="ab" * 16)),
        ("reliance.pause", {**named(to=4_000), "from": 2}),
    )
    for name, body in bodies:
        with pytest.raises(EffectRefused):
            change_type(name).base(body, lock=False)


def test_nobody_does_it_past_a_change(it: World) -> None:
    founded_ledger()
    with pytest.raises(DecisionNeeded):
        set_publicity(log(), tiles=True, entries=None)
    assert not publicity("acme", "decisions").tiles


def test_a_frozen_tenants_streams_take_nothing_until_the_thaw(it: World) -> None:
    scope = f"tenant:{it.acme.tenant.public_id}"
    context = Applying("0198c0de-0000-7000-8000-000000000009", it["eva"].principal(), moment(it.now))
    with transaction.atomic():
        carry_out(change_type("freeze"), {}, {"scope": scope, "reason": "a leak"}, context)
    with pytest.raises(StreamFrozen):
        append(log(), event("late"))
    with pytest.raises(StreamFrozen):
        erase_due(log(), asked((2, 2)))
    with transaction.atomic():
        carry_out(change_type("thaw"), {}, {"scope": scope}, context)
    append(log(), event("late"))
