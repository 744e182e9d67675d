"""Every check of the reference (section 8) refuses a change when it is submitted, and again when it is carried out."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from governance.change.actions import submit
from governance.change.actions.revert import draft_revert
from governance.change.core.states import State
from governance.change.core.verbs import Verb
from governance.change.models import Change
from governance.change.types import change_type
from governance.evidenceos.core.active_map import read_active_map
from governance.evidenceos.core.epoch import EpochControl
from governance.evidenceos.core.keys import write_hex_file
from governance.evidenceos.core.nullspec import Contract, Dirichlet, DiscreteBuckets
from governance.evidenceos.core.nullspec import FixedAlternative as Alternative
from governance.evidenceos.core.nullspec import ParametricBernoulli as Bernoulli
from governance.evidenceos.core.operator import Attestation, write_operator_config
from ledger.core.types import JSONObject
from ledger.errors import RequestError
from tests.support.clones import Clone
from tests.support.evidenceos import public, sign, signed_epoch, signed_record
from tests.support.evidenceos_gate import EPOCH, PAIR, Gate, stray
from tests.support.evidenceos_target import SLUG, bytes_below
from tests.support.world import moment

pytestmark = pytest.mark.db
Body = Callable[[Gate], tuple[str, JSONObject]]


@pytest.fixture
def gate(ledger_db: Clone, tmp_path: Path) -> Gate:
    (tmp_path / "data").mkdir()
    return Gate(tmp_path / "data")


def key(contract: Contract) -> str:
    return sha256(contract.signing_payload()).hexdigest()


def put_by_hand(gate: Gate, contract: Contract, who: str = "ada") -> Contract:
    """The contract in store and registry as somebody with the author's key would leave it."""
    made = stray(contract, gate.private(who))
    folder = gate.root / f"nullspec-registry/nullspecs/{contract.oracle_id}"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{key(contract)}.json").write_bytes(made)
    (folder / f"{key(contract)}.sig").write_bytes(write_hex_file(sign(gate.private(who), made)))
    (gate.root / "nullspec").mkdir(exist_ok=True)
    (gate.root / f"nullspec/{key(contract)}.json").write_bytes(made)
    return contract


def installing(**more: Any) -> Body:
    return lambda gate: ("nullspec.install", gate.install_body(gate.contract(**more)))


def activating(who: str = "ada", **more: Any) -> Body:
    def body(gate: Gate) -> tuple[str, JSONObject]:
        return "nullspec.activate", gate.activate_body(put_by_hand(gate, gate.contract(**more), who))

    return body


def buckets(*p0: float, alpha: tuple[float, ...] = (1.0, 1.0, 1.0)) -> dict[str, Any]:
    return {"kind": DiscreteBuckets(p0), "eprocess": Dirichlet(alpha)}


def bernoulli(p: float, *alt: float) -> dict[str, Any]:
    return {"kind": Bernoulli(p), "eprocess": Alternative(alt)}


def registering(**more: Any) -> Body:
    fields: dict[str, Any] = {
        "oracle_id": "second", "ttl_epochs": "100", "calibration_manifest_hash": "cd" * 32, "calibration_epoch": None,
        "attestation": {"scope": "all", "proof_sha256": "ef" * 32}, "nonoverlap_proof_uri": None, **more,
    }  # fmt: skip
    return lambda gate: ("oracle.register", gate.body("oracle.register", **fields))


def attested(gate: Gate, **more: str) -> None:
    """The record in force with something else in its attestation, soundly signed."""
    told = Attestation(**{"statement_type": "oracle_disjointness_v1", "scope": "x", "proof_sha256_hex": "cd" * 32}
                       | more)  # fmt: skip
    record = replace(gate.record(), disjointness_attestation=told, signature_hex="")
    config = write_operator_config({"settle": signed_record("settle", record, gate.private("eva"))})
    (gate.root / "oracle_operator_config.json").write_bytes(config)


def lengthening(**more: str) -> Body:
    def body(gate: Gate) -> tuple[str, JSONObject]:
        attested(gate, **more)
        return "oracle.ttl", gate.body("oracle.ttl", oracle_id="settle", ttl_epochs="90000")

    return body


