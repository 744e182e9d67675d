"""Who dies between the signal and the note of it, or between the look and its note, leaves nothing told by half."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from django.db import Error
from django.utils import timezone

from governance.evidenceos.actions.reload import observe, send
from governance.evidenceos.actions.watch import tend
from governance.evidenceos.models import Artefact, Effective, Plan, Reload
from tests.support.clones import Clone
from tests.support.evidenceos_target import adopted, decided
from tests.support.world import found_platform, moment

pytestmark = pytest.mark.db
DIES = """
CREATE FUNCTION dies() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN IF NEW.{column} IS NOT NULL THEN RAISE EXCEPTION 'killed here'; END IF; RETURN NEW; END $$;
CREATE TRIGGER dies BEFORE UPDATE ON evidenceos_artefact FOR EACH ROW EXECUTE FUNCTION dies();
"""
GOES_ON = "DROP TRIGGER dies ON evidenceos_artefact; DROP FUNCTION dies();"


@pytest.fixture
def plan(ledger_db: Clone, tmp_path: Path) -> Plan:
    found_platform()
    root = tmp_path / "data"
    root.mkdir()
    (tmp_path / "daemon.log").write_bytes(b"")
    adopted(root, reload=Reload.COMMAND, command=("/bin/true",), log_file=str(tmp_path / "daemon.log"))
    return decided(effective=Effective.RELOAD)


def owner(ledger_db: Clone, statement: str) -> None:
    with psycopg.connect(ledger_db.owner_url, autocommit=True) as connection:
        connection.execute(statement.encode())


@pytest.mark.parametrize(("column", "step"), [("reload_sent", send), ("observed", observe)])
def test_killed_between_its_two_notes_neither_stands_and_the_next_look_makes_both(
    ledger_db: Clone, plan: Plan, tmp_path: Path, column: str, step: Callable[..., bool]
) -> None:
    if column == "observed":
        tend(moment())
        (tmp_path / "daemon.log").write_bytes(b"event=config_reload\n")
    owner(ledger_db, DIES.format(column=column))
    with pytest.raises(Error, match="killed here"):
        step(Plan.objects.select_related("target").get(pk=plan.pk), timezone.now())
    assert getattr(Plan.objects.get(pk=plan.pk), column) is None
    owner(ledger_db, GOES_ON)
    tend(moment())
    assert getattr(Plan.objects.get(pk=plan.pk), column) is not None
    assert all(getattr(one, column) is not None for one in Artefact.objects.filter(plan=plan))
    assert Artefact.objects.filter(plan=plan).count() == 3
