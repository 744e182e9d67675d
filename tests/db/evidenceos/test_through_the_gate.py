"""From a contract that its author signed to the right bytes in the directory, by quorum, and back once."""

from __future__ import annotations

import json
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from governance.change.actions.revert import draft_revert
from governance.change.actions.settle import settle_all
from governance.change.core.states import State
from governance.change.core.verbs import Verb
from governance.change.models import Change
from governance.change.selectors.lapsing import expiring
from governance.change.selectors.replaying import replayed
from governance.change.selectors.standing import current
from governance.change.types import change_type
from governance.evidenceos.actions import carry
from governance.evidenceos.actions.watch import tend
from governance.evidenceos.core.active_map import read_active_map
from governance.evidenceos.core.directory import EVENT_LOG
from governance.evidenceos.core.epoch import read_epoch_control
from governance.evidenceos.core.events import read_log
from governance.evidenceos.core.floats import U64_MAX
from governance.evidenceos.core.nullspec import Contract, Dirichlet, read_contract
from governance.evidenceos.files.snapshot import fresh
from governance.evidenceos.models import Plan, PlanState, Sighting
from governance.evidenceos.selectors.events import events
from governance.evidenceos.selectors.files import files
from governance.evidenceos.selectors.nullspecs import history, nullspec
from governance.identity.models import PersonKey
from tests.support.clones import Clone
from tests.support.evidenceos import BERNOULLI, public
from tests.support.evidenceos_gate import EPOCH, PAIR, Gate, stray
from tests.support.evidenceos_target import SLUG, bytes_below
from tests.support.governed import refused
from tests.support.world import moment

pytestmark = pytest.mark.db


@pytest.fixture
def gate(ledger_db: Clone, tmp_path: Path) -> Gate:
    (tmp_path / "data").mkdir()
    return Gate(tmp_path / "data")


def taken_back(gate: Gate, row: Change) -> Change:
    """The declared way back, drafted and signed by another executor."""
    by, at = gate.it["fay"].principal(gate.it.now), moment(gate.it.now)
    back = draft_revert(row.key, "It was the wrong one.", by=by, at=at)
    gate.it.pass_time(2)
    return gate.say(back, Verb.REVERT, "fay")


def key(contract: Contract) -> str:
    return sha256(contract.signing_payload()).hexdigest()


def active(gate: Gate) -> str | None:
    found = read_active_map((gate.root / "nullspec/active_map.json").read_bytes()).active("settle", "holdout-a")
    return None if found is None else found.hex()


def verdicts(gate: Gate) -> dict[str, str]:
    now = int(gate.it.now.timestamp())
    found = fresh(gate.root, now=None).directory
    del now
    return {row.path: row.verdict for row in found.files}


def test_a_contract_is_installed_activated_and_taken_back_once(gate: Gate) -> None:
    contract = gate.contract()
    row = gate.applied("nullspec.install", gate.install_body(contract))
    assert row.state == State.APPLIED
    stored = (gate.root / f"nullspec/{key(contract)}.json").read_bytes()
    assert read_contract(stored).signing_payload() == contract.signing_payload()
    folder = gate.root / "nullspec-registry/nullspecs/settle"
    assert (folder / f"{key(contract)}.json").read_bytes() == stored
    gate.applied("nullspec.activate", gate.activate_body(contract))
    assert active(gate) == key(contract)
    found = verdicts(gate)
    assert found.pop("oracle_operator_config.json") == "incomplete"
    assert set(found.values()) == {"verified"}
    second = gate.installed(gate.contract(ttl_epochs=30))
    row = gate.applied("nullspec.activate", gate.activate_body(second))
    assert active(gate) == key(second)
    back = draft_revert(
        row.key, "It was the wrong one.", by=gate.it["fay"].principal(gate.it.now), at=moment(gate.it.now)
    )
    gate.say(back, Verb.REVERT, "fay")
    assert active(gate) == key(contract)
    assert tend(moment(gate.it.now)) == 0
    assert Sighting.objects.count() == 0


