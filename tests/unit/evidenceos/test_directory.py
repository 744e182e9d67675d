"""A data directory is read whole: what we write verifies, what is wrong is told at its file and hides no other."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest

from governance.evidenceos.core import etl
from governance.evidenceos.core.active_map import ActiveMap
from governance.evidenceos.core.canary import CanaryConfig, begun
from governance.evidenceos.core.directory import Asked
from governance.evidenceos.core.epoch import EpochControl
from governance.evidenceos.core.importing import read_directory
from governance.evidenceos.core.jsons import canonical, compact
from governance.evidenceos.core.keys import write_hex_file
from governance.evidenceos.core.nullspec import Dirichlet, DiscreteBuckets
from governance.evidenceos.core.operator import write_operator_config
from ledger.core.types import JSON
from tests.support.evidenceos import (
    CONTRACT,
    EPOCH,
    KEYRING,
    NOW,
    OPERATOR,
    RECORD,
    STRANGER,
    public,
    sign,
    signed,
    signed_epoch,
    unsigned,
)
from tests.support.evidenceos_files import (
    AUTHOR,
    DETACHED,
    ENTRIES,
    ID,
    PROPOSAL,
    REGISTERED,
    SETTLEMENT,
    STORED,
    copied_event,
    directory,
    event_lines,
)

NOTES = {"event_unsigned", "event_id_repeated"}
EVENTS, CONFIG, STATE = "etl_governance_events.log", "oracle_operator_config.json", "state.json"
MAP, TRUSTED, CONTROL = "nullspec/active_map.json", "trusted_oracle_keys.json", "epoch_control.json"


def faults(files: dict[str, bytes], asked: Asked | None = None) -> set[tuple[str, str]]:
    """(file, code) of everything but the notes that upstream's own events bring."""
    found = read_directory(files, asked or Asked(now=NOW))
    return {(one.path, fault.code) for one in found.files for fault in one.faults if fault.code not in NOTES}


def changed(path: str, change: Callable[[bytes], bytes]) -> dict[str, bytes]:
    files = directory()
    return files | {path: change(files.get(path, b""))}


def test_what_we_write_verifies_and_every_file_has_its_row() -> None:
    files = directory()
    found = read_directory(files, Asked(now=NOW))
    assert faults(files) == set()
    assert found.verdict == "verified"
    assert [one.path for one in found.files] == sorted(files)
    assert {one.verdict for one in found.files} == {"verified"}
    assert {one.path: (one.size, one.digest) for one in found.files} == {
        path: (len(data), sha256(data).hexdigest()) for path, data in files.items()
    }


def test_what_was_read_can_be_asked_for() -> None:
    found = read_directory(directory(), Asked(now=NOW))
    assert found.contracts == {CONTRACT.nullspec_id: CONTRACT}
    assert found.active.active("settle", "holdout-a") == CONTRACT.nullspec_id
    assert [entry.contract for entry in found.registry] == [CONTRACT]
    assert (found.keyring, found.trusted) == (KEYRING, KEYRING)
    assert found.records == {"settle": RECORD}
    assert found.forced_epoch == 12
    assert list(found.events) == [1, 2, 3, 4]
    assert found.entries == ENTRIES
    assert list(found.canaries) == ["settle::holdout-a"]
    assert found.settlements == {SETTLEMENT: PROPOSAL}
    assert not found.is_locked


def test_upstreams_copied_signatures_and_repeated_ids_are_told_as_notes() -> None:
    found = read_directory(directory(), Asked(now=NOW))
    notes = [(fault.code, fault.path) for fault in found.faults()]
    assert notes == [
        ("event_unsigned", f"{EVENTS} line 3 $.signature_ed25519"),
        ("event_id_repeated", f"{EVENTS} line 4 $.event_id"),
        ("event_unsigned", f"{EVENTS} line 4 $.signature_ed25519"),
    ]


