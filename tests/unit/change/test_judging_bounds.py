"""What bounds a decision beside its quorum is judged from the record too: caps, freezes, tenants, the old key."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from governance.change.core.judging import Judgement, judge
from governance.change.core.limits import step_of
from governance.change.core.policy import Cap, Tier
from governance.change.core.verbs import Verb
from ledger.core.types import JSONObject
from ledger.core.verify.judging import Objection
from tests.corpus.governed import IDS, ORIGIN, TENANT, Change, Record, decided, founded, in_units, key_json, kid, rule
from tests.corpus.governed import proposal as proposed
from tests.unit.change.test_judging import said

ELSEWHERE = "0198c0de-0000-7000-8000-0000000000bb"
LOG = "demo.localhost/log/acme/decisions"
CAPPED = replace(rule(), caps=(Cap("payload_days", 50, 86_400),))


def objections(record: Record) -> list[str]:
    return [f"{one.code}: {one.words}" for one in _objections(record)]


def _objections(record: Record) -> tuple[Objection, ...]:
    return judge(ORIGIN, said(record)).objections


def kept(record: Record, number: int, before: int | None, after: int | None, **more: Any) -> Change:
    """Payloads are kept for `after` days from now on."""
    documents: list[JSONObject] = [{"attrs_days": None, "payload_days": days} for days in (before, after)]
    return proposed(
        record, number, kind="stream.retention", subject=f"stream:{LOG}/retention",
        body={"stream": LOG, **documents[1]}, base=documents[0], result=documents[1], **more,
    )  # fmt: skip


def carried_out(change: Change, who: str = "eva") -> Change:
    change.submitted()
    change.executed([change.approved("ben"), change.approved("cyd", "timelocked")], who)
    return change


def test_steps_within_a_cap_are_in_order_and_those_that_add_up_to_more_are_not() -> None:
    record = founded(made=CAPPED)
    carried_out(kept(record, 1, 365, 340))
    assert objections(record) == []
    carried_out(kept(record, 2, 340, 310))
    assert objections(record) == [
        "decision_invalid: The steps add up to too much: payload_days: 55 within 86,400 s; the cap is 50"
    ]


def test_steps_of_another_day_do_not_add_up() -> None:
    record = founded(made=CAPPED)
    carried_out(kept(record, 1, 365, 340))
    record.minute += 24 * 60
    carried_out(kept(record, 2, 340, 310))
    assert objections(record) == []


def test_for_ever_is_no_small_step() -> None:
    record = founded(made=CAPPED)
    carried_out(kept(record, 1, None, 364))
    assert len(objections(record)) == 1


def reverted(record: Record, first: Change, who: str = "eva") -> None:
    back = kept(record, 9, 340, 365, direction="loosens", reverts=first.id).submitted()
    record.step(
        "change:effect:reverted", back, "applied", who, execution=back.word(Verb.REVERT, who), reverts=first.id,
        executor=f"person:{IDS[who]}", **back.facts([]),
    )  # fmt: skip


def test_a_way_back_is_held_by_a_cap_too_and_not_against_itself() -> None:
    way_back: JSONObject = {
        "type": "stream.retention",
        "body": {"stream": LOG, "attrs_days": None, "payload_days": 365},
    }
    record = founded(made=replace(CAPPED, caps=(Cap("payload_days", 30, 86_400),)))
    reverted(record, carried_out(kept(record, 1, 365, 340, way_back=way_back)))
    assert objections(record) == []
    record = founded(made=replace(CAPPED, caps=(Cap("payload_days", 40, 86_400),)))
    carried_out(kept(record, 2, 345, 365))
    reverted(record, carried_out(kept(record, 1, 365, 345, way_back=way_back)))
    assert len(objections(record)) == 2
    assert "declared" not in str(objections(record))


def freeze(record: Record, who: str, scope: str = "platform") -> Change:
    change = proposed(
        record, 7, kind="freeze", subject=f"freeze:{scope}", body={"scope": scope, "reason": "A leak."},
        base={"frozen": False}, result={"frozen": True},
    ).submitted()  # fmt: skip
    record.step(
        "change:effect:contained", change, "applied", who, execution=change.word(Verb.FREEZE, who),
        executor=f"person:{IDS[who]}", **change.facts([]),
    )  # fmt: skip
    return change


EMERGENCY = replace(rule(Tier.EMERGENCY), lock_s=0)
"""One word freezes under it, and nothing is said of independent times."""


@pytest.mark.parametrize(
    ("froze", "thaws", "found"),
    [
        ("ann", "eva", []),
        ("ben", "eva", ["The quorum is not met"]),
        ("eva", "eva", ["Who executed is concerned by it"]),
    ],
)
def test_who_froze_does_not_thaw(froze: str, thaws: str, found: list[str]) -> None:
    record = founded(made=EMERGENCY)
    freeze(record, froze)
    before = len(objections(record))
    thaw = proposed(
        record, 8, kind="thaw", subject="freeze:platform", body={"scope": "platform"}, base={"frozen": True},
        result={"frozen": False}, direction="loosens",
    )  # fmt: skip
    carried_out(thaw, thaws)
    told = objections(record)[before:]
    assert [any(words in one for one in told) for words in found] == [True] * len(found)
    assert len(told) == len(found)


def roles(*held: str, tenant: str | None = None) -> JSONObject:
    return {"groups": [], "roles": [{"role": one, "tenant": tenant, "expires": None} for one in held]}


def granted(record: Record, **more: Any) -> Change:
    body: JSONObject = {
        "person": ELSEWHERE, "role": "author", "tenant": TENANT, "expires": None, "group": None, **more.pop("body", {}),
    }  # fmt: skip
    return proposed(
        record, kind="role.grant", subject=f"person:{ELSEWHERE}/roles", body=body, base=roles(),
        result=roles("author", tenant=TENANT), direction="loosens", **more,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("scope", "body", "stops"),
    [
        (f"tenant:{TENANT}", {}, True),
        (f"tenant:{TENANT}", {"group": "ops"}, False),
        (f"tenant:{TENANT}", {"tenant": None}, False),
        (f"tenant:{ELSEWHERE}", {}, False),
    ],
)
def test_a_freeze_of_a_tenant_stops_what_the_platform_decides_for_it(
    scope: str, body: JSONObject, *, stops: bool
) -> None:
    record = founded(made=EMERGENCY)
    freeze(record, "ben", scope)
    carried_out(granted(record, body=body))
    told = objections(record)
    assert any(f"while a freeze stood over {scope}" in one for one in told) is stops, told


def provisional(record: Record, body: JSONObject, *, first: str = "ben", **more: Any) -> Change:
    """Declared by `first`, acknowledged by eva."""
    change = proposed(record, kind="emergency.apply", body={"incident": "leak", **body}, **more).submitted()
    record.step("change:word:emergency_declared", change, "draft", first, **change.word(Verb.EMERGENCY, first))
    record.step(
        "change:effect:applied_provisionally", change, "applied_provisional", "eva",
        execution=change.word(Verb.ACKNOWLEDGE_EMERGENCY, "eva"), executor=f"person:{IDS['eva']}", **change.facts([]),
    )  # fmt: skip
    return change


SUSPENDED: JSONObject = {"type": "tenant.state", "body": {"tenant": TENANT, "state": "suspended"}}


@pytest.mark.parametrize("frozen", [False, True])
def test_nothing_lapses_under_a_freeze(*, frozen: bool) -> None:
    record = founded(made=EMERGENCY)
    change = provisional(record, SUSPENDED)
    if frozen:
        freeze(record, "ben")
    facts = {**change.facts([]), "base": change.result, "result": change.base, "outcome": "undone"}
    record.step("change:effect:lapsed", change, "lapsed", "machine:settle", **facts)
    assert ["while a freeze stood over platform" in one for one in objections(record)] == [True] * frozen


@pytest.mark.parametrize(("whom", "wrong"), [("ann", False), ("ben", True), ("eva", True)])
def test_nobody_decides_an_emergency_about_themselves(whom: str, *, wrong: bool) -> None:
    record = founded(made=EMERGENCY)
    held = {"ann": "author", "ben": "approver", "eva": "executor"}[whom]
    base: JSONObject = {**roles(held), "groups": ["ops"] if whom == "ben" else []}
    body: JSONObject = {"person": IDS[whom], "role": held, "tenant": None, "group": None}
    provisional(
        record, {"type": "role.revoke", "body": body}, subject=f"person:{IDS[whom]}/roles", base=base,
        result={**base, "roles": []},
    )  # fmt: skip
    assert bool(objections(record)) is wrong, objections(record)


@pytest.mark.parametrize(("tenant", "wrong"), [(TENANT, False), (ELSEWHERE, True), (None, True)])
def test_an_executor_of_a_tenant_carries_out_what_is_its_own(tenant: str | None, *, wrong: bool) -> None:
    record = founded(at_home={"eva": TENANT})
    carried_out(proposed(record, tenant=tenant))
    told = objections(record)
    assert [("does not hold the role executor" in one) for one in told] == [True] * wrong


@pytest.mark.parametrize(("home", "wrong"), [(None, True), (TENANT, False), (ELSEWHERE, True)])
def test_a_place_counts_with_the_role_where_its_group_is_at_home(home: str | None, *, wrong: bool) -> None:
    record = founded(at_home={"ben": TENANT, "cyd": TENANT}, home=home)
    decided(record)
    assert [("The quorum is not met" in one) for one in objections(record)] == [True] * wrong


OTHER_KID = "ab" * 16


def rotation(record: Record, use: str = "decision", replaces: str = "") -> Change:
    """cyd's key is replaced, or another key of cyd's."""
    other: JSONObject = {"custody": "offline", "kid": OTHER_KID, "public": "cd" * 32, "use": use}
    old: list[Any] = [key_json("cyd")]
    return proposed(
        record, kind="key.rotate", subject=f"person:{IDS['cyd']}/keys", direction="loosens",
        body={"person": IDS["cyd"], **other, "replaces": replaces or kid("cyd")},
        base={"keys": old}, result={"keys": [other, *(old if use == "native" else [])]},
    )  # fmt: skip


ONE = replace(rule(count=1), lock_s=0)


@pytest.mark.parametrize(
    ("who", "use", "changed", "wrong"),
    [
        ("cyd", "decision", {}, False),
        ("", "decision", {}, True),
        ("ann", "decision", {}, True),
        ("cyd", "decision", {"base": {"keys": []}}, True),
        ("cyd", "native", {}, False),
        ("", "native", {}, True),
    ],
)
def test_a_key_is_replaced_with_its_own_word(who: str, use: str, changed: Any, *, wrong: bool) -> None:
    record = founded(made=ONE)
    change = rotation(record, use, "ef" * 16 if use == "native" else "").submitted()
    words = [change.approved("ben", "timelocked")]
    if who:
        word = change.word(Verb.ROTATE_KEY, who, **changed)
        record.step("change:word:key_handed_over", change, "timelocked", who, **word)
    change.executed(words)
    assert ["The key that is replaced has not signed" in one for one in objections(record)] == [True] * wrong


def test_another_decision_key_of_the_holder_hands_nothing_over() -> None:
    record = founded(made=ONE)
    change = rotation(record, replaces="ef" * 16).submitted()
    words = [change.approved("ben", "timelocked")]
    record.step("change:word:key_handed_over", change, "timelocked", "cyd", **change.word(Verb.ROTATE_KEY, "cyd"))
    change.executed(words)
    assert any("The key that is replaced has not signed" in one for one in objections(record))


def test_one_passkey_behind_two_keys_counts_once() -> None:
    record = founded()
    change = proposed(record).submitted()
    gesture: JSONObject = {"credential": "aa" * 32}
    words = [
        record.step("change:word:approved", change, to, who, **{**change.word(Verb.APPROVE, who), "assertion": gesture})
        for who, to in (("ben", "in_review"), ("cyd", "timelocked"))
    ]
    change.executed(words)
    assert any("The quorum is not met" in one for one in objections(record))


APART = replace(rule(), units_apart=True)


def test_units_that_no_record_names_are_nobodys() -> None:
    record = founded(made=APART)
    decided(record)
    assert any("The quorum is not met by the signatures that count" in one for one in objections(record))


def test_units_that_may_stand_in_what_is_hidden_are_said_and_not_assumed() -> None:
    record = founded(made=APART, beside=in_units(ben="north", cyd="south"))
    record.entered("cyd", "east")
    decided(record)
    heard = said(record)
    assert judge(ORIGIN, heard).objections == ()
    gone = [replace(one, payload=None) if one.type == "identity:person:created" else one for one in heard]
    assert [f"{one.code}: {one.words}" for one in judge(ORIGIN, gone).objections] == [
        "decision_unproven: The rule keeps organisational units apart, and something that may name one is not here"
    ]


STEPS: list[tuple[JSONObject, JSONObject, str, int | None]] = [
    ({"a": 3}, {"a": 10}, "a", 7),
    ({"a": 10}, {"a": 3}, "a", 7),
    ({"a": None}, {"a": 3}, "a", None),
    ({"a": True}, {"a": 3}, "a", None),
    ({"a": 1}, {"a": True}, "a", None),
    ({"a": 1}, {"b": 2}, "b", None),
    ({"a": 1}, {"a": 2}, "b", 0),
    ({"r": {"ttl": "3600"}}, {"r": {"ttl": "7200"}}, "r.ttl", 3_600),
    ({"r": {"ttl": "18446744073709551615"}}, {"r": {"ttl": "0"}}, "r.ttl", 2**64 - 1),
    ({"r": None}, {"r": {"ttl": "7200"}}, "r.ttl", None),
    ({"r": {"ttl": "07"}}, {"r": {"ttl": "8"}}, "r.ttl", None),
    ({"r": {"ttl": "-7"}}, {"r": {"ttl": "8"}}, "r.ttl", None),
    ({"r": "x"}, {"r": "y"}, "r.ttl", 0),
]


@pytest.mark.parametrize(("base", "result", "name", "step"), STEPS)
def test_a_step_is_between_two_whole_numbers_or_is_none(
    base: JSONObject, result: JSONObject, name: str, step: int | None
) -> None:
    assert step_of(base, result, name) == step


def test_where_a_unit_may_be_hidden_a_rule_is_judged_without_units_and_that_is_said() -> None:
    apart, reader = replace(rule(), units_apart=True), Judgement()
    assert reader._with_units(3, apart) is apart
    reader.units_hidden = True
    assert reader._with_units(3, apart) == rule()
    assert [(one.code, one.index) for one in reader.objections] == [("decision_unproven", 3)]


def test_a_unit_that_is_told_again_began_when_it_began() -> None:
    reader = Judgement()
    for at, unit in ((5, "west"), (9, "west"), (12, "east")):
        reader._keep_unit("person:a", unit, at)
        assert reader.units["person:a"] == (unit, 5 if unit == "west" else 12)