def test_upstreams_lines_carry_the_decision_beside_what_upstream_reads(gate: Gate) -> None:
    contract = gate.installed(gate.contract())
    row = gate.applied("nullspec.activate", gate.activate_body(contract))
    found, unread = read_log((gate.root / EVENT_LOG).read_bytes())
    assert unread == {}
    assert [one.event_type for one in found.values()] == ["nullspec_install", "nullspec_activate"]
    told: Any = found[2].extra["countersign"]
    row.refresh_from_db()
    assert (told["change"], told["index"]) == (row.key, row.index)
    assert [one.change for one in events(gate.target, gate.it.now)][-1] == row.key
    assert [one.what for one in history(gate.target, key(contract), gate.it.now)] == ["installed", "activated"]
    state = next(one for one in files(gate.target, gate.it.now) if one.path == "nullspec/active_map.json")
    assert (state.change, state.index) == (row.key, row.index)
    assert not [one for one in replayed().contradictions if "evidenceos:" in one.words]


def test_what_is_written_has_the_daemons_layout_byte_by_byte(gate: Gate) -> None:
    contract = gate.installed(gate.contract())
    gate.applied("nullspec.activate", gate.activate_body(contract))
    told = key(contract)
    assert (gate.root / "nullspec/active_map.json").read_bytes() == (
        f'{{"mappings":[{{"oracle_id":"settle","holdout_handle":"holdout-a","nullspec_id_hex":"{told}"}}]}}'.encode()
    )
    line = (gate.root / EVENT_LOG).read_bytes().splitlines()[1]
    resolution = contract.oracle_resolution_hash.hex()
    event_id = sha256(bytes.fromhex(told)).hexdigest()
    assert line.startswith(
        f'{{"event_id":"{event_id}","event_type":"nullspec_activate","epoch":{EPOCH},"key_id":"ada","payload":{{'
        f'"holdout":"holdout-a","nullspec_id":"{told}","oracle_id":"settle","resolution_hash":"{resolution}"}},'
        '"signature_ed25519":"'.encode()
    )
    gate.applied("epoch.advance", gate.body("epoch.advance", to=str(EPOCH + 1)))
    lines = (gate.root / "epoch_control.json").read_text().splitlines()
    assert [one.strip().split('"')[1] for one in lines[1:-1]] == [
        "event_id", "forced_epoch", "key_id", "signature_ed25519", "updated_at_epoch",
    ]  # fmt: skip
    assert lines[2] == f'  "forced_epoch": {EPOCH + 1},'


BAD: dict[str, dict[str, Any]] = {
    "nullspec_expired": {"epoch_created": 1, "ttl_epochs": 2},
    "nullspec_resolution_mismatch": {"oracle_resolution_hash": b"\1" * 32},
    "nullspec_calibration_mismatch": {"calibration_manifest_hash": b"\2" * 32},
    "nullspec_key_unknown": {"created_by": "nobody"},
    "nullspec_pair": {"eprocess": BERNOULLI[1]},
    "evidenceos_name_unsafe": {"oracle_id": ".."},
}


@pytest.mark.parametrize("code", BAD)
def test_a_contract_that_does_not_hold_is_not_submitted(gate: Gate, code: str) -> None:
    contract = gate.contract(**BAD[code])
    body = gate.install_body(contract)
    checks = change_type("nullspec.install").preflight({}, body)
    assert any(code in one.words for one in checks)
    before = bytes_below(gate.root)
    row = gate.draft("nullspec.install", body)
    expected = "effect_refused" if code == "nullspec_key_unknown" else "preflight_failed"
    with refused(expected):
        gate.say(row, Verb.SUBMIT, "ada")
    assert bytes_below(gate.root) == before


def test_a_contract_of_somebody_else_is_not_signed(gate: Gate) -> None:
    (gate.root / "trusted-nullspec-keys/ada.pub").write_text(public(gate.private("ben")).hex())
    row = gate.draft("nullspec.install", gate.install_body(gate.contract()))
    with refused("effect_refused"):
        gate.say(row, Verb.SUBMIT, "ada")