OTHER = signed(replace(unsigned(), holdout_handle="holdout-b"))
UNSTABLE = signed(unsigned(DiscreteBuckets((0.20388349514563106, 0.7961165048543689)), Dirichlet((1.0, 1.0))))
FOREIGN = signed(unsigned(), STRANGER)


@pytest.mark.parametrize(
    ("path", "data", "codes"),
    [
        ("nullspec/bad.json", b"{", {"evidenceos_json"}),
        (STORED, CONTRACT.canonical() + b"\n", {"evidenceos_not_canonical"}),
        (STORED, FOREIGN.canonical(), {"nullspec_signature_wrong"}),
        (f"nullspec/{UNSTABLE.nullspec_id.hex()}.json", UNSTABLE.canonical(), {"nullspec_number_unstable"}),
        ("nullspec/other.json", OTHER.canonical(), {"nullspec_name_mismatch"}),
        (REGISTERED, OTHER.canonical(), {"nullspec_name_mismatch", "registry_signature_wrong"}),
        (REGISTERED, b"[]", {"evidenceos_field_malformed"}),
        (DETACHED, write_hex_file(sign(STRANGER, CONTRACT.canonical())), set()),
        (DETACHED, b"zz", {"evidenceos_field_malformed"}),
        ("nullspec-registry/nullspecs/settle/alone.sig", b"", {"registry_signature_alone"}),
        ("trusted-nullspec-keys/x.pub", b"00" * 32, {"evidenceos_field_malformed"}),
        ("trusted-nullspec-keys/ops-k1.txt", write_hex_file(public(STRANGER)), {"key_file_duplicate"}),
        (MAP, b"{}", {"evidenceos_field_missing"}),
        (
            MAP,
            ActiveMap().activated("settle", "holdout-a", b"\1" * 32).to_bytes(),
            {"nullspec_missing", "event_missing"},
        ),
        (MAP, ActiveMap().activated("settle", "x", CONTRACT.nullspec_id).to_bytes(), {"nullspec_mapping_mismatch"}),
        (TRUSTED, b"[]", {"evidenceos_field_malformed"}),
        (CONFIG, b"", {"evidenceos_json"}),
        (CONFIG, write_operator_config({"x": RECORD}), {"oracle_signature_wrong", "event_missing"}),
        (CONTROL, b"", {"evidenceos_json"}),
        (CONTROL, signed_epoch(replace(EPOCH, forced_epoch=13)).to_bytes(), {"event_missing"}),
        (CONTROL, signed_epoch(EPOCH, STRANGER).to_bytes(), {"epoch_signature_wrong"}),
        (EVENTS, b"".join(event_lines())[:-1], {"event_log_torn"}),
        (EVENTS, b"x\n" + b"".join(event_lines()), {"evidenceos_json"}),
        (STATE, b"[]", {"evidenceos_field_malformed"}),
        (STATE, b'{"canary_states": [1]}', {"evidenceos_field_malformed"}),
        (SETTLEMENT, b"{}", {"evidenceos_field_missing"}),
        (SETTLEMENT, compact(replace(PROPOSAL, claim_state="").to_json()), {"settlement_invalid"}),
        ("etl.log.leaves", b"\0" * 32, {"etl_leaves_mismatch"}),
        ("etl.log", b"".join(map(etl.record, ENTRIES)) + b"\1", {"etl_torn"}),
        ("accounts.json", b"{}", {"file_unread"}),
        ("nullspec/deeper/x.json", b"{}", {"file_unread"}),
        ("keys/00.key", b"\7" * 32, {"private_keys_present"}),
    ],
)
def test_a_bad_file_is_told_at_its_place(path: str, data: bytes, codes: set[str]) -> None:
    found = faults(directory() | {path: data})
    assert {code for file, code in found if file == path} == codes


def test_a_signature_that_fails_is_told_at_the_contract() -> None:
    files = directory() | {DETACHED: write_hex_file(sign(STRANGER, CONTRACT.canonical()))}
    assert faults(files) == {(REGISTERED, "registry_signature_wrong")}
    del files[DETACHED]
    assert faults(files) == {(REGISTERED, "registry_signature_missing")}


