"""Preflight: every check has its name and reason, and what could not be checked never counts as passed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from governance.evidenceos.core import preflight
from governance.evidenceos.core.active_map import Mapping
from governance.evidenceos.core.directory import Asked, Directory
from governance.evidenceos.core.epoch import EpochControl
from governance.evidenceos.core.expected import Standing, effects, resolution_of, symbols_of
from governance.evidenceos.core.importing import read_directory
from governance.evidenceos.core.keys import write_hex_file
from governance.evidenceos.core.operator import write_operator_config
from governance.evidenceos.core.preflight import Check, Expected, may
from governance.evidenceos.core.resolution import Lane
from tests.support.evidenceos import (
    BERNOULLI,
    CONTRACT,
    EPOCH,
    KEY_ID,
    KEYRING,
    LOG,
    NOW,
    OPERATOR,
    RECORD,
    STRANGER,
    public,
    sign,
    signed,
    signed_epoch,
    signed_record,
    unsigned,
)
from tests.support.evidenceos_files import DETACHED, LOG_KEY_ID, directory, head

RESOLUTION = resolution_of(RECORD, 3, Lane.FAST, 12)
FITTING = signed(replace(unsigned(), oracle_resolution_hash=RESOLUTION.hash()))
EXPECTED = Expected(RESOLUTION, 12)


def state(**files: bytes) -> Directory:
    return read_directory(directory() | files, Asked(now=NOW))


def told(checks: list[Check]) -> dict[str, list[str]]:
    """Names of the checks that did not pass, with their codes."""
    return {one.name: [fault.code for fault in one.faults] for one in checks if one.outcome != "passed"}


def test_a_fitting_contract_may_be_installed() -> None:
    checks = preflight.install(state(), FITTING, EXPECTED)
    assert [one.name for one in checks] == [
        "name", "signature", "numbers", "reading", "expiry", "calibration", "resolution", "settings",
    ]  # fmt: skip
    assert may(checks)


@pytest.mark.parametrize(
    ("changes", "expected", "found"),
    [
        (
            {"oracle_id": "../x"},
            EXPECTED,
            {"name": ["evidenceos_name_unsafe"], "calibration": ["nullspec_calibration_mismatch"]},
        ),
        ({"created_by": "x"}, EXPECTED, {"signature": ["nullspec_key_unknown"]}),
        ({"eprocess": BERNOULLI[1]}, EXPECTED, {"numbers": ["nullspec_pair"]}),
        ({"ttl_epochs": 1}, EXPECTED, {"expiry": ["nullspec_expired"]}),
        ({"calibration_manifest_hash": b"\0" * 32}, EXPECTED, {"calibration": ["nullspec_calibration_mismatch"]}),
        ({"calibration_manifest_hash": None}, EXPECTED, {}),
        ({"oracle_resolution_hash": b"\0" * 32}, EXPECTED, {"resolution": ["nullspec_resolution_mismatch"]}),
        ({}, Expected(None, 12), {"resolution": ["resolution_not_given"]}),
        ({}, Expected(RESOLUTION), {}),
        ({}, Expected(RESOLUTION, 31), {"expiry": ["nullspec_expired"]}),
    ],
)
def test_what_does_not_fit_is_named(
    changes: dict[str, object], expected: Expected, found: dict[str, list[str]]
) -> None:
    contract = signed(replace(FITTING, nullspec_id=b"\0" * 32, signature=b"", **changes))  # type: ignore[arg-type]  # any field
    checks = preflight.install(state(), contract, expected)
    assert told(checks) == found
    assert may(checks) is (not found)


def test_without_an_epoch_expiry_is_not_checked_and_nothing_may_pass() -> None:
    found = state(**{"epoch_control.json": b"{}"})
    checks = preflight.install(found, FITTING, Expected(RESOLUTION))
    assert told(checks) == {"expiry": ["epoch_not_given"]}
    assert not may(checks)


def test_activation_asks_for_the_store_the_pair_and_the_registry() -> None:
    row = Mapping("settle", "holdout-a", CONTRACT.nullspec_id)
    assert told(preflight.activate(state(), row, EXPECTED)) == {"resolution": ["nullspec_resolution_mismatch"]}
    absent = Mapping("settle", "holdout-a", b"\0" * 32)
    assert told(preflight.activate(state(), absent, EXPECTED)) == {"mapping": ["nullspec_missing"]}
    foreign = Mapping("settle", "holdout-b", CONTRACT.nullspec_id)
    assert "mapping" in told(preflight.activate(state(), foreign, EXPECTED))
    missigned = state(**{DETACHED: write_hex_file(sign(STRANGER, CONTRACT.canonical()))})
    assert told(preflight.activate(missigned, row, EXPECTED))["registry"] == ["registry_signature_wrong"]
    assert "registry" not in told(preflight.activate(missigned, row, EXPECTED, production=False))
    empty = state()
    empty.registry = []
    assert told(preflight.activate(empty, row, EXPECTED))["registry"] == ["nullspec_missing"]


@pytest.mark.parametrize(
    ("path", "data", "code"),
    [
        (
            "epoch_control.json",
            signed_epoch(EpochControl(12, NOW, KEY_ID), STRANGER).to_bytes(),
            "epoch_signature_wrong",
        ),
        ("epoch_control.json", b"{", "evidenceos_json"),
        (
            "oracle_operator_config.json",
            write_operator_config({"settle": signed_record("settle", RECORD, STRANGER)}),
            "oracle_signature_wrong",
        ),
        ("trusted_oracle_keys.json", b'{"keys":{"a":"no key"}}', "evidenceos_field_malformed"),
    ],
)
def test_a_setting_that_the_daemon_refuses_is_not_what_a_contract_is_held_against(
    path: str, data: bytes, code: str
) -> None:
    found = told(preflight.install(state(**{path: data}), FITTING, EXPECTED))
    assert code in found["settings"]


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("nullspec-registry/nullspecs/settle/" + "0" * 64 + ".json", "evidenceos_json"),
        ("trusted-nullspec-keys/bad.pub", "evidenceos_field_malformed"),
        (f"trusted-nullspec-keys/{KEY_ID}.other", "key_file_duplicate"),
    ],
)
def test_one_file_that_cannot_be_read_takes_the_whole_registry_away(path: str, code: str) -> None:
    row = Mapping("settle", "holdout-a", CONTRACT.nullspec_id)
    data = write_hex_file(public(OPERATOR)) if code == "key_file_duplicate" else b"{"
    assert code in told(preflight.activate(state(**{path: data}), row, EXPECTED))["registry"]


def test_only_what_is_active_can_be_retired() -> None:
    assert may(preflight.retire(state(), "settle", "holdout-a"))
    assert told(preflight.retire(state(), "settle", "x")) == {"mapping": ["nullspec_missing"]}


def test_a_record_has_to_be_sound_and_newer_beside_sound_others() -> None:
    newer = signed_record("settle", replace(RECORD, updated_at_epoch=NOW + 1))
    assert may(preflight.operator_record(state(), "settle", newer, NOW + 1))
    assert told(preflight.operator_record(state(), "settle", RECORD, NOW)) == {"newer": ["record_not_newer"]}
    assert told(preflight.operator_record(state(), "settle", newer, NOW)) == {"time": ["oracle_record_future"]}
    assert told(preflight.operator_record(state(), "x", newer, NOW + 1)) == {"record": ["oracle_signature_wrong"]}
    found = state()
    found.records["other"] = RECORD
    assert told(preflight.operator_record(found, "settle", newer, NOW + 1)) == {"others": ["oracle_signature_wrong"]}


def test_an_epoch_goes_forward_unless_it_is_irregular() -> None:
    forward = signed_epoch(replace(EPOCH, forced_epoch=13, updated_at_epoch=NOW + 1))
    back = signed_epoch(replace(EPOCH, forced_epoch=11, updated_at_epoch=NOW + 1))
    assert may(preflight.epoch(state(), forward))
    assert told(preflight.epoch(state(), back)) == {"order": ["epoch_backwards"]}
    assert may(preflight.epoch(state(), back, irregular=True))
    assert told(preflight.epoch(state(), EPOCH, irregular=True)) == {"order": ["record_not_newer"]}
    assert told(preflight.epoch(state(), replace(forward, forced_epoch=14))) == {"signature": ["epoch_signature_wrong"]}


def test_what_is_in_force_has_to_verify_under_new_trusted_keys() -> None:
    assert may(preflight.trusted_keys(state(), KEYRING | {"more": public(STRANGER)}))
    assert told(preflight.trusted_keys(state(), {})) == {
        "others": ["oracle_key_unknown"],
        "epoch": ["epoch_key_unknown"],
    }
    swapped = preflight.trusted_keys(state(), {KEY_ID: public(STRANGER)})
    assert told(swapped) == {"others": ["oracle_signature_wrong"], "epoch": ["epoch_signature_wrong"]}


def test_a_reset_needs_the_stream_and_a_stopped_daemon() -> None:
    assert may(preflight.canary_reset(state(), "settle::holdout-a"))
    locked = state(**{"kernel.lock": b""})
    assert told(preflight.canary_reset(locked, "x")) == {"stream": ["canary_missing"], "stopped": ["daemon_running"]}


def test_a_rotated_log_key_is_done_when_a_head_of_it_verifies() -> None:
    assert may(preflight.log_key(public(LOG), LOG_KEY_ID, head()))
    assert told(preflight.log_key(public(LOG), LOG_KEY_ID, None)) == {"head": ["tree_head_missing"]}
    assert told(preflight.log_key(public(LOG), b"\0" * 32, head())) == {"head": ["tree_head_key_unknown"]}
    assert not may(preflight.log_key(public(OPERATOR), LOG_KEY_ID, head()))


def test_without_a_record_the_daemon_takes_one_epoch() -> None:
    assert resolution_of(None, 3, Lane.FAST, 12).ttl_epochs == 1


def test_what_a_change_takes_away_is_computed_before_and_after() -> None:
    found = state()
    heavy = replace(unsigned(*BERNOULLI), oracle_resolution_hash=resolution_of(RECORD, 2, Lane.HEAVY, 12).hash())
    plain = replace(unsigned(), oracle_id="other", oracle_resolution_hash=resolution_of(None, 3, Lane.FAST, 12).hash())
    found.contracts = dict(zip((b"1", b"2", b"3", b"4"), (FITTING, heavy, plain, CONTRACT), strict=True))
    holds, breaks, foreign = Standing.HOLDS, Standing.BREAKS, Standing.MISMATCHED

    def standing(**changes: object) -> list[Standing]:
        return [one.standing for one in effects(found, **changes)]  # type: ignore[arg-type]  # either argument

    assert standing() == [holds, holds, holds, foreign]
    assert standing(epoch=13) == [breaks, breaks, breaks, foreign]
    assert standing(records={"settle": replace(RECORD, ttl_epochs=5)}) == [breaks, breaks, holds, foreign]
    rotated = replace(RECORD, calibration_manifest_hash_hex="00" * 32)
    assert standing(records={"settle": rotated}) == [breaks, breaks, holds, foreign]
    assert standing(records={"settle": RECORD, "other": RECORD}) == [holds, holds, breaks, foreign]
    assert symbols_of(heavy) == 2


def test_whether_a_contract_that_breaks_is_active_is_told() -> None:
    found = state()
    found.contracts = {CONTRACT.nullspec_id: CONTRACT, b"\0": FITTING}
    assert [one.is_active for one in effects(found)] == [False, True]
