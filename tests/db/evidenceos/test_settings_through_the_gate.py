"""Oracles, epochs, keys and canaries are set by quorum, signed by who executes, and told with what they break."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from governance.change.actions.own_incident import open_incident, tend_incident
from governance.change.actions.revert import draft_revert
from governance.change.core.states import State
from governance.change.core.verbs import Verb
from governance.change.models import Change
from governance.change.types import change_type
from governance.evidenceos.actions.observe_head import observe_head
from governance.evidenceos.actions.watch import tend
from governance.evidenceos.core.active_map import read_active_map
from governance.evidenceos.core.canary import Canary, CanaryConfig, read_canaries
from governance.evidenceos.core.digests import log_key_id
from governance.evidenceos.core.directory import EVENT_LOG
from governance.evidenceos.core.epoch import read_epoch_control
from governance.evidenceos.core.events import read_log
from governance.evidenceos.core.floats import U64_MAX
from governance.evidenceos.core.jsons import pretty
from governance.evidenceos.core.nullspec import Contract
from governance.evidenceos.core.operator import read_operator_config
from governance.evidenceos.core.tree_head import TreeHead, head_digest
from governance.evidenceos.errors_of_targets import TargetInvalid
from governance.evidenceos.files.snapshot import fresh
from governance.evidenceos.models import Plan
from ledger.core.types import JSONObject
from tests.support.clones import Clone
from tests.support.evidenceos import public, sign
from tests.support.evidenceos_gate import EPOCH, PAIR, Gate
from tests.support.evidenceos_target import SLUG
from tests.support.governed import refused
from tests.support.world import SEED, moment

pytestmark = pytest.mark.db
FROZEN = Canary(CanaryConfig(), 20.0, 25.5, 7, drift_frozen=True, counts=(3, 4, 5), total=12)


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


def _activation(folder: Path, name: str) -> str:
    path = folder / "activation.json"
    path.write_text(json.dumps({"target": SLUG, **PAIR, "nullspec_id": name, "lane": None, "epoch": None}))
    return str(path)


def test_a_ttl_is_signed_by_the_executor_and_says_what_it_breaks(gate: Gate) -> None:
    contract = gate.installed(gate.contract())
    gate.applied("nullspec.activate", gate.activate_body(contract))
    body = gate.body("oracle.ttl", oracle_id="settle", ttl_epochs="90000")
    kind = change_type("oracle.ttl")
    assert any("fits no claim" in one for one in kind.invalidates(kind.base(body, lock=False), body))
    row = gate.applied("oracle.ttl", body)
    assert row.state == State.APPLIED, row.outcome
    record = read_operator_config((gate.root / "oracle_operator_config.json").read_bytes())[0]["settle"]
    assert (record.ttl_epochs, record.key_id) == (90_000, "eva")
    assert verdicts(gate)["oracle_operator_config.json"] == "incomplete"
    found = read_log((gate.root / EVENT_LOG).read_bytes())[0]
    assert found[max(found)].event_type == "oracle_ttl_set"
    assert verdicts(gate)[EVENT_LOG] == "verified"
    taken_back(gate, row)
    record = read_operator_config((gate.root / "oracle_operator_config.json").read_bytes())[0]["settle"]
    assert (record.ttl_epochs, record.key_id) == (86_400, "fay")


def test_an_oracle_is_registered_and_its_calibration_rotated(gate: Gate) -> None:
    fields: dict[str, Any] = {
        "oracle_id": "second", "ttl_epochs": "100000", "calibration_manifest_hash": "cd" * 32,
        "calibration_epoch": None, "attestation": {"scope": "all", "proof_sha256": "ef" * 32},
        "nonoverlap_proof_uri": None,
    }  # fmt: skip
    assert gate.applied("oracle.register", gate.body("oracle.register", **fields)).state == State.APPLIED
    body = gate.body(
        "oracle.calibration", oracle_id="second", calibration_manifest_hash="12" * 32, calibration_epoch=str(2**60)
    )
    gate.it.pass_time(2)
    assert gate.applied("oracle.calibration", body).state == State.APPLIED
    records, unread = read_operator_config((gate.root / "oracle_operator_config.json").read_bytes())
    assert unread == {}
    assert set(records) == {"settle", "second"}
    assert records["second"].calibration_manifest_hash_hex == "12" * 32
    assert records["second"].calibration_epoch == 2**60
    assert verdicts(gate)[EVENT_LOG] == "verified"


def test_an_executor_whom_the_target_does_not_trust_signs_nothing(gate: Gate) -> None:
    keys: list[JSONObject] = [{"label": "eva", "public": public(gate.private("eva")).hex()}]
    gate.applied("oracle_keys.set", {"target": SLUG, "keys": [*keys]})
    row = gate.ready("oracle.ttl", gate.body("oracle.ttl", oracle_id="settle", ttl_epochs="90000"))
    with refused("effect_refused"):
        gate.say(row, Verb.EXECUTE, "fay")
    assert gate.say(row, Verb.EXECUTE, "eva").state == State.APPLIED


def test_no_key_goes_under_which_something_in_force_was_signed(gate: Gate) -> None:
    keys: list[JSONObject] = [{"label": "fay", "public": public(gate.private("fay")).hex()}]
    with refused("preflight_failed"):
        gate.it.in_review("oracle_keys.set", {"target": SLUG, "keys": [*keys]})


def test_an_advance_goes_to_the_next_epoch_and_promises_no_way_back(gate: Gate) -> None:
    body = gate.body("epoch.irregular", to=str(EPOCH + 5))
    kind = change_type("epoch.irregular")
    assert kind.way_back(kind.base(body, lock=False), body) is None
    with refused("effect_refused"):
        gate.draft("epoch.advance", {**body})
    with refused("effect_refused"):
        gate.draft("epoch.irregular", {**body, "to": str(EPOCH + 1)})
    row = gate.applied("epoch.advance", gate.body("epoch.advance", to=str(EPOCH + 1)))
    assert row.state == State.APPLIED, row.outcome
    assert read_epoch_control((gate.root / "epoch_control.json").read_bytes()).forced_epoch == EPOCH + 1
    assert verdicts(gate)["epoch_control.json"] == "verified"
    gate.it.pass_time(2)
    back = gate.applied("epoch.irregular", gate.body("epoch.irregular", to="3"))
    assert back.state == State.APPLIED, back.outcome


def test_a_canary_is_reset_in_an_incident_with_the_daemon_stopped_and_nothing_else_moves(gate: Gate) -> None:
    frozen = FROZEN
    state: JSONObject = {"big": U64_MAX, "canary_states": [["settle::holdout-a", frozen.to_json()]], "z": 1.0}
    before = pretty(state).encode()
    (gate.root / "state.json").write_bytes(before)
    fields: JSONObject = {"target": SLUG, "claim_name": "settle", "holdout": "holdout-a"}
    missing = {**fields, "incident": "0198c0de-0000-7000-8000-000000000001"}
    with refused("preflight_failed"):
        gate.it.in_review("canary.reset", missing)
    ben, cyd = gate.it["ben"].principal(), gate.it["cyd"].principal()
    first = open_incident("canary drift", "It is frozen.", tenant=None, by=ben, at=moment())
    tend_incident(str(first.public_id), "A false alarm.", closes=True, by=cyd, at=moment())
    foreign = open_incident("leak", "Other.", tenant=str(gate.it.acme.tenant.public_id), by=ben, at=moment())
    for one in (first, foreign):
        with refused("preflight_failed"):
            gate.it.in_review("canary.reset", {**fields, "incident": str(one.public_id)})
    incident = open_incident("canary drift", "It is frozen again.", tenant=None, by=ben, at=moment())
    body: JSONObject = {**fields, "incident": str(incident.public_id)}
    row = gate.ready("canary.reset", body)
    (gate.root / "kernel.lock").touch()
    with refused("preflight_failed"):
        gate.say(row, Verb.EXECUTE, "eva")
    assert (gate.root / "state.json").read_bytes() == before
    (gate.root / "kernel.lock").unlink()
    assert gate.say(row, Verb.EXECUTE, "eva").state == State.APPLIED
    after = (gate.root / "state.json").read_bytes()
    assert read_canaries(after)[0]["settle::holdout-a"] == frozen.reset()
    assert after.startswith(before[: before.index(b'"e_drift"') - 20])
    assert after.endswith(b'"z": 1.0\n}')
    assert f'"big": {U64_MAX}'.encode() in after
    eva = gate.it["eva"].principal(gate.it.now)
    with refused("role_missing"):
        tend_incident(str(incident.public_id), "Reset, and done.", closes=True, by=eva, at=moment(gate.it.now))
    tend_incident(str(incident.public_id), "Reset.", closes=True, by=gate.it["dov"].principal(), at=moment())


def test_an_incident_that_ends_before_the_execution_stops_the_reset(gate: Gate) -> None:
    state: JSONObject = {"canary_states": [["settle::holdout-a", FROZEN.to_json()]]}
    (gate.root / "state.json").write_bytes(pretty(state).encode())
    by, other = gate.it["ben"].principal(), gate.it["cyd"].principal()
    incident = open_incident("canary drift", "It is frozen.", tenant=None, by=by, at=moment())
    fields: JSONObject = {"target": SLUG, "claim_name": "settle", "holdout": "holdout-a"}
    row = gate.ready("canary.reset", {**fields, "incident": str(incident.public_id)})
    tend_incident(str(incident.public_id), "It was none.", closes=True, by=other, at=moment())
    with refused("preflight_failed"):
        gate.say(row, Verb.EXECUTE, "eva")
    assert read_canaries((gate.root / "state.json").read_bytes())[0]["settle::holdout-a"] == FROZEN


def test_the_key_of_the_log_is_rotated_to_one_whose_seed_was_put_there(gate: Gate) -> None:
    new = public(gate.private("ben"))
    name = log_key_id(new).hex()
    body: JSONObject = {"target": SLUG, "public": new.hex()}
    with refused("preflight_failed"):
        gate.it.in_review("etl_key.rotate", body)
    (gate.root / "keys").mkdir()
    seed = gate.root / f"keys/{name}.key"
    seed.write_bytes(b"never read".ljust(32))
    with refused("preflight_failed"):
        gate.it.in_review("etl_key.rotate", body)
    seed.write_bytes(b"too short")
    seed.chmod(0o600)
    with refused("preflight_failed"):
        gate.it.in_review("etl_key.rotate", body)
    seed.write_bytes(b"never read".ljust(32))
    assert gate.applied("etl_key.rotate", body).state == State.APPLIED
    assert (gate.root / "keys/active_key_id").read_text() == f"{name}\n"
    tend(moment(gate.it.now))
    assert Plan.objects.get().observed is None
    for signer in ("eva", "ben"):
        root, key_id = b"\1" * 32, log_key_id(new)
        head = TreeHead(7, root, sign(gate.private(signer), head_digest(7, root)), key_id)
        if signer == "eva":
            with pytest.raises(TargetInvalid):
                observe_head(SLUG, new, head, by=SEED, at=moment(gate.it.now))
        else:
            observe_head(SLUG, new, head, by=SEED, at=moment(gate.it.now))
    assert Plan.objects.get().observed is not None