def test_a_bad_file_hides_no_good_one() -> None:
    files = directory()
    bad = dict.fromkeys(
        ("nullspec/bad.json", "nullspec-registry/nullspecs/settle/bad.json", "trusted-nullspec-keys/bad"), b"\xff"
    )
    found = read_directory(files | bad, Asked(now=NOW))
    assert {one.path for one in found.files if one.verdict == "rejected"} == set(bad)
    assert found.contracts == {CONTRACT.nullspec_id: CONTRACT}
    assert found.verdict == "rejected"


def test_a_contract_under_another_name_is_not_offered() -> None:
    found = read_directory(directory() | {"nullspec/other.json": OTHER.canonical()}, Asked(now=NOW))
    assert found.contracts == {CONTRACT.nullspec_id: CONTRACT}


def test_no_file_at_all_is_an_empty_directory() -> None:
    assert read_directory({}).verdict == "verified"
    assert read_directory({}).files == ()


def test_without_keys_nothing_signed_verifies() -> None:
    files = directory()
    del files[AUTHOR], files[TRUSTED]
    codes = {code for _, code in faults(files)}
    assert {"nullspec_key_unknown", "registry_signature_wrong", "oracle_key_unknown", "epoch_key_unknown"} <= codes
    assert "event_key_unknown" in codes


def test_private_keys_are_neither_read_nor_hashed() -> None:
    found = read_directory(directory() | {"keys/0a.key": b"\7" * 32, "keys/active_key_id": b"0a\n"}, Asked(now=NOW))
    row = next(one for one in found.files if one.path == "keys/0a.key")
    assert (row.digest, row.verdict) == ("", "unread")
    assert (found.log_keys, found.active_log_key) == (["0a"], "0a")


def test_without_a_clock_times_are_not_checked_and_with_one_they_are() -> None:
    assert faults(directory(), Asked()) == {(CONFIG, "clock_not_given")}
    assert read_directory(directory(), Asked()).verdict == "incomplete"
    assert faults(directory(), Asked(now=NOW - 1)) == {(CONFIG, "oracle_record_future")}
    assert faults(directory(), Asked(now=NOW + 86401)) == {(CONFIG, "oracle_record_expired")}


def test_the_forced_epoch_counts_unless_another_is_given() -> None:
    assert faults(directory(), Asked(now=NOW, epoch=31)) == {(STORED, "nullspec_expired")}
    assert faults(directory(), Asked(now=NOW, epoch=30)) == set()
    files = changed(CONTROL, lambda _: EpochControl(None).to_bytes())
    assert faults(files) == {(STORED, "epoch_not_given")}
    late = changed(CONTROL, lambda _: signed_epoch(replace(EPOCH, forced_epoch=31)).to_bytes())
    assert (STORED, "nullspec_expired") in faults(late)


def test_a_log_that_became_shorter_or_another_is_told() -> None:
    root = etl.root_of(ENTRIES[:3])
    assert faults(directory(), Asked(now=NOW, earlier_log=(3, root))) == set()
    assert faults(directory(), Asked(now=NOW, earlier_log=(3, b"\0" * 32))) == {("etl.log", "etl_shorter")}
    for missing in (root, etl.root_of(ENTRIES)):
        assert faults(directory(), Asked(now=NOW, earlier_log=(6, missing))) == {("etl.log", "etl_shorter")}


def test_behind_a_damaged_record_nothing_is_read() -> None:
    log = bytearray(directory()["etl.log"])
    log[len(etl.record(ENTRIES[0])) + 5] ^= 1
    found = read_directory(directory() | {"etl.log": bytes(log)}, Asked(now=NOW))
    assert found.entries == ENTRIES[:1]
    assert (f"offset {len(etl.record(ENTRIES[0]))}", "etl_torn") in {
        (fault.path, fault.code) for one in found.files if one.path == "etl.log" for fault in one.faults
    }


