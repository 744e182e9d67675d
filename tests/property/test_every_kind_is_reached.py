"""Every kind of change goes through the whole gate, with adversaries at each step; what was reached is counted.

I1, I3, I4 and I7 for each kind: nobody approves their own text, nothing is carried out without its quorum, before its
lock, by an approver, or twice, and what is applied is what the statement said.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from governance.change.core.policy import Policy
from governance.change.core.statement import digest_of
from governance.change.core.states import TERMINAL, State
from governance.change.core.verbs import Verb
from governance.change.models import Change
from governance.change.selectors.standing import current
from governance.change.types import TYPES, change_type
from governance.change.types.targets import OfTarget
from ledger.errors import RequestError
from ledger.selectors.keys import key_in_force
from ledger.services.holds import place_hold
from ledger.services.keys import rotate
from ledger.services.seal import seal_window
from tests.db.change.test_kinds_of_the_ledger_take_effect import BODIES, WHY, log, named
from tests.support.clones import Clone
from tests.support.governed import World, rule, world
from tests.support.people import registered
from tests.support.streams import append, events

pytestmark = pytest.mark.db
REACHED: Counter[str] = Counter()
ELSEWHERE = {"genesis", "log_key.recover", *(one.name for one in TYPES if isinstance(one, OfTarget))}
"""The founding and a recovery have gates of their own; kinds about a target go through this one in
tests/db/evidenceos/test_through_the_gate.py and test_settings_through_the_gate.py, which need a directory.
"""


@pytest.fixture
def it(ledger_db: Clone) -> World:
    made = world()
    append(log(), *events(range(6)))
    place_hold(log(), [(6, 6)], case="C-1", **WHY)
    seal_window(log().id, reason="request")
    return made


def key_of(it: World, who: str, **more: Any) -> dict[str, Any]:
    key = registered(it[who].row, **more)[0]
    told = {"kid": key.kid, "public": bytes(key.public).hex(), "custody": key.custody, "use": key.use}
    return {"person": str(it[who].row.public_id), **told, **more}


def destroyed(it: World) -> dict[str, Any]:
    old = key_in_force(log().id, "receipt").kid
    rotate(log(), "receipt", actor="person:1")
    seal_window(log().id, reason="request")
    return dict(named(kid=old))


def resumed(it: World) -> dict[str, Any]:
    body = {**named(to=4), "from": 2}
    carried_out(it, it.in_review("reliance.pause", body))
    return dict(body)


def thawed(it: World) -> dict[str, Any]:
    carried_out(it, it.in_review("freeze", {"scope": "platform", "reason": "Odd."}))
    return {"scope": "platform"}


MORE: dict[str, Callable[[World], dict[str, Any]]] = {
    "role.grant": lambda it: {
        "person": str(it["ada"].row.public_id), "role": "approver", "tenant": None, "group": None, "expires": None,
    },
    "role.revoke": lambda it: {
        "person": str(it["dov"].row.public_id), "role": None, "tenant": None, "group": "science",
    },
    "person.unit": lambda it: {"person": str(it["dov"].row.public_id), "unit": "north"},
    "key.enrol": lambda it: key_of(it, "fay"),
    "key.rotate": lambda it: key_of(it, "dov", replaces=it["dov"].kid),
    "key.revoke": lambda it: {"person": str(it["fay"].row.public_id), "kid": it["fay"].kid, "reason": "Lost."},
    "policy.change": lambda _: {"policy": Policy((rule("*", name="longer", lock_s=3_600, life_s=9_000),)).to_json()},
    "tenant.state": lambda it: dict(it.suspend),
    "reliance.resume": resumed,
    "log_key.destroy": destroyed,
    "freeze": lambda _: {"scope": "platform", "reason": "Odd."},
    "thaw": thawed,
    "drill": lambda _: {"exercise": "Can two of ops sign?"},
}  # fmt: skip

NAMES = sorted({*BODIES, *MORE})


def refuses(act: Callable[[], object]) -> None:
    with pytest.raises(RequestError):
        act()
    REACHED["refused"] += 1


def carried_out(it: World, row: Change) -> Change:
    """Through the gate, where somebody tries at each step what must not be taken."""
    refuses(lambda: it.say(row, Verb.APPROVE, "ada"))
    row = it.say(row, Verb.APPROVE, "ben")
    refuses(lambda: it.say(row, Verb.APPROVE, "ben"))
    refuses(lambda: it.say(row, Verb.EXECUTE, "eva"))
    row = it.say(row, Verb.APPROVE, "cyd")
    if row.type == "key.rotate":
        it.say(row, Verb.ROTATE_KEY, "dov")
    refuses(lambda: it.say(row, Verb.EXECUTE, "eva"))
    it.pass_time(3_620)
    refuses(lambda: it.say(row, Verb.EXECUTE, "ben"))
    executor = "fay" if row.type == "thaw" else "eva"
    row = it.say(row, Verb.EXECUTE, executor)
    refuses(lambda: it.say(row, Verb.EXECUTE, "fay"))
    return row


@pytest.mark.parametrize("name", NAMES)
def test_a_kind_goes_through_the_gate_and_no_other_way(it: World, name: str) -> None:
    body = {**BODIES, **MORE}[name](it)
    row = it.in_review(name, body)
    text = current(row)
    row = carried_out(it, row)
    assert row.state == State.APPLIED
    now = change_type(name).base(dict(body), lock=False)
    assert digest_of(now) == digest_of(text.result)
    REACHED[name] += 1


def test_an_emergency_goes_through_its_own(it: World) -> None:
    body = {"incident": "leak", "type": "tenant.state", "body": it.suspend}
    row = it.draft("emergency.apply", body)
    refuses(lambda: it.say(row, Verb.ACKNOWLEDGE_EMERGENCY, "eva"))
    it.say(row, Verb.EMERGENCY, "eva")
    refuses(lambda: it.say(row, Verb.ACKNOWLEDGE_EMERGENCY, "eva"))
    refuses(lambda: it.say(row, Verb.ACKNOWLEDGE_EMERGENCY, "ada"))
    row_now = it.say(row, Verb.ACKNOWLEDGE_EMERGENCY, "fay")
    row_now = it.approved(row_now)
    assert row_now.state == State.RATIFIED
    REACHED["emergency.apply"] += 1


def test_every_kind_is_among_those_above() -> None:
    """Each of them asserts its own arrival; where all ran in this process, what they reached is counted."""
    names = {one.name for one in TYPES}
    assert {*NAMES, "emergency.apply"} | ELSEWHERE == names
    reached = {name for name in REACHED if name != "refused"}
    if reached == names - ELSEWHERE:
        assert min(REACHED.values()) > 0
        assert REACHED["refused"] > 6 * len(NAMES)


def test_what_is_counted_here_and_in_the_histories_are_all_the_ends_there_are() -> None:
    from tests.property.test_change_histories import GOALS  # noqa: PLC0415 - a table

    assert {one.value for one in TERMINAL} <= set(GOALS)
