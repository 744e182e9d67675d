"""Kinds of change of the ledger: effect, direction and way back follow from documents alone."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.change.core.policy import Direction
from governance.change.errors import BodyMalformed, EffectRefused
from governance.change.selectors.effects import check_body
from governance.change.types import TYPES, change_type
from governance.change.types.hold_release import HoldRelease
from governance.change.types.log_keys import LogKeyDestroy, LogKeyRetire, LogKeyRotate
from governance.change.types.payload_erase import PayloadErase
from governance.change.types.reliance import ReliancePause, RelianceResume
from governance.change.types.stream_policy import StreamPolicy
from governance.change.types.stream_publicity import StreamPublicity
from governance.change.types.stream_retention import StreamRetention
from ledger.core.types import JSONObject

S = "o.example/log/acme/decisions"
KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
BODIES: dict[str, JSONObject] = {
    "stream.publicity": {"stream": S, "tiles": True, "entries": False},
    "stream.retention": {"stream": S, "attrs_days": None, "payload_days": 30},
    "stream.policy": {"stream": S, "policy": f"log {KEY}\nquorum none\n"},
    "payload.erase": {"stream": S, "from": 1, "to": 4, "parts": ["payload"], "reason_code": "subject"},
    "hold.release": {"stream": S, "case": "2026-118"},
    "reliance.pause": {"stream": S, "from": 1, "to": 4},
    "reliance.resume": {"stream": S, "from": 1, "to": 4},
    "log_key.rotate": {"stream": S, "use": "receipt", "alg": "ed25519"},
    "log_key.retire": {"stream": S, "kid": "ab" * 16, "alg": "ed25519"},
    "log_key.destroy": {"stream": S, "kid": "ab" * 16},
    "log_key.recover": {"stream": S, "proposal": "e30=", "signature": "A" * 86 + "=="},
}
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-10, 10**7) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
    max_leaves=4,
)


def test_the_list_of_kinds_is_closed_and_names_each_once() -> None:
    names = [one.name for one in TYPES]
    assert len(set(names)) == len(names)
    assert set(names) > BODIES.keys()


@pytest.mark.parametrize("name", BODIES)
def test_a_body_is_taken_only_with_exactly_its_fields(name: str) -> None:
    kind, body = change_type(name), BODIES[name]
    check_body(kind, body)
    for wrong in ({**body, "more": 1}, *({key: body[key] for key in body if key != gone} for gone in body)):
        with pytest.raises(BodyMalformed):
            check_body(kind, wrong)


@pytest.mark.parametrize("name", BODIES)
@given(data=st.data())
def test_whatever_a_field_holds_the_body_is_refused_or_means_something(name: str, data: st.DataObject) -> None:
    kind, body = change_type(name), BODIES[name]
    field = data.draw(st.sampled_from(sorted(body)))
    changed = {**body, field: data.draw(JUNK)}
    try:
        check_body(kind, changed)
    except BodyMalformed:
        return
    assert kind.subject(changed).startswith("stream:")


def direction(kind: Any, base: JSONObject, body: JSONObject) -> Direction:
    return kind.direction(base, kind.result(base, body))  # type: ignore[no-any-return]  # the protocol's


@given(st.tuples(*[st.booleans()] * 4))
def test_publicity_goes_back_to_what_it_was(flags: tuple[bool, ...]) -> None:
    tiles, entries, was_tiles, was_entries = flags
    kind = StreamPublicity()
    base: JSONObject = {"tiles": was_tiles, "entries": was_entries and was_tiles}
    body: JSONObject = {"stream": S, "tiles": tiles, "entries": entries}
    refused = (entries and not tiles) or base == {"tiles": tiles, "entries": entries}
    if refused:
        with pytest.raises(EffectRefused):
            kind.result(base, body)
        return
    result, back = kind.result(base, body), kind.way_back(base, body)
    assert back is not None
    assert kind.result(result, back["body"]) == base  # type: ignore[arg-type]  # an object
    wider = tiles > was_tiles or entries > (was_entries and was_tiles)
    assert direction(kind, base, body) is (Direction.LOOSENS if wider else Direction.TIGHTENS)


@given(st.tuples(*[st.none() | st.integers(1, 36_600)] * 4))
def test_erasing_anything_sooner_loosens_and_goes_back_to_the_days_of_before(days: tuple[int | None, ...]) -> None:
    kind = StreamRetention()
    base: JSONObject = {"attrs_days": days[0], "payload_days": days[1]}
    body: JSONObject = {"stream": S, "attrs_days": days[2], "payload_days": days[3]}
    if days[:2] == days[2:]:
        with pytest.raises(EffectRefused):
            kind.result(base, body)
        return
    long = [10**9 if one is None else one for one in days]
    sooner = long[2] < long[0] or long[3] < long[1]
    assert direction(kind, base, body) is (Direction.LOOSENS if sooner else Direction.TIGHTENS)
    back = kind.way_back(base, body)
    assert back is not None
    assert kind.result(kind.result(base, body), back["body"]) == base  # type: ignore[arg-type]  # an object


def test_a_policy_that_fewer_witnesses_meet_loosens() -> None:
    kind = StreamPolicy()
    one = f"log {KEY}\nquorum none\n"
    with pytest.raises(EffectRefused):
        kind.result({"policy": one}, {"stream": S, "policy": one})
    with pytest.raises(EffectRefused) as refused:
        kind.result({"policy": one}, {"stream": S, "policy": "quorum nobody\n"})
    assert refused.value.path == "$.policy"
    commented: JSONObject = {"stream": S, "policy": f"# reviewed\n{one}"}
    assert direction(kind, {"policy": one}, commented) is Direction.NEUTRAL


def test_an_erasure_ends_with_nothing_there_and_has_no_way_back() -> None:
    kind, body = PayloadErase(), BODIES["payload.erase"]
    assert kind.result({"events": 4, "payload": 3}, body) == {"events": 4, "payload": 0}
    assert kind.way_back({"events": 4, "payload": 3}, body) is None
    assert direction(kind, {"events": 4, "payload": 3}, body) is Direction.LOOSENS
    assert "no way back" in kind.invalidates({"events": 4, "payload": 3}, body)[0]
    with pytest.raises(EffectRefused):
        kind.result({"events": 4, "payload": 0}, body)
    with pytest.raises(BodyMalformed):
        check_body(kind, {**body, "reason_code": "retention"})
    parts: JSONObject = {**body, "parts": ["payload", "attrs"]}
    other: JSONObject = {**body, "parts": ["attrs", "payload"]}
    assert kind.subject(parts) == kind.subject(other) != kind.subject(body)


RANGES = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)).map(sorted), max_size=4)


@given(paused=RANGES, chosen=st.tuples(st.integers(0, 30), st.integers(0, 30)).map(sorted))
def test_pause_and_resume_count_leaf_by_leaf(paused: list[list[int]], chosen: list[int]) -> None:
    covered = {place for first, last in paused for place in range(first, last + 1)}
    base: JSONObject = {"paused": _told(covered)}
    body: JSONObject = {"stream": S, "from": chosen[0], "to": chosen[1]}
    asked = set(range(chosen[0], chosen[1] + 1))
    for kind, wanted in ((ReliancePause(), covered | asked), (RelianceResume(), covered - asked)):
        if wanted == covered:
            with pytest.raises(EffectRefused):
                kind.result(base, body)
            continue
        result = kind.result(base, body)
        assert result == {"paused": _told(wanted)}
        back = kind.way_back(base, body)
        whole = not covered & asked if kind.paused else asked <= covered
        assert (back is not None) == whole
        if back is not None:
            undone = back["body"]
            assert isinstance(undone, dict)
            assert change_type(str(back["type"])).result(result, undone) == base


def _told(places: set[int]) -> list[Any]:
    found: list[list[int]] = []
    for place in sorted(places):
        if found and found[-1][1] == place - 1:
            found[-1][1] = place
        else:
            found.append([place, place])
    return [f"{first}-{last}" for first, last in found]


def test_a_receipt_key_replaces_and_a_checkpoint_key_joins_until_it_is_retired() -> None:
    kind, retire = LogKeyRotate(), LogKeyRetire()
    base: JSONObject = {"checkpoint ed25519": [1, 1], "receipt ed25519": [1, 1]}
    assert kind.result(base, BODIES["log_key.rotate"])["receipt ed25519"] == [2, 1]
    checkpoint: JSONObject = {"stream": S, "use": "checkpoint", "alg": "ed25519"}
    overlapping = kind.result(base, checkpoint)
    assert overlapping["checkpoint ed25519"] == [2, 2]
    with pytest.raises(EffectRefused):
        kind.result(overlapping, checkpoint)
    assert retire.result(overlapping, BODIES["log_key.retire"])["checkpoint ed25519"] == [2, 1]
    with pytest.raises(EffectRefused):
        retire.result(base, BODIES["log_key.retire"])
    assert kind.way_back(base, checkpoint) is None
    second_line: JSONObject = {"stream": S, "use": "checkpoint", "alg": "ml-dsa-44"}
    assert kind.result(base, second_line)["checkpoint ml-dsa-44"] == [1, 1]
    with pytest.raises(EffectRefused):
        kind.result(base, {**second_line, "use": "receipt"})


def test_what_is_gone_is_not_taken_twice() -> None:
    assert LogKeyDestroy().result({"private_half": True}, {}) == {"private_half": False}
    with pytest.raises(EffectRefused):
        LogKeyDestroy().result({"private_half": False}, {})
    assert HoldRelease().result({"held": 3}, {"case": "C"}) == {"held": 0}
    with pytest.raises(EffectRefused):
        HoldRelease().result({"held": 0}, {"case": "C"})
