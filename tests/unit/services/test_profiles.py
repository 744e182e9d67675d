"""Event profiles: what conforms, what does not, and where."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ledger.core.event import RawEvent
from ledger.errors import ProfileRefused
from ledger.services.profiles import PROFILES, check_profiles, profile_schema

DIGEST = "0" * 64
COMMON: dict[str, Any] = {
    "policy": {"id": "credit", "version": "3"},
    "actor": {"kind": "service", "id": "scoring"},
    "authority": {"basis": "contract"},
    "subject": "psn-7f3a",
    "commitments": {"input": DIGEST, "output": DIGEST},
}
GOOD: dict[str, dict[str, Any]] = {
    "ai.decision": {**COMMON, "model": {"name": "m", "version": "3"}, "outcome": "refer", "confidence": 0.5},
    "human.override": {
        **COMMON, "actor": {"kind": "person", "id": "p-1"}, "decision": {"index": 42}, "before": "refer",
        "after": "accept", "reason": "New papers.",
    },
    "incident": {
        **COMMON, "id": "inc-1", "category": "drift", "severity": "high", "detected": "2026-11-21T09:16:58Z",
        "summary": "Scores shifted.",
    },
    "data.access": {**COMMON, "operation": "read", "resource": "case-88", "purpose": "audit"},
}  # fmt: skip


def event(kind: str, payload: object) -> RawEvent:
    return RawEvent(type=kind, id="a", source="urn:x", payload=json.dumps(payload).encode())


def test_there_is_a_schema_and_a_good_example_for_each_profile() -> None:
    assert set(GOOD) == set(PROFILES)
    for kind, payload in GOOD.items():
        assert check_profiles("refuse", [event(kind, payload)]) == []
        assert profile_schema(kind)["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize("kind", PROFILES)
def test_every_demanded_field_is_missed(kind: str) -> None:
    demanded = profile_schema(kind)["required"]
    assert isinstance(demanded, list)
    assert {"policy", "actor", "authority", "commitments"} <= set(demanded)
    for name in demanded:
        lacking = {key: value for key, value in GOOD[kind].items() if key != name}
        with pytest.raises(ProfileRefused, match=name):
            check_profiles("refuse", [event(kind, lacking)])


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"model": "m-3"}, "$[1].payload.model"),
        ({"model": {"name": "m", "version": 3}}, "$[1].payload.model.version"),
        ({"subject": "ada@example.org"}, "$[1].payload.subject"),
        ({"subject": "Ada Lovelace"}, "$[1].payload.subject"),
        ({"commitments": {"input": "abc"}}, "$[1].payload.commitments.input"),
        ({"commitments": {"output": DIGEST}}, "$[1].payload.commitments"),
        ({"actor": {"kind": "cat", "id": "x"}}, "$[1].payload.actor.kind"),
        ({"confidence": 1.5}, "$[1].payload.confidence"),
    ],
)
def test_the_path_names_the_culprit(change: dict[str, Any], path: str) -> None:
    batch = [event("ai.decision", GOOD["ai.decision"]), event("ai.decision", GOOD["ai.decision"] | change)]
    with pytest.raises(ProfileRefused) as refused:
        check_profiles("refuse", batch)
    assert (refused.value.code, refused.value.path) == ("profile_refused", path)
    (warning,) = check_profiles("warn", batch)
    assert (warning.place, warning.profile, warning.path) == (1, "ai.decision", path)
    assert warning.to_json()["message"]
    assert check_profiles("off", batch) == []


def test_an_override_is_a_persons() -> None:
    with pytest.raises(ProfileRefused):
        check_profiles("refuse", [event("human.override", GOOD["human.override"] | {"actor": COMMON["actor"]})])


def test_more_than_the_profile_asks_for_is_welcome() -> None:
    assert check_profiles("refuse", [event("ai.decision", GOOD["ai.decision"] | {"own": 1})]) == []


def test_other_types_have_no_profile() -> None:
    assert check_profiles("refuse", [event("acme.thing", 1)]) == []


def test_a_payload_that_is_not_json_does_not_conform() -> None:
    said = RawEvent(type="incident", id="a", source="urn:x", payload=b"\xff", media_type="text/plain")
    with pytest.raises(ProfileRefused):
        check_profiles("refuse", [said])


def test_warnings_end_at_a_hundred() -> None:
    assert len(check_profiles("warn", [event("incident", {})] * 150)) == 100


def test_only_shipped_profiles_are_read() -> None:
    with pytest.raises(KeyError):
        profile_schema("../../etc/passwd")