@pytest.mark.parametrize(
    ("payload", "kind"),
    [
        (ENTRIES[0], "probe_event"),
        (ENTRIES[1], "capsule"),
        (ENTRIES[2], "revocation"),
        (b'{"kind":"reservation_expired"}', "reservation_expired"),
        (b'{"kind":"other"}', ""),
        (b'{"capsule_hash_hex":"00"}', ""),
        (b"entry", ""),
    ],
)
def test_an_entry_is_of_a_known_kind_or_told(payload: bytes, kind: str) -> None:
    assert etl.kind_of(payload) == kind
    files = directory() | {"etl.log": etl.record(payload), "etl.log.leaves": b""}
    assert (("etl.log", "etl_entry_unknown") in faults(files)) is (kind == "")


@pytest.mark.parametrize(
    "change",
    [{"epoch": 11}, {"key_id": "x"}, {"signature_hex": "00"}, {"event_id": "00"}, {"payload": {"nullspec_id": ID}}],
)
def test_an_event_of_a_contract_has_to_repeat_it(change: dict[str, Any]) -> None:
    event = replace(copied_event("nullspec_install", CONTRACT), **change)
    files = changed(EVENTS, lambda data: data + event.to_line())
    assert faults(files) == {(EVENTS, "event_contract_mismatch")}


def test_events_of_unknown_contracts_and_types_are_told() -> None:
    strange = copied_event("nullspec_install", OTHER)
    files = changed(
        EVENTS, lambda data: data + strange.to_line() + replace(strange, event_type="x", payload=[]).to_line()
    )
    assert faults(files) == {(EVENTS, "nullspec_missing"), (EVENTS, "event_type_unknown")}


def test_settings_without_their_events_are_told_at_their_files() -> None:
    files = directory()
    del files[EVENTS]
    assert faults(files) == {(MAP, "event_missing"), (CONFIG, "event_missing"), (CONTROL, "event_missing")}


def test_a_payload_that_is_no_object_breaks_nothing() -> None:
    payloads: list[JSON] = [[], {"to": []}]
    lines = [json.dumps(json.loads(line) | {"payload": one}).encode() for line in event_lines() for one in payloads]
    assert (EVENTS, "event_signature_wrong") in faults(directory() | {EVENTS: b"\n".join(lines) + b"\n"})


def test_frozen_and_stale_canaries_are_told() -> None:
    streams = {
        "frozen": replace(begun(CanaryConfig()), drift_frozen=True),
        "stale": replace(begun(CanaryConfig(max_staleness_epochs=1)), last_epoch_checked=3),
    }
    state: JSON = {"canary_states": [[key, canary.to_json()] for key, canary in streams.items()]}
    found = read_directory(directory() | {STATE: compact(state)}, Asked(now=NOW))
    told = [(fault.code, fault.path) for fault in found.faults() if fault.code.startswith("canary")]
    assert told == [
        ("canary_frozen", f"{STATE} stream 'frozen' $.drift_frozen"),
        ("canary_stale", f"{STATE} stream 'stale'"),
    ]


def test_a_signed_settlement_is_held_against_the_expected_key() -> None:
    signature = sign(OPERATOR, PROPOSAL.signing_payload()).hex()
    record: JSON = {
        "proposal": PROPOSAL.to_json(),
        "signer_public_key_hex": public(OPERATOR).hex(),
        "signature_hex": signature,
    }
    files = directory() | {SETTLEMENT: canonical(record)}
    assert faults(files) == {(SETTLEMENT, "settlement_key_not_given")}
    assert faults(files, Asked(now=NOW, settlement_key=public(OPERATOR))) == set()
    assert faults(files, Asked(now=NOW, settlement_key=public(STRANGER))) == {(SETTLEMENT, "settlement_key_unknown")}
    files[SETTLEMENT] = files[SETTLEMENT].replace(b'"epoch":12', b'"epoch":13')
    assert faults(files, Asked(now=NOW, settlement_key=public(OPERATOR))) == {
        (SETTLEMENT, "settlement_signature_wrong")
    }


def test_a_lock_is_seen() -> None:
    assert read_directory({"kernel.lock": b""}).is_locked
