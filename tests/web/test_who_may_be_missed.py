"""The pages of people and of the policy name who may not be there when they are needed, and suggest a drill."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from governance.change.core.verbs import Verb
from governance.identity.core.roles import Role
from tests.support.clones import Clone
from tests.support.governed import World, world
from tests.support.world import person, signed_in

pytestmark = pytest.mark.db


@pytest.fixture
def it(ledger_db: Clone, settings: Any) -> World:
    settings.COUNTERSIGN_STEP_UP = "totp"
    made = world()
    made.pass_time(60)
    return made


def shown(it: World, path: str, monkeypatch: pytest.MonkeyPatch, days: int = 0) -> str:
    monkeypatch.setattr(timezone, "now", lambda: it.now + timedelta(days=days))
    olga = signed_in(person(f"olga{days}@gov.test", Role.PLATFORM_OPERATOR, None, decided=True))
    answer = olga.get(path)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_an_approver_who_said_nothing_twice_is_flagged_beside_their_name(
    it: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(2):
        row = it.approved(it.in_review(), "ben", "cyd")
        it.pass_time(5)
        it.say(row, Verb.VETO, "fay")
    told = shown(it, "/people/", monkeypatch)
    assert told.count("Said nothing of the last 2 changes that asked for them.") == 1
    assert "unused for 90 days" not in told


def test_keys_that_nobody_used_are_flagged(it: World, monkeypatch: pytest.MonkeyPatch) -> None:
    told = shown(it, "/people/", monkeypatch, days=91)
    assert told.count("unused for 90 days.") == len(it.people)


def test_the_policy_says_what_hangs_on_them_and_when_to_practise(it: World, monkeypatch: pytest.MonkeyPatch) -> None:
    told = shown(it, "/policy/", monkeypatch)
    assert "Every rule can be met by people who sign." in told
    assert "None was held yet." in told
    assert "/changes/new/drill/" in told
    assert "since" not in told.partition("Drill")[2].partition("Propose a drill")[0]
    late = shown(it, "/policy/", monkeypatch, days=92)
    assert "hangs on people who may not be there" in late
    assert "due" in late.partition("Drill")[2].partition("Propose a drill")[0]
