"""After the founding the governed services do nothing without a decision, and what they write names it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import IntegrityError, transaction

from ledger.errors import DecisionNeeded
from ledger.models import LeafObject, Publicity
from ledger.selectors.governed import governed_since
from ledger.selectors.health import policy_in_force
from ledger.selectors.keys import key_in_force, keys_of
from ledger.selectors.leaves import leaf
from ledger.selectors.streams import StreamView, stream, stream_by_id
from ledger.services import governed
from ledger.services.erasures import Asked, erase, erase_within
from ledger.services.holds import place_hold, release_hold, release_within
from ledger.services.key_recovery import apply
from ledger.services.keys import destroy, retire, rotate
from ledger.services.policy_leaf import PolicyOfAnotherLog, PolicyUnchanged, set_policy_within
from ledger.services.publicity import set_publicity
from ledger.services.reliance import set_reliance_within
from ledger.services.restrictions import Place, lift, restrict
from ledger.services.seal import seal_window
from ledger.services.streams import ensure_platform
from ledger.services.terms import Change, Told, declare, declare_within
from tests.support.decided import DECISION, behind, decided, founded
from tests.support.erasing import asked
from tests.support.log_audit import audit
from tests.support.streams import append, events, fresh, new_stream

pytestmark = pytest.mark.db
REASON = {"reason": "a test", "by": "person:1"}
ACTOR = "person:1"


@pytest.fixture
def made(ledger_db: object) -> StreamView:
    ensure_platform()
    found = new_stream()
    append(found, *events(range(5)))
    place_hold(found, [(1, 1)], case="C-1", **REASON)
    seal_window(found.id, reason="request")
    return found


def _within(act: Callable[[], Any]) -> Any:
    with transaction.atomic():
        return act()


def _named() -> dict[str, str]:
    return {"origin": stream("_governance", "changes").origin, "change": DECISION}


def _policy(found: StreamView) -> str:
    return f"# governed\n{policy_in_force(found)}"


GOVERNED: dict[str, Callable[[StreamView], Any]] = {
    "stream.publicity": lambda on: _within(lambda: set_publicity(on, tiles=True, entries=None)),
    "stream.retention": lambda on: declare(on, Change(payload_days=5), **REASON),
    "stream.policy": lambda on: _within(lambda: set_policy_within(on, _policy(on), decision=None)),
    "payload.erase": lambda on: erase(on, asked((2, 2))),
    "hold.release": lambda on: release_hold(on, case="C-1", **REASON),
    "reliance.resume": lambda on: _within(lambda: set_reliance_within(on, 1, 2, paused=False, reason="over")),
    "log_key.rotate": lambda on: rotate(on, "receipt", actor=ACTOR),
    "log_key.retire": lambda on: retire(on, rotated(on), actor=ACTOR),
    "log_key.destroy": lambda on: destroy(on, ended(on), actor=ACTOR),
    "log_key.recover": lambda on: apply(on, b"{}", b"", actor=ACTOR),
    "tenant.state": lambda on: _within(lambda: restrict([Place(on.namespace)], "suspended", reason="x", actor=ACTOR)),
    "thaw": lambda on: _within(lambda: lift([Place(on.namespace)], "frozen")),
}


def rotated(found: StreamView) -> str:
    """The older of two checkpoint keys."""
    old = key_in_force(found.id, "checkpoint").kid
    with decided():
        rotate(found, "checkpoint", actor=ACTOR, decision=DECISION)
    return old


def ended(found: StreamView) -> str:
    """A receipt key that signs nothing any more and owes nothing."""
    old = key_in_force(found.id, "receipt").kid
    with decided():
        rotate(found, "receipt", actor=ACTOR, decision=DECISION)
    seal_window(found.id, reason="request")
    return old


@pytest.mark.parametrize("change", GOVERNED)
def test_nothing_happens_without_a_decision(made: StreamView, change: str) -> None:
    founded()
    if change == "log_key.destroy":
        ended(made)
    with pytest.raises(DecisionNeeded) as refused:
        GOVERNED[change](fresh(made))
    assert change in refused.value.next_step
    assert refused.value.code == "decision_needed"
    assert all(one.fields.get("decision") in (None, _named()) for one in audit(made).leaves)
    assert not Publicity.objects.exists()


@pytest.mark.parametrize("decision", ["", "cr-7", DECISION])
def test_what_is_not_carried_out_now_is_no_decision(made: StreamView, decision: str) -> None:
    founded()
    told = Told("a test", ACTOR, decision)
    steps: tuple[Callable[[], Any], ...] = (
        lambda: declare_within(fresh(made), Change(payload_days=5), told),
        lambda: set_policy_within(fresh(made), _policy(made), decision=decision),
        lambda: release_within(fresh(made), case="C-1", decision=decision, **REASON),
        lambda: set_reliance_within(fresh(made), 1, 2, paused=True, reason="why", decision=decision),
        lambda: rotate(fresh(made), "receipt", actor=ACTOR, decision=decision),
        lambda: restrict([Place(made.namespace)], "frozen", reason="x", actor=ACTOR, decision=decision),
    )
    for step in steps:
        with pytest.raises(DecisionNeeded, match="not carried out now"):
            _within(step)


def test_a_pause_of_reliance_only_takes_away_and_stays_direct(made: StreamView) -> None:
    founded()
    written = _within(lambda: set_reliance_within(made, 1, 2, paused=True, reason="another history was shown"))
    assert written.fields["decision"] is None


def test_what_a_decision_does_names_it_in_the_log(made: StreamView) -> None:
    founded()
    first = fresh(made).size
    told = Told("a test", ACTOR, DECISION)
    steps: tuple[Callable[[], Any], ...] = (
        lambda: declare_within(fresh(made), Change(payload_days=5), told),
        lambda: set_policy_within(fresh(made), _policy(made), decision=DECISION),
        lambda: release_within(fresh(made), case="C-1", decision=DECISION, **REASON),
        lambda: erase_within(fresh(made), Asked([(2, 2)], ["payload"], "subject", "asked", ACTOR, decision=DECISION)),
        lambda: set_reliance_within(fresh(made), 1, 2, paused=True, reason="why", decision=DECISION),
        lambda: set_reliance_within(fresh(made), 1, 2, paused=False, reason="why", decision=DECISION),
        lambda: rotate(fresh(made), "receipt", actor=ACTOR, decision=DECISION),
    )
    for step in steps:
        with decided():
            step()
    leaves = [
        one
        for one in audit(made).leaves[first:]
        if one.kind in {"terms", "policy", "hold", "erasure", "reliance", "key"}
    ]
    assert [one.kind for one in leaves] == ["terms", "policy", "hold", "erasure", "reliance", "reliance", "key"]
    assert all(one.fields["decision"] == _named() for one in leaves)


def test_the_content_goes_after_the_commit_and_not_before(made: StreamView) -> None:
    founded()
    payloads = LeafObject.objects.filter(stream_id=made.id, index=2, role="payload")
    with decided():
        erase_within(made, Asked([(2, 2)], ["payload"], "subject", "asked", ACTOR, decision=DECISION))
        assert payloads.exists()
    assert not payloads.exists()


@pytest.mark.parametrize("use", ["receipt", "checkpoint"])
def test_a_rotation_that_is_rolled_back_leaves_nothing(made: StreamView, use: str) -> None:
    founded()
    before, size = [key.kid for key in keys_of(made.id)], fresh(made).size

    def torn() -> None:
        rotate(made, use, actor=ACTOR, decision=DECISION)
        raise RuntimeError("the execution ends here")

    with pytest.raises(RuntimeError, match="ends here"), decided():
        torn()
    assert [key.kid for key in keys_of(made.id)] == before
    assert fresh(made).size == size
    append(made, *events(["after"]))
    assert leaf(made, size).kid == key_in_force(made.id, "receipt").kid


def test_a_policy_must_name_a_key_of_its_log_and_change_something(made: StreamView) -> None:
    other = new_stream("other")
    with pytest.raises(PolicyOfAnotherLog), transaction.atomic():
        set_policy_within(made, policy_in_force(other), decision=None)
    with pytest.raises(PolicyUnchanged), transaction.atomic():
        set_policy_within(made, policy_in_force(made), decision=None)


def test_a_command_says_which_change_to_draft(made: StreamView) -> None:
    founded()
    with pytest.raises(CommandError, match=r"stream\.retention"):
        call_command("retention_set", "acme/decisions", "--payload-days", "5", "--reason", "x")


def test_a_founding_waits_for_nobody_who_comes_later(made: StreamView) -> None:
    def begin() -> None:
        governed.begin("genesis", index=0, genesis="0" * 64, at=datetime.now(UTC))

    done = behind(begin, lambda: declare(stream_by_id(made.id), Change(payload_days=5), **REASON))
    assert isinstance(done.exception(), DecisionNeeded)


def test_a_deployment_is_founded_once_and_for_ever(made: StreamView, owner_connection: Any) -> None:
    founded()
    found = governed_since()
    assert found is not None
    assert (found.change, found.index) == ("genesis", 0)
    with pytest.raises(IntegrityError), transaction.atomic():
        governed.begin("again", index=1, genesis="1" * 64, at=datetime.now(UTC))
    with pytest.raises(Exception, match="append-only"):
        owner_connection.execute("DELETE FROM ledger_governed")