@pytest.mark.parametrize(
    ("what", "code"),
    [
        ("epoch_control.json", "nullspec_expired"),
        ("trusted-nullspec-keys/ada.pub", "nullspec_key_unknown"),
        ("oracle_operator_config.json", "nullspec_resolution_mismatch"),
        ("nullspec-registry", "registry_signature"),
    ],
)
def test_what_held_when_it_was_signed_is_asked_again_when_it_is_carried_out(gate: Gate, what: str, code: str) -> None:
    contract = gate.installed(gate.contract())
    row = gate.ready("nullspec.activate", gate.activate_body(contract, epoch=str(EPOCH)))
    if what == "epoch_control.json":
        gate.applied("epoch.irregular", gate.body("epoch.irregular", to="1000"))
        row = Change.objects.get(pk=row.pk)
    elif what == "nullspec-registry":
        next((gate.root / what).rglob("*.sig")).unlink()
    else:
        (gate.root / what).unlink()
    before = bytes_below(gate.root)
    with refused("preflight_failed") as _:
        gate.say(row, Verb.EXECUTE, "eva")
    assert bytes_below(gate.root) == before
    assert active(gate) is None
    assert code


def test_a_foreign_contract_by_hand_is_shown_and_not_activated(gate: Gate) -> None:
    contract = gate.contract()
    (gate.root / f"nullspec/{key(contract)}.json").write_bytes(stray(contract, gate.private("ben")))
    view = nullspec(gate.target, key(contract), gate.it.now)
    assert "nullspec_signature_wrong" in [fault.code for fault in view.faults]
    row = gate.draft("nullspec.activate", gate.activate_body(contract))
    with refused("preflight_failed"):
        gate.it.in_review("nullspec.activate", gate.activate_body(contract))
    assert row.state == State.DRAFT


def test_a_map_changed_by_hand_makes_the_change_stale(gate: Gate) -> None:
    contract = gate.installed(gate.contract())
    row = gate.ready("nullspec.activate", gate.activate_body(contract))
    told = read_active_map((gate.root / "nullspec/active_map.json").read_bytes())
    by_hand = told.activated("settle", "holdout-a", b"\7" * 32)
    (gate.root / "nullspec/active_map.json").write_bytes(by_hand.to_bytes())
    with refused("change_stale"):
        gate.say(row, Verb.EXECUTE, "eva")
    assert (gate.root / "nullspec/active_map.json").read_bytes() == by_hand.to_bytes()


def test_a_directory_that_is_away_refuses_and_the_change_waits(gate: Gate) -> None:
    contract = gate.installed(gate.contract())
    row = gate.ready("nullspec.activate", gate.activate_body(contract))
    other = gate.in_review("nullspec.install", gate.install_body(gate.contract(ttl_epochs=30)))
    gate.root.rename(gate.root.with_name("away"))
    with refused("target_unreadable"):
        gate.say(row, Verb.EXECUTE, "eva")
    settle_all(at=moment(gate.it.now))
    assert Change.objects.get(pk=other.pk).state == State.IN_REVIEW
    gate.root.with_name("away").rename(gate.root)
    assert gate.say(Change.objects.get(pk=row.pk), Verb.EXECUTE, "eva").state == State.APPLIED


def test_numbers_beyond_2_to_the_53_reach_the_disk_as_they_are(gate: Gate) -> None:
    contract = gate.contract(ttl_epochs=U64_MAX)
    gate.applied("nullspec.install", gate.install_body(contract))
    stored = read_contract((gate.root / f"nullspec/{key(contract)}.json").read_bytes())
    assert (stored.ttl_epochs, stored.last_epoch) == (U64_MAX, U64_MAX)
    gate.applied("epoch.irregular", gate.body("epoch.irregular", to=str(U64_MAX)))
    assert read_epoch_control((gate.root / "epoch_control.json").read_bytes()).forced_epoch == U64_MAX


