"""Operator records, epochs, keys, maps and events: read strictly, judged one by one, written exactly."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from governance.evidenceos.core.active_map import ActiveMap, Mapping, read_active_map
from governance.evidenceos.core.epoch import EpochControl, advance_faults, control_faults, read_epoch_control
from governance.evidenceos.core.events import (
    GovernanceEvent,
    event_faults,
    is_torn,
    nullspec_event_id,
    read_event,
    read_log,
)
from governance.evidenceos.core.floats import U64_MAX
from governance.evidenceos.core.keys import (
    check_name,
    read_key_file,
    read_signature_file,
    read_trusted_keys,
    write_hex_file,
    write_trusted_keys,
)
from governance.evidenceos.core.operator import (
    OperatorRecord,
    read_operator_config,
    record_faults,
    time_faults,
    write_operator_config,
)
from governance.evidenceos.core.registry import Entry, entry_faults, entry_paths
from governance.evidenceos.errors import FieldMalformed, FieldMissing, FieldUnknown, NameUnsafe
from tests.support.evidenceos import (
    ADVANCED,
    CONTRACT,
    EPOCH,
    KEY_ID,
    KEYRING,
    NOW,
    OPERATOR,
    RECORD,
    STRANGER,
    public,
    sign,
    signed,
    signed_epoch,
    signed_event,
    signed_record,
    unsigned,
)

TEXT_FORM = "operator-attested-disjoint"


def test_a_file_of_records_reads_back() -> None:
    records = {"settle": RECORD, "a": replace(RECORD, ttl_epochs=U64_MAX, disjointness_attestation=None)}
    data = write_operator_config(records)
    assert read_operator_config(data) == (records, {})
    assert data.startswith(
        b'{\n  "oracles": {\n    "a": {\n      "schema_version": 1,\n      "ttl_epochs": 18446744073709551615,'
    )


def test_a_sound_record_has_no_faults() -> None:
    assert list(record_faults("settle", RECORD, KEYRING)) == []
    assert list(time_faults(RECORD, NOW + 86400)) == []


def test_the_text_form_of_an_attestation_is_set_aside_and_the_others_are_read() -> None:
    value = json.loads(write_operator_config({"settle": RECORD, "other": RECORD}))
    value["oracles"]["other"]["disjointness_attestation"] = TEXT_FORM
    records, refused = read_operator_config(json.dumps(value).encode())
    assert records == {"settle": RECORD}
    assert refused["other"].path == "$.oracles.other.disjointness_attestation"


def test_a_record_with_a_field_too_many_or_too_few_is_set_aside() -> None:
    value = json.loads(write_operator_config({"one": RECORD, "two": RECORD}))
    value["oracles"]["one"]["note"] = 1
    del value["oracles"]["two"]["key_id"]
    _, refused = read_operator_config(json.dumps(value).encode())
    assert isinstance(refused["one"], FieldUnknown)
    assert isinstance(refused["two"], FieldMissing)


@pytest.mark.parametrize(
    ("changes", "paths"),
    [
        ({"schema_version": 2}, ["$.schema_version"]),
        ({"ttl_epochs": 0}, ["$.ttl_epochs"]),
        ({"calibration_manifest_hash_hex": None}, ["$.calibration_manifest_hash_hex"]),
        ({"calibration_manifest_hash_hex": "ab"}, ["$.calibration_manifest_hash_hex"]),
        ({"disjointness_attestation": None}, ["$.disjointness_attestation"]),
    ],
)
def test_what_production_demands_is_told_field_by_field(changes: dict[str, Any], paths: list[str]) -> None:
    record = signed_record("settle", replace(RECORD, **changes))
    found = list(record_faults("settle", record, KEYRING))
    assert [(fault.code, fault.path) for fault in found] == [("oracle_record_field", path) for path in paths]


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"statement_type": "v2"}, "statement_type"),
        ({"scope": " "}, "scope"),
        ({"proof_sha256_hex": "x"}, "proof_sha256_hex"),
    ],
)
def test_an_attestation_is_judged_by_its_parts(changes: dict[str, str], name: str) -> None:
    attestation = RECORD.disjointness_attestation
    assert attestation is not None
    record = signed_record("settle", replace(RECORD, disjointness_attestation=replace(attestation, **changes)))
    assert [one.path for one in record_faults("settle", record, KEYRING)] == [f"$.disjointness_attestation.{name}"]


@pytest.mark.parametrize(
    ("oracle_id", "record", "code"),
    [
        ("other", RECORD, "oracle_signature_wrong"),
        ("settle", replace(RECORD, ttl_epochs=1), "oracle_signature_wrong"),
        ("settle", replace(RECORD, signature_hex="zz"), "oracle_signature_wrong"),
        ("settle", signed_record("settle", RECORD, STRANGER), "oracle_signature_wrong"),
        ("settle", signed_record("settle", replace(RECORD, key_id="x")), "oracle_key_unknown"),
    ],
)
def test_a_record_counts_only_under_its_own_key_and_oracle(oracle_id: str, record: OperatorRecord, code: str) -> None:
    assert [fault.code for fault in record_faults(oracle_id, record, KEYRING)] == [code]


def test_an_upper_case_signature_is_the_same_signature() -> None:
    assert list(record_faults("settle", replace(RECORD, signature_hex=RECORD.signature_hex.upper()), KEYRING)) == []


def test_times_are_compared_in_seconds() -> None:
    assert [fault.code for fault in time_faults(RECORD, NOW - 1)] == ["oracle_record_future"]
    assert [fault.code for fault in time_faults(RECORD, NOW + 86401)] == ["oracle_record_expired"]


def test_an_epoch_reads_back_and_verifies() -> None:
    control = replace(EPOCH, event_id=ADVANCED.event_id)
    assert read_epoch_control(control.to_bytes()) == control
    assert list(control_faults(control, KEYRING)) == []
    assert b'"forced_epoch": 18446744073709551615' in EpochControl(U64_MAX).to_bytes()
    assert list(control_faults(EpochControl(None), {})) == []


@pytest.mark.parametrize(
    ("control", "codes"),
    [
        (replace(EPOCH, forced_epoch=13), ["epoch_signature_wrong"]),
        (replace(EPOCH, signature_hex=None), ["epoch_unsigned"]),
        (replace(EPOCH, updated_at_epoch=None), ["epoch_unsigned"]),
        (replace(EPOCH, key_id=None), ["epoch_unsigned", "epoch_key_unknown"]),
        (signed_epoch(replace(EPOCH, key_id="x")), ["epoch_key_unknown"]),
        (signed_epoch(EPOCH, STRANGER), ["epoch_signature_wrong"]),
    ],
)
def test_a_forced_epoch_has_to_be_signed_whole(control: EpochControl, codes: list[str]) -> None:
    assert [fault.code for fault in control_faults(control, KEYRING)] == codes


def test_an_epoch_goes_forward_in_number_and_time() -> None:
    later = EpochControl(13, NOW + 1, KEY_ID)
    assert list(advance_faults(EPOCH, later)) == []
    assert list(advance_faults(None, EPOCH)) == []
    assert [fault.code for fault in advance_faults(EPOCH, replace(later, forced_epoch=12))] == ["epoch_backwards"]
    assert [fault.code for fault in advance_faults(EPOCH, replace(later, forced_epoch=None))] == ["epoch_backwards"]
    assert [fault.code for fault in advance_faults(EPOCH, replace(later, updated_at_epoch=NOW))] == ["record_not_newer"]


def test_trusted_keys_read_back_and_a_weak_one_is_set_aside() -> None:
    assert read_trusted_keys(write_trusted_keys(KEYRING)) == (KEYRING, [])
    weak = {"keys": {"bad": "00" * 32, "short": "00", "good": public(OPERATOR).hex()}}
    keys, faults = read_trusted_keys(json.dumps(weak).encode())
    assert list(keys) == ["good"]
    assert [fault.path for fault in faults] == ["$.keys.bad", "$.keys.short"]


def test_key_and_signature_files_may_end_in_white_space() -> None:
    assert read_key_file(write_hex_file(public(OPERATOR)) + b"\n") == public(OPERATOR)
    assert read_signature_file(b" " + b"AB" * 64 + b"\r\n") == b"\xab" * 64
    for data in (b"\xff" * 64, b"00" * 31, b"", b"zz" * 32):
        with pytest.raises(FieldMalformed):
            read_key_file(data)
        with pytest.raises(FieldMalformed):
            read_signature_file(data)


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a\\b", "a\0", "a\n"])
def test_a_name_that_leads_elsewhere_is_refused(name: str) -> None:
    with pytest.raises(NameUnsafe):
        check_name(name, "$")
    assert check_name("builtin.accuracy", "$") == "builtin.accuracy"


def test_a_map_reads_back_and_is_written_in_the_daemons_order() -> None:
    rows = ActiveMap().activated("b", "h", b"\1" * 32).activated("a", "h", b"\2" * 32).activated("b", "h", b"\3" * 32)
    assert [one.pair for one in rows.mappings] == [("a", "h"), ("b", "h")]
    assert rows.active("b", "h") == b"\3" * 32
    assert rows.active("c", "h") is None
    assert read_active_map(rows.to_bytes()) == rows
    assert rows.retired("a", "h").active("a", "h") is None
    assert rows.retired("a", "h").active("b", "h") == b"\3" * 32
    assert ActiveMap().to_bytes() == b'{"mappings":[]}'


def test_rows_out_of_order_or_repeated_are_told() -> None:
    twice = ActiveMap((Mapping("b", "h", b"\1" * 32), Mapping("a", "h", b"\1" * 32), Mapping("b", "h", b"\2" * 32)))
    assert [(fault.code, fault.path) for fault in twice.faults()] == [
        ("active_map_repeated", "$.mappings[2]"),
        ("active_map_unsorted", "$.mappings"),
    ]
    assert twice.active("b", "h") == b"\1" * 32


def test_a_registry_entry_is_judged_by_folder_name_and_both_signatures() -> None:
    entry = Entry(
        "settle", CONTRACT.nullspec_id.hex(), CONTRACT, CONTRACT.canonical(), sign(OPERATOR, CONTRACT.canonical())
    )

    def codes(one: Entry) -> list[str]:
        return [fault.code for fault in entry_faults(one, KEYRING)]

    assert codes(entry) == []
    assert codes(replace(entry, folder="other")) == ["registry_folder_mismatch"]
    assert codes(replace(entry, stem="00")) == ["nullspec_name_mismatch"]
    assert codes(replace(entry, signature=None)) == ["registry_signature_missing"]
    assert codes(replace(entry, signature=sign(STRANGER, CONTRACT.canonical()))) == ["registry_signature_wrong"]
    assert codes(replace(entry, signature=sign(OPERATOR, CONTRACT.signing_payload()))) == ["registry_signature_wrong"]
    assert codes(replace(entry, data=b"{}")) == ["evidenceos_not_canonical"]
    stem = f"nullspecs/settle/{CONTRACT.nullspec_id.hex()}"
    assert entry_paths(CONTRACT) == (f"{stem}.json", f"{stem}.sig")
    with pytest.raises(NameUnsafe):
        entry_paths(signed(replace(unsigned(), oracle_id="../nullspec")))


def test_events_are_read_line_by_line_and_a_bad_one_is_set_aside() -> None:
    data = ADVANCED.to_line() + b"\nnot an event\n" + ADVANCED.to_line()
    events, refused = read_log(data)
    assert events == {1: ADVANCED, 4: ADVANCED}
    assert list(refused) == [3]
    assert not is_torn(data)
    assert is_torn(data[:-1])
    assert not is_torn(b"")


def test_what_upstream_ignores_in_a_line_is_kept_and_written_again() -> None:
    line = ADVANCED.to_line()[:-2] + b',"change":"c1"}\n'
    event = read_event(line)
    assert event.extra == {"change": "c1"}
    assert event.to_line() == line
    assert list(event_faults(event, KEYRING)) == []


@pytest.mark.parametrize(
    ("event", "codes"),
    [
        (ADVANCED, []),
        (replace(ADVANCED, epoch=NOW + 1), ["event_signature_wrong", "event_id_mismatch"]),
        (replace(ADVANCED, event_id="00"), ["event_id_mismatch"]),
        (replace(ADVANCED, signature_hex=""), ["event_signature_wrong"]),
        (signed_event(replace(ADVANCED, key_id="x")), ["event_key_unknown"]),
        (GovernanceEvent("nullspec_install", 10, KEY_ID, {}, nullspec_event_id(b"\0" * 32), "00"), []),
    ],
)
def test_a_signature_counts_only_where_it_signs_the_event(event: GovernanceEvent, codes: list[str]) -> None:
    assert [fault.code for fault in event_faults(event, KEYRING)] == codes