WRONG: dict[str, tuple[Body, str]] = {
    "kind and e-process": (installing(eprocess=Alternative((0.5, 0.5))), "nullspec_pair"),
    "p0 sums to 1": (installing(**buckets(0.2, 0.3, 0.4)), "nullspec_sum"),
    "p0 above 0": (installing(**buckets(0.0, 0.5, 0.5)), "nullspec_number"),
    "alpha above 0": (installing(**buckets(0.2, 0.3, 0.5, alpha=(1.0, 0.0, 1.0))), "nullspec_number"),
    "alpha as long as p0": (installing(**buckets(0.2, 0.3, 0.5, alpha=(1.0, 1.0))), "nullspec_number"),
    "p between 0 and 1": (installing(**bernoulli(1.0, 0.5, 0.5)), "nullspec_number"),
    "alt sums to 1": (installing(**bernoulli(0.4, 0.5, 0.6)), "nullspec_sum"),
    "two alternatives": (installing(**bernoulli(0.4, 0.5, 0.25, 0.25)), "nullspec_number"),
    "numbers as the daemon reads them": (
        installing(**buckets(0.20388349514563106, 0.3, 0.49611650485436894)), "nullspec_number_unstable",
    ),
    "resolution": (installing(oracle_resolution_hash=b"\1" * 32), "nullspec_resolution_mismatch"),
    "calibration": (installing(calibration_manifest_hash=b"\2" * 32), "nullspec_calibration_mismatch"),
    "expired, installed": (installing(epoch_created=1, ttl_epochs=2), "nullspec_expired"),
    "the oracle's name": (installing(oracle_id="..", calibration_manifest_hash=None), "evidenceos_name_unsafe"),
    "expired, activated": (activating(epoch_created=1, ttl_epochs=2), "nullspec_expired"),
    "mismatched, activated": (activating(oracle_resolution_hash=b"\1" * 32), "nullspec_resolution_mismatch"),
    "nonsense, activated": (activating(**buckets(0.2, 0.3, 0.4)), "nullspec_sum"),
    "foreign, activated": (activating("ben"), "nullspec_signature_wrong"),
    "an unknown author, activated": (activating(created_by="nobody"), "nullspec_key_unknown"),
    "another pair's, activated": (activating(holdout_handle="holdout-b"), "nullspec_mapping_mismatch"),
    "not there, activated": (
        lambda gate: ("nullspec.activate", gate.activate_body(gate.contract())), "nullspec_missing",
    ),
    "TTL": (registering(ttl_epochs="0"), "oracle_record_field"),
    "scope": (registering(attestation={"scope": " ", "proof_sha256": "ef" * 32}), "oracle_record_field"),
    "type of the statement": (lengthening(statement_type="another"), "oracle_record_field"),
    "proof": (lengthening(proof_sha256_hex="none"), "oracle_record_field"),
}  # fmt: skip