def test_a_decision_that_could_not_be_written_keeps_the_next_one_waiting(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    contract, other = gate.installed(gate.contract()), gate.contract(ttl_epochs=30)
    with monkeypatch.context() as away:
        away.setattr(carry, "quietly", lambda _number, _now: False)
        assert gate.applied("nullspec.activate", gate.activate_body(contract)).state == State.APPLIED
    assert active(gate) is None
    row = gate.ready("nullspec.install", gate.install_body(other))
    with refused("target_busy"):
        gate.say(row, Verb.EXECUTE, "eva")
    call_command("evidenceos_recover", "--json")
    assert active(gate) == key(contract)
    assert Plan.objects.filter(state=PlanState.PLANNED).count() == 0
    assert gate.say(Change.objects.get(pk=row.pk), Verb.EXECUTE, "eva").state == State.APPLIED


def test_retiring_comes_back_by_activation(gate: Gate) -> None:
    contract = gate.installed(gate.contract())
    gate.applied("nullspec.activate", gate.activate_body(contract))
    row = gate.applied("nullspec.retire", {"target": SLUG, **PAIR})
    assert active(gate) is None
    back = draft_revert(
        row.key, "Claims are refused.", by=gate.it["fay"].principal(gate.it.now), at=moment(gate.it.now)
    )
    gate.say(back, Verb.REVERT, "fay")
    assert active(gate) == key(contract)


def test_what_lapses_is_told_in_epochs_without_a_rate_and_with_its_last_safe_moment(gate: Gate) -> None:
    contract = gate.installed(gate.contract())
    gate.applied("nullspec.activate", gate.activate_body(contract))
    rows = {row.kind: row for row in expiring(gate.target, gate.it.now)}
    assert (rows["nullspec"].epochs_left, rows["nullspec"].at, rows["nullspec"].last_safe) == (20, None, None)
    assert rows["oracle"].at is not None
    assert rows["oracle"].last_safe is not None
    assert rows["oracle"].last_safe < rows["oracle"].at
    timed = replace(gate.target, epoch_seconds=86_400)
    row = next(one for one in expiring(timed, gate.it.now) if one.kind == "nullspec")
    assert row.at is not None


def test_the_drafting_commands_tell_body_effect_and_checks(
    gate: Gate, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    buckets = tmp_path / "buckets.json"
    buckets.write_text(
        json.dumps({"counts": [3, 5, 9], "calibration_manifest_hash": "ab" * 32, "epoch_created": EPOCH})
    )
    call_command(
        "evidenceos_nullspec", SLUG, "--buckets", str(buckets), "--oracle-id", "settle", "--holdout", "holdout-a",
        "--created-by", "ada", "--ttl-epochs", "5", "--json",
    )  # fmt: skip
    made = json.loads(capsys.readouterr().out)
    body = tmp_path / "body.json"
    body.write_text(json.dumps(made["body"]))
    call_command("evidenceos_draft", made["type"], str(body), "--json")
    told = json.loads(capsys.readouterr().out)
    assert told["result"]["contract"]["nullspec_id"] == made["nullspec_id"]
    assert {one["state"] for one in told["checks"]} == {"pass"}
    assert gate.applied("nullspec.install", told["body"]).state == State.APPLIED
    (gate.root / "trusted-nullspec-keys/ada.pub").unlink()
    with pytest.raises(CommandError):
        call_command("evidenceos_draft", "nullspec.activate", _activation(tmp_path, made["nullspec_id"]), "--json")
    assert PersonKey.objects.count() > 0


def _activation(folder: Path, name: str) -> str:
    path = folder / "activation.json"
    path.write_text(json.dumps({"target": SLUG, **PAIR, "nullspec_id": name, "lane": None, "epoch": None}))
    return str(path)


def test_weights_that_change_are_told_before_anybody_signs(gate: Gate) -> None:
    first = gate.installed(gate.contract(eprocess=Dirichlet((1.0, 2.0, 3.0))))
    gate.applied("nullspec.activate", gate.activate_body(first))
    second = gate.contract(eprocess=Dirichlet((1.0, 1.0, 1.0)), ttl_epochs=33)
    told = (
        "The weights (alpha) of the e-process were 1.0, 2.0, 3.0, and are 1.0 for each of 3 buckets in this contract."
    )
    install = gate.draft("nullspec.install", gate.install_body(second))
    assert told in current(install).invalidates
    gate.installed(second)
    gate.it.pass_time(2)
    activate = gate.draft("nullspec.activate", gate.activate_body(second))
    assert told in current(activate).invalidates
