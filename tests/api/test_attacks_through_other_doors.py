"""The thirty attacks again: in the administration, as the browsable API would send them, in a task and by a command.

Over HTTP they are `tests/api/test_attacks_on_changes_*.py`. A task and a command of the product take no words of
people, so what stands here is what code of an attacker's own would call there, with everything that the attacker over
HTTP had. Each is refused with the same code, moves nothing, and leaves its denial in `_system/events`.
"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError

from governance.change.models import Change
from ledger.services.refusals import sweep_refusals
from tests.support.attack_scenes import in_review
from tests.support.attacks import Doors, effects
from tests.support.attacks_elsewhere import ATTACKS
from tests.support.other_doors import DOORS, AttackCommand, attack_in_a_task, call_instead, tried

pytestmark = pytest.mark.db


@pytest.mark.parametrize("number", range(1, 31))
def test_each_door_refuses_it_and_records_a_denial(doors: Doors, number: int) -> None:
    for door in DOORS:
        tried(doors, door, ATTACKS[number](doors))


@pytest.mark.parametrize("door", ["task", "command"])
@pytest.mark.parametrize("state", ["applied", "ratified", "rejected"])
def test_25_a_row_that_is_set_past_the_engine_is_refused_by_the_database_and_counted(
    doors: Doors, door: str, state: str
) -> None:
    row = in_review(doors)
    sweep_refusals()
    before = effects()
    call_instead(door, lambda: Change.objects.filter(pk=row.pk).update(state=state, moved=datetime.now(UTC)))
    if door == "task":
        assert isinstance(attack_in_a_task.apply(args=("task",), throw=False).result, DatabaseError)
    else:
        with pytest.raises(CommandError):
            call_command(AttackCommand())
    assert effects() == before
    assert sweep_refusals() >= 1