def refusal(gate: Gate, row: Change, verb: Verb, who: str) -> str:
    with pytest.raises(RequestError) as found:
        gate.say(row, verb, who)
    assert found.value.code == "preflight_failed", str(found.value)
    return str(found.value)


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_refused_with_its_own_reason_both_times(
    gate: Gate, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    make, code = WRONG[name]
    kind, body = make(gate)
    found = [one for one in change_type(kind).preflight({}, body) if one.state != "pass"]
    assert any(code in one.words for one in found)
    assert all(one.next for one in found)
    before = bytes_below(gate.root)
    with pytest.raises(RequestError) as refused:
        gate.in_review(kind, body)
    assert refused.value.code == "preflight_failed"
    assert code in str(refused.value)
    monkeypatch.setattr(submit, "check_gate", lambda *_found: None)
    row = gate.ready(kind, body)
    assert code in refusal(gate, row, Verb.EXECUTE, "eva")
    assert Change.objects.get(pk=row.pk).state == State.TIMELOCKED
    assert bytes_below(gate.root) == before


def test_a_key_that_was_put_in_the_authors_place_lets_no_contract_through(gate: Gate) -> None:
    row = gate.ready("nullspec.install", gate.install_body(gate.contract()))
    (gate.root / "trusted-nullspec-keys/ada.pub").write_bytes(write_hex_file(public(gate.private("ben"))))
    before = bytes_below(gate.root)
    with pytest.raises(RequestError, match="nullspec_signature_wrong"):
        gate.say(row, Verb.EXECUTE, "eva")
    assert Change.objects.get(pk=row.pk).state == State.FAILED
    assert bytes_below(gate.root) == before


@pytest.mark.parametrize("what", ["epoch_control.json", "oracle_operator_config.json"])
def test_a_setting_that_nobody_signed_says_nothing_about_a_contract(gate: Gate, what: str) -> None:
    """An epoch set back by hand would make a lapsed contract look sound: the daemon keeps the one before."""
    contract = put_by_hand(gate, gate.contract())
    row = gate.ready("nullspec.activate", gate.activate_body(contract))
    place = gate.root / what
    stranger = gate.private("ben")
    if what == "epoch_control.json":
        control = signed_epoch(EpochControl(EPOCH, gate.record().updated_at_epoch + 1, "eva"), stranger)
        place.write_bytes(control.to_bytes())
    else:
        record = replace(gate.record(), signature_hex="")
        place.write_bytes(write_operator_config({"settle": signed_record("settle", record, stranger)}))
    assert "settings: " in refusal(gate, row, Verb.EXECUTE, "eva")
    assert "signature_wrong" in refusal(gate, row, Verb.EXECUTE, "eva")


@pytest.mark.parametrize("path", ["nullspec-registry/nullspecs/settle/{other}.json", "trusted-nullspec-keys/bad.pub"])
def test_a_malformed_file_beside_it_keeps_a_contract_from_production(gate: Gate, path: str) -> None:
    """The daemon refuses the whole registry for one file: no claim of the pair would be executed any more."""
    contract = put_by_hand(gate, gate.contract())
    row = gate.ready("nullspec.activate", gate.activate_body(contract))
    (gate.root / path.format(other="0" * 64)).write_bytes(b"{")
    assert "registry: evidenceos_" in refusal(gate, row, Verb.EXECUTE, "eva")


def test_a_file_that_cannot_be_read_is_not_written_anew(gate: Gate) -> None:
    contract = put_by_hand(gate, gate.contract())
    body = gate.activate_body(contract)
    place = gate.root / "nullspec/active_map.json"
    place.unlink()
    place.symlink_to(gate.root / "elsewhere.json")
    found = {one.code: one for one in change_type("nullspec.activate").preflight({}, body)}
    assert found["readable"].state == "fail"
    assert "file_unreadable" in found["readable"].words


def test_a_record_that_upstreams_own_tool_broke_is_registered_anew(gate: Gate) -> None:
    """evidenceosctl writes the attestation as text, and the daemon refuses the whole file after it."""
    place = gate.root / "oracle_operator_config.json"
    value = json.loads(place.read_bytes())
    value["oracles"]["second"] = {
        **value["oracles"]["settle"],
        "disjointness_attestation": "operator-attested-disjoint",
    }
    place.write_text(json.dumps(value))
    gate.it.pass_time(2)
    with pytest.raises(RequestError, match="readable: evidenceos_field_malformed"):
        gate.it.in_review("oracle.ttl", gate.body("oracle.ttl", oracle_id="settle", ttl_epochs="90000"))
    kind, body = registering()(gate)
    assert gate.applied(kind, body).state == State.APPLIED
    found = json.loads(place.read_bytes())["oracles"]
    assert isinstance(found["second"]["disjointness_attestation"], dict)
    assert found["settle"] == value["oracles"]["settle"]


def drafted_back(gate: Gate, row: Change) -> Change:
    return draft_revert(row.key, "Back.", by=gate.it["fay"].principal(gate.it.now), at=moment(gate.it.now))


def test_the_way_back_leads_to_no_contract_that_has_lapsed_meanwhile(gate: Gate) -> None:
    for ttl in (20, 30):
        contract = gate.installed(gate.contract(ttl_epochs=ttl))
        row = gate.applied("nullspec.activate", gate.activate_body(contract))
    back = drafted_back(gate, row)
    control = EpochControl(EPOCH + 25, gate.record().updated_at_epoch + 5, "eva")
    (gate.root / "epoch_control.json").write_bytes(signed_epoch(control, gate.private("eva")).to_bytes())
    assert "nullspec_expired" in refusal(gate, back, Verb.REVERT, "fay")
    now = read_active_map((gate.root / "nullspec/active_map.json").read_bytes()).active(*PAIR.values())
    assert now == bytes.fromhex(key(contract))


def test_a_way_back_that_is_shut_is_told_before_anybody_signs(gate: Gate) -> None:
    old = put_by_hand(gate, gate.contract(ttl_epochs=0, epoch_created=1))
    place = gate.root / "nullspec/active_map.json"
    by_hand = read_active_map(place.read_bytes()).activated("settle", "holdout-a", bytes.fromhex(key(old)))
    place.write_bytes(by_hand.to_bytes())
    kind, body = change_type("nullspec.activate"), gate.activate_body(put_by_hand(gate, gate.contract()))
    told = kind.invalidates(kind.base(body, lock=False), body)
    assert "The way back would be refused as things stand: nullspec_expired." in told


def test_no_key_comes_back_into_force_that_leaves_a_record_without_its_signer(gate: Gate) -> None:
    """eva's key went, and came back in a second: what fay signed in between must not lose its key by a revert."""
    rows: list[JSONObject] = [
        {"label": name, "public": public(gate.private(name)).hex()} for name in ("eva", "fay", "ben")
    ]
    row = gate.applied("oracle_keys.set", {"target": SLUG, "keys": [*rows]})
    gate.it.pass_time(2)
    record = replace(gate.record(), key_id="ben", updated_at_epoch=gate.record().updated_at_epoch + 9)
    signed = signed_record("settle", replace(record, signature_hex=""), gate.private("ben"))
    (gate.root / "oracle_operator_config.json").write_bytes(write_operator_config({"settle": signed}))
    assert "oracle_key_unknown" in refusal(gate, drafted_back(gate, row), Verb.REVERT, "fay")


def test_without_a_forced_epoch_a_pair_that_was_retired_comes_back(gate: Gate) -> None:
    contract = gate.installed(gate.contract())
    (gate.root / "epoch_control.json").unlink()
    gate.applied("nullspec.activate", gate.activate_body(contract, epoch=str(EPOCH)))
    row = gate.applied("nullspec.retire", {"target": SLUG, **PAIR})
    assert gate.say(drafted_back(gate, row), Verb.REVERT, "fay").state == State.APPLIED
