"""What somebody else wrote counts, and what was decided is given up, by a decision over the very bytes alone."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from governance.change.core.states import State
from governance.change.core.verbs import Verb
from governance.change.models import Change
from governance.change.types import change_type
from governance.evidenceos.actions import carry as carrying
from governance.evidenceos.actions.adopt import adopt
from governance.evidenceos.actions.carry import carry
from governance.evidenceos.actions.give_up import give_up
from governance.evidenceos.actions.watch import tend
from governance.evidenceos.core.directory import ACTIVE_MAP
from governance.evidenceos.errors_of_targets import TargetMoved
from governance.evidenceos.models import Artefact, Plan, PlanState, Sighting
from governance.evidenceos.selectors.drift import drift
from ledger.core.types import JSON, JSONObject
from ledger.errors import DecisionNeeded
from tests.support.clones import Clone
from tests.support.evidenceos_gate import Gate
from tests.support.evidenceos_target import SLUG
from tests.support.governed import refused
from tests.support.world import SEED, moment

pytestmark = pytest.mark.db
FOREIGN, KEYS, BYTES = "trusted-nullspec-keys/foreign.pub", "trusted_oracle_keys.json", b"aa" * 32


@pytest.fixture
def gate(ledger_db: Clone, tmp_path: Path) -> Gate:
    (tmp_path / "data").mkdir()
    return Gate(tmp_path / "data")


def body(gate: Gate, gives_up: str | None = None) -> JSONObject:
    files: list[JSON] = [{"path": path, "sha256": digest} for path, digest in drift(gate.target, gate.it.now).items()]
    return {"target": SLUG, "files": files, "gives_up": gives_up}


def sightings() -> set[str]:
    tend(moment())
    return set(Sighting.objects.filter(ended__isnull=True).values_list("path", flat=True))


def test_files_that_appeared_and_are_gone_count_after_a_quorum_and_not_before(gate: Gate) -> None:
    (gate.root / FOREIGN).write_bytes(BYTES)
    (gate.root / KEYS).unlink()
    assert sightings() == {FOREIGN, KEYS}
    with pytest.raises(DecisionNeeded):
        adopt(SLUG, by=SEED, at=moment())
    asked = body(gate)
    assert asked["files"] == [
        {"path": FOREIGN, "sha256": sha256(BYTES).hexdigest()}, {"path": KEYS, "sha256": ""},
    ]  # fmt: skip
    row = gate.ready("drift.accept", asked)
    assert sightings() == {FOREIGN, KEYS}
    row = gate.say(row, Verb.EXECUTE, "eva")
    assert row.state == State.APPLIED, row.outcome
    assert sightings() == set()
    kept = Artefact.objects.get(path=FOREIGN)
    assert (kept.change, kept.index > 0, (gate.root / FOREIGN).read_bytes()) == (row.key, True, BYTES)
    assert not Artefact.objects.filter(path=KEYS).exists()


def test_what_is_signed_says_which_bytes_and_what_of_them_does_not_verify(gate: Gate) -> None:
    (gate.root / "epoch_control.json").write_bytes(b"{")
    kind, asked = change_type("drift.accept"), body(gate)
    told = kind.invalidates(kind.base(asked, lock=False), asked)
    assert told[0].startswith(f"epoch_control.json: {sha256(b'{').hexdigest()[:12]} is accepted, which nobody decided")
    assert "json_invalid" in told[0] or "(" in told[0]
    assert kind.way_back(kind.base(asked, lock=False), asked) is None


def test_bytes_that_moved_since_are_not_accepted(gate: Gate) -> None:
    (gate.root / FOREIGN).write_bytes(BYTES)
    row = gate.ready("drift.accept", body(gate))
    (gate.root / FOREIGN).write_bytes(BYTES[::-1] + b"b")
    with refused("preflight_failed"):
        gate.say(row, Verb.EXECUTE, "eva")
    assert sightings() == {FOREIGN}
    assert not Artefact.objects.filter(path=FOREIGN).exists()


def test_nothing_is_accepted_that_is_not_there_as_named(gate: Gate) -> None:
    (gate.root / FOREIGN).write_bytes(BYTES)
    named: JSONObject = {"target": SLUG, "gives_up": None, "files": [{"path": FOREIGN, "sha256": "ab" * 32}]}
    with refused("preflight_failed"):
        gate.it.in_review("drift.accept", named)
    daemons: list[JSON] = [{"path": "state.json", "sha256": ""}]
    for files, code in ((list[JSON](), "effect_refused"), (daemons, "change_body_malformed")):
        with refused(code):
            gate.draft("drift.accept", {"target": SLUG, "gives_up": None, "files": files})


def stuck(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> Change:
    """Decided, and somebody else's bytes in its way."""
    contract = gate.installed(gate.contract())
    monkeypatch.setattr(carrying, "quietly", lambda _number, _now: True)
    row = gate.applied("nullspec.activate", gate.activate_body(contract))
    (gate.root / ACTIVE_MAP).write_bytes(b'{"mappings": []}')
    with pytest.raises(TargetMoved):
        carry(Plan.objects.get(change=row.key).pk, gate.it.now)
    return row


def test_what_cannot_be_written_is_given_up_by_a_decision_that_names_it(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits = stuck(gate, monkeypatch)
    with pytest.raises(DecisionNeeded):
        give_up(waits.key, "It cannot be written.", by=SEED, at=moment())
    with refused("effect_refused"):
        gate.draft("drift.accept", body(gate))
    assert Plan.objects.get(change=waits.key).state == PlanState.PLANNED
    gate.it.pass_time(2)
    row = gate.applied("drift.accept", body(gate, waits.key))
    assert row.state == State.APPLIED, row.outcome
    found = Plan.objects.get(change=waits.key)
    assert (found.state, row.key in found.why) == (PlanState.GIVEN_UP, True)
    assert sightings() == set()
    assert (gate.root / ACTIVE_MAP).read_bytes() == b'{"mappings": []}'


def test_a_plan_that_was_given_up_while_it_was_written_is_not_told_as_written(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    contract = gate.installed(gate.contract())
    monkeypatch.setattr(carrying, "quietly", lambda _number, _now: True)
    row = gate.applied("nullspec.activate", gate.activate_body(contract))
    plan = Plan.objects.get(change=row.key)

    def meanwhile(point: str) -> None:
        if point == "after 1":
            Plan.objects.filter(pk=plan.pk).update(state=PlanState.GIVEN_UP)

    with pytest.raises(TargetMoved):
        carry(plan.pk, gate.it.now, meanwhile)
    assert Plan.objects.get(pk=plan.pk).state == PlanState.GIVEN_UP
    assert ACTIVE_MAP in sightings()
