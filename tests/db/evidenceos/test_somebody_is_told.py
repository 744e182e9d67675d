"""Whoever decides is told of foreign writes, of what has not arrived, and of what lapses; once, and when it is over."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from governance.evidenceos.actions.adopt import adopt
from governance.evidenceos.actions.watch import tend
from governance.evidenceos.core.epoch import EpochControl
from governance.identity.core.roles import Role
from governance.watching.core.alarms import AlarmKind
from governance.watching.models import Alarm, Notice
from governance.watching.selectors.concerns import look
from governance.watching.services.raise_alarms import watch_platform
from tests.support.evidenceos import CONTRACT, KEY_ID, NOW, signed_epoch
from tests.support.evidenceos_files import directory
from tests.support.evidenceos_target import SLUG, adopted, put
from tests.support.world import SEED, found_platform, moment, person

pytestmark = pytest.mark.db


def control(epoch: int) -> dict[str, bytes]:
    return {"epoch_control.json": signed_epoch(EpochControl(epoch, NOW, KEY_ID)).to_bytes()}


def seen(kind: AlarmKind) -> list[str]:
    return [one.what for one in look(datetime.now(UTC)).seen if one.kind is kind]


def test_a_foreign_write_is_told_to_who_decides_once_and_its_end_too(tmp_path: Path) -> None:
    found_platform()
    ben = person("ben@gov.test", Role.APPROVER, None)
    adopted(tmp_path)
    (tmp_path / "nullspec/foreign.json").write_bytes(b"{}")
    for _ in range(2):
        tend(moment())
        watch_platform(moment())
    told = Notice.objects.filter(person=ben, alarm__kind=AlarmKind.DRIFT)
    assert [row.begins for row in told] == [True]
    assert Alarm.objects.get(kind=AlarmKind.DRIFT).page == f"/evidenceos/targets/{SLUG}/"
    adopt(SLUG, by=SEED, at=moment())
    tend(moment())
    watch_platform(moment())
    assert sorted(row.begins for row in told.all()) == [False, True]


@pytest.mark.parametrize(
    ("epoch", "words"), [(28, None), (29, "lapses soon: holds through epoch 30"), (31, "has lapsed")]
)
def test_a_contract_is_told_in_its_last_epoch_but_one(tmp_path: Path, epoch: int, words: str | None) -> None:
    found_platform()
    adopted(put(tmp_path, directory() | control(epoch)))
    found = [one for one in seen(AlarmKind.LAPSE) if CONTRACT.nullspec_id.hex()[:12] in one]
    assert [words in one for one in found if words is not None] == ([] if words is None else [True])


def test_a_record_whose_ttl_is_over_in_seconds_is_told(tmp_path: Path) -> None:
    found_platform()
    adopted(tmp_path)
    assert [one.startswith("settle (operator record) of lab has lapsed") for one in seen(AlarmKind.LAPSE)] == [True]
