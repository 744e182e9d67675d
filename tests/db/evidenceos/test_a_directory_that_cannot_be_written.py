"""A disk that takes no write, and rights that are gone, keep a decision in the journal until they are back."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from governance.change.core.states import State
from governance.change.core.verbs import Verb
from governance.evidenceos.actions.watch import tend
from governance.evidenceos.core.epoch import EpochControl
from governance.evidenceos.core.operator import write_operator_config
from governance.evidenceos.models import Plan, PlanState, Sighting
from governance.evidenceos.selectors.files import plan_of
from ledger.errors import RequestError
from tests.support.clones import Clone
from tests.support.evidenceos import signed_epoch, signed_record
from tests.support.evidenceos_gate import EPOCH, Gate
from tests.support.evidenceos_target import bytes_below
from tests.support.volumes import mounted
from tests.support.world import moment

pytestmark = pytest.mark.db


def test_on_a_read_only_disk_a_decision_waits_with_its_reason_and_is_written_afterwards(
    ledger_db: Clone, tmp_path: Path
) -> None:
    with mounted(tmp_path / "small", "4m") as volume:
        (volume / "data").mkdir()
        gate = Gate(volume / "data")
        contract = gate.installed(gate.contract())
        before = bytes_below(gate.root)
        row = gate.ready("nullspec.activate", gate.activate_body(contract))
        subprocess.run(["mount", "-o", "remount,ro", str(volume)], check=True)
        try:
            row = gate.say(row, Verb.EXECUTE, "eva")
            assert row.state == State.APPLIED
            found = plan_of(row.key)
            assert found is not None
            assert found.state == "planned"
            assert found.problem.startswith("target_unwritable")
            assert "Read-only" in found.problem
            assert bytes_below(gate.root) == before
            tend(moment(gate.it.now))
            assert Sighting.objects.count() == 0
        finally:
            subprocess.run(["mount", "-o", "remount,rw", str(volume)], check=True)
        tend(moment(gate.it.now))
        assert Plan.objects.filter(state=PlanState.PLANNED).count() == 0
        active = json.loads((gate.root / "nullspec/active_map.json").read_bytes())["mappings"]
        assert [one["holdout_handle"] for one in active] == ["holdout-a"]


@pytest.fixture
def gate(ledger_db: Clone, tmp_path: Path) -> Gate:
    (tmp_path / "data").mkdir()
    return Gate(tmp_path / "data")


def test_nothing_takes_the_place_of_a_record_or_epoch_that_is_dated_later(gate: Gate) -> None:
    later = int(gate.it.now.timestamp()) + 90_000
    record = replace(gate.record(), updated_at_epoch=later, signature_hex="")
    config = write_operator_config({"settle": signed_record("settle", record, gate.private("eva"))})
    control = signed_epoch(EpochControl(EPOCH, later, "eva"), gate.private("eva"))
    (gate.root / "oracle_operator_config.json").write_bytes(config)
    (gate.root / "epoch_control.json").write_bytes(control.to_bytes())
    for kind, fields in (
        ("oracle.ttl", {"oracle_id": "settle", "ttl_epochs": "90000"}), ("epoch.advance", {"to": str(EPOCH + 1)}),
    ):  # fmt: skip
        before = bytes_below(gate.root)
        with pytest.raises(RequestError, match="record_not_newer"):
            gate.applied(kind, gate.body(kind, **fields))
        assert bytes_below(gate.root) == before
