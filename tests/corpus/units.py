"""Organisational units that a rule keeps apart: named at the founding, at the entry of somebody, and by a change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from governance.change.core.policy import Policy, strictest
from ledger.core.bundle import OBJECTS
from ledger.core.types import JSON, JSONObject
from tests.corpus.cases import Case, Mutation, own
from tests.corpus.decisions import case, drafted, export
from tests.corpus.draft import Draft
from tests.corpus.governed import IDS, Change, Record, decided, founded, in_units, key_json, proposal, rule

MUTATIONS: list[Mutation] = []
APART = replace(rule(), units_apart=True)
ALONE = rule(count=1)
NORTH = {"ben": "north"}
CREATED = ("created", "south")


def made(units: dict[str, str]) -> Callable[[], bytes]:
    """One decision of ben and cyd under a rule that keeps units apart."""

    def build() -> bytes:
        record = founded(made=APART, beside=in_units(**units))
        decided(record)
        return export(record)

    return build


def joined(*acts: tuple[str, str]) -> Record:
    """cyd is entered after the founding, approves by two changes, and then a policy that keeps units apart."""
    record = founded(made=ALONE, beside=in_units("cyd", **NORTH))
    for act, unit in acts:
        record.entered("cyd", unit, act)
    empty: JSONObject = {"groups": [], "roles": []}
    role: JSONObject = {"role": "approver", "tenant": None, "expires": None}
    _given(record, 7, "role.grant", "roles", {**role, "group": "ops"}, empty, {"groups": ["ops"], "roles": [role]})
    _given(record, 8, "key.enrol", "keys", key_json("cyd"), {"keys": []}, {"keys": [key_json("cyd")]})
    policy = kept_apart(record)
    policy.executed(both(policy))
    return record


def _given(
    record: Record, number: int, kind: str, part: str, more: JSONObject, base: JSONObject, result: JSONObject
) -> None:
    change = proposal(
        record, number, kind=kind, subject=f"person:{IDS['cyd']}/{part}", body={"person": IDS["cyd"], **more},
        base=base, result=result, direction="loosens",
    ).submitted()  # fmt: skip
    change.executed([change.approved("ben", "timelocked")])


def entered(*acts: tuple[str, str]) -> Callable[[], bytes]:
    return lambda: export(joined(*acts))


def hidden() -> bytes:
    """The payload of what entered cyd is left out."""
    record = joined(CREATED)
    place = next(place for place, (at, part) in enumerate(_payloads(record)) if at == 4 and part == "payload")

    def change(draft: Draft) -> None:
        draft.edit(OBJECTS["payload"], lambda lines: lines.pop(place))

    return own(drafted(record), change)


def _payloads(record: Record) -> list[tuple[int, str]]:
    return sorted(key for key in record.log.objects if key[1] == "payload")


def told_of_whom_the_genesis_names() -> bytes:
    record = founded(made=APART, beside=in_units(**NORTH))
    record.entered("cyd", "south")
    decided(record)
    return export(record)


def moving(record: Record, who: str, before: JSON, after: JSON) -> Change:
    subject, body = f"person:{IDS[who]}/unit", {"person": IDS[who], "unit": after}
    return proposal(
        record, 7, kind="person.unit", subject=subject, body=body, base={"unit": before}, result={"unit": after},
        direction="loosens",
    ).submitted()  # fmt: skip


def kept_apart(record: Record) -> Change:
    """A policy that keeps units apart is proposed under one that does not."""
    told = strictest([record.rule, replace(APART, name="everything (proposed)")])
    text = Policy((APART,)).to_json()
    return proposal(
        record, kind="policy.change", subject="policy", body={"policy": text}, base=record.policy.to_json(),
        result=text, direction="loosens", rule=told.to_json(),
    ).submitted()  # fmt: skip


def both(change: Change) -> list[int]:
    return [change.approved("ben"), change.approved("cyd", "timelocked")]


def moved(unit: str, *, by: str = "ben") -> Callable[[], bytes]:
    """cyd is moved by a change before both approve a policy that keeps units apart."""

    def build() -> bytes:
        record = founded(made=ALONE, beside=in_units(**NORTH))
        change = moving(record, "cyd", None, unit)
        change.executed([change.approved(by, "timelocked")])
        policy = kept_apart(record)
        policy.executed(both(policy))
        return export(record)

    return build


def moved_late() -> bytes:
    """cyd is moved while the lock runs: it begins anew, and was not over."""
    record = founded(made=ALONE, beside=in_units(ben="north", cyd="east"))
    policy = kept_apart(record)
    words = both(policy)
    change = moving(record, "cyd", "east", "south")
    change.executed([change.approved("ben", "timelocked")])
    policy.executed(words, wait=1)
    return export(record)


CASES: list[Case] = [
    case("units-apart", "Two approvals of two units.", made({"ben": "north", "cyd": "south"})),
    case("units-shared", "Two approvals of one unit.", made({"ben": "north", "cyd": "north"}), "decision_invalid"),
    case("unit-unknown", "An approver of no unit.", made(NORTH), "decision_invalid"),
    case("unit-entered", "A unit that the entry of somebody told.", entered(CREATED)),
    case("unit-entered-together", "Somebody was entered into the unit of the other.", entered(("created", "north")),
         "decision_invalid"),
    case("unit-entered-twice", "A second entry of somebody tells another unit.",
         entered(("created", "north"), CREATED), "decision_invalid"),
    case("unit-entered-late", "An entry of somebody whom the genesis names.", told_of_whom_the_genesis_names,
         "decision_invalid"),
    case("unit-set-by-nobody", "After the founding a unit was set, and no change decided it.",
         entered(("created", "north"), ("unit_set", "south")), "decision_invalid"),
    case("unit-hidden", "The event that told a unit is not shown.", hidden, "payload_missing", "decision_unproven"),
    case("unit-moved", "A change moved an approver to a unit of their own.", moved("south")),
    case("unit-moved-together", "A change moved an approver to the unit of the other.", moved("north"),
         "decision_invalid"),
    case("unit-moved-by-oneself", "An approver approved the change that moved them.", moved("south", by="cyd"),
         "decision_invalid"),
    case("unit-moved-late", "An approver was moved while the lock ran, and it was not waited for again.", moved_late,
         "timelock_violated"),
]  # fmt: skip
