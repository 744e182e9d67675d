"""NullSpec contracts: written exactly, read strictly, and every check of them tells what it compared."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from governance.evidenceos.core.floats import U64_MAX
from governance.evidenceos.core.nullspec import (
    Contract,
    Dirichlet,
    DiscreteBuckets,
    EProcess,
    FixedAlternative,
    Kind,
    ParametricBernoulli,
    read_contract,
)
from governance.evidenceos.core.nullspec_checks import (
    canonical_faults,
    expiry_faults,
    number_faults,
    reading_faults,
    signature_faults,
)
from governance.evidenceos.errors import FieldMalformed, FieldMissing, FieldUnknown
from tests.support.evidenceos import BERNOULLI, BUCKETS, CONTRACT, KEY_ID, KEYRING, STRANGER, public, signed, unsigned


def codes(contract: Contract) -> list[tuple[str, str]]:
    return [(fault.code, fault.path) for fault in number_faults(contract)]


@pytest.mark.parametrize(("kind", "eprocess"), [BUCKETS, BERNOULLI])
def test_a_contract_reads_back_from_its_bytes(kind: Kind, eprocess: EProcess) -> None:
    contract = signed(unsigned(kind, eprocess))
    assert read_contract(contract.canonical()) == contract
    assert [*signature_faults(contract, KEYRING), *number_faults(contract), *reading_faults(contract)] == []


def test_the_payload_has_an_id_of_zeros_and_no_signature() -> None:
    payload = json.loads(CONTRACT.signing_payload())
    assert payload["nullspec_id"] == [0] * 32
    assert payload["signature_ed25519"] == []
    assert payload["calibration_manifest_hash"] == [0xAB] * 32


def test_without_a_calibration_the_field_is_null_and_may_be_absent_when_read() -> None:
    contract = replace(CONTRACT, calibration_manifest_hash=None)
    value = json.loads(contract.canonical())
    assert value.pop("calibration_manifest_hash") is None
    assert read_contract(json.dumps(value).encode()) == contract


def test_epochs_up_to_the_last_u64_stay_whole() -> None:
    contract = signed(replace(unsigned(), epoch_created=2**53 + 1, ttl_epochs=U64_MAX))
    assert b'"epoch_created":9007199254740993,' in contract.canonical()
    assert b'"ttl_epochs":18446744073709551615}' in contract.canonical()
    assert read_contract(contract.canonical()) == contract
    assert contract.last_epoch == U64_MAX
    assert not contract.is_expired(U64_MAX)


def test_a_contract_holds_through_its_last_epoch_and_no_longer() -> None:
    assert [fault.code for fault in expiry_faults(CONTRACT, 31)] == ["nullspec_expired"]
    assert list(expiry_faults(CONTRACT, 30)) == []


@pytest.mark.parametrize("name", sorted(json.loads(CONTRACT.canonical()).keys() - {"calibration_manifest_hash"}))
def test_a_missing_field_is_named(name: str) -> None:
    value = json.loads(CONTRACT.canonical())
    del value[name]
    with pytest.raises(FieldMissing) as refusal:
        read_contract(json.dumps(value).encode())
    assert refusal.value.path == f"$.{name}"


@pytest.mark.parametrize(
    ("name", "value", "path"),
    [
        ("nullspec_id", [0] * 31, "$.nullspec_id"),
        ("nullspec_id", [256] + [0] * 31, "$.nullspec_id[0]"),
        ("nullspec_id", "00" * 32, "$.nullspec_id"),
        ("ttl_epochs", -1, "$.ttl_epochs"),
        ("ttl_epochs", 1.0, "$.ttl_epochs"),
        ("ttl_epochs", True, "$.ttl_epochs"),
        ("oracle_id", None, "$.oracle_id"),
        ("kind", {"DiscreteBuckets": {"p0": [0.5, None]}}, "$.kind.DiscreteBuckets.p0[1]"),
        ("kind", {"Other": {}}, "$.kind"),
        ("kind", {"DiscreteBuckets": {"p0": []}, "ParametricBernoulli": {"p": 0.5}}, "$.kind"),
        ("kind", [], "$.kind"),
        ("eprocess", {"DirichletMultinomialMixture": {"alpha": 1}}, "$.eprocess.DirichletMultinomialMixture.alpha"),
    ],
)
def test_a_field_of_another_type_is_named(name: str, value: object, path: str) -> None:
    with pytest.raises(FieldMalformed) as refusal:
        read_contract(json.dumps(json.loads(CONTRACT.canonical()) | {name: value}).encode())
    assert refusal.value.path == path


@pytest.mark.parametrize(
    ("extra", "path"),
    [
        ({"note": 1}, "$.note"),
        ({"kind": {"ParametricBernoulli": {"p": 0.5, "q": 1}}}, "$.kind.ParametricBernoulli.q"),
        (
            {"eprocess": {"LikelihoodRatioFixedAlt": {"alt": [], "q": 1}}},
            "$.eprocess.LikelihoodRatioFixedAlt.q",
        ),
    ],
)
def test_a_field_that_the_daemon_would_drop_is_refused(extra: dict[str, object], path: str) -> None:
    with pytest.raises(FieldUnknown) as refusal:
        read_contract(json.dumps(json.loads(CONTRACT.canonical()) | extra).encode())
    assert refusal.value.path == path


def test_bytes_in_another_order_are_read_and_told() -> None:
    data = json.dumps(json.loads(CONTRACT.canonical())).encode()
    assert read_contract(data) == CONTRACT
    assert [fault.code for fault in canonical_faults(CONTRACT, data)] == ["evidenceos_not_canonical"]
    assert list(canonical_faults(CONTRACT, CONTRACT.canonical())) == []


def test_schema_key_signature_and_id_are_told_in_the_daemons_order() -> None:
    def found(contract: Contract, keyring: dict[str, bytes]) -> list[str]:
        return [fault.code for fault in signature_faults(contract, keyring)]

    assert found(CONTRACT, {}) == ["nullspec_key_unknown"]
    assert found(CONTRACT, {KEY_ID: public(STRANGER)}) == ["nullspec_signature_wrong"]
    assert found(replace(CONTRACT, signature=b""), KEYRING) == ["nullspec_signature_wrong"]
    assert found(replace(CONTRACT, nullspec_id=b"\1" * 32), KEYRING) == ["nullspec_id_mismatch"]
    changed = replace(CONTRACT, schema="evidenceos.nullspec.v2")
    assert found(changed, KEYRING) == ["nullspec_schema", "nullspec_signature_wrong", "nullspec_id_mismatch"]


P0, ALPHA = "$.kind.DiscreteBuckets.p0", "$.eprocess.DirichletMultinomialMixture.alpha"
ALT = "$.eprocess.LikelihoodRatioFixedAlt.alt"


@pytest.mark.parametrize(
    ("kind", "eprocess", "found"),
    [
        (BUCKETS[0], BERNOULLI[1], [("nullspec_pair", "$.eprocess")]),
        (BERNOULLI[0], BUCKETS[1], [("nullspec_pair", "$.eprocess")]),
        (DiscreteBuckets((0.5, 0.4)), Dirichlet((1.0, 1.0)), [("nullspec_sum", P0)]),
        (DiscreteBuckets((0.5, 0.5)), Dirichlet((1.0,)), [("nullspec_number", ALPHA)]),
        (DiscreteBuckets(()), Dirichlet(()), [("nullspec_number", ALPHA), ("nullspec_sum", P0)]),
        (DiscreteBuckets((0.0, 1.0)), Dirichlet((1.0, 1.0)), [("nullspec_number", f"{P0}[0]")]),
        (DiscreteBuckets((0.5, 0.5)), Dirichlet((0.0, 1.0)), [("nullspec_number", f"{ALPHA}[0]")]),
        (DiscreteBuckets((0.5, 0.5)), Dirichlet((1.0, -1.0)), [("nullspec_number", f"{ALPHA}[1]")]),
        (ParametricBernoulli(0.0), BERNOULLI[1], [("nullspec_number", "$.kind.ParametricBernoulli.p")]),
        (ParametricBernoulli(1.0), BERNOULLI[1], [("nullspec_number", "$.kind.ParametricBernoulli.p")]),
        (BERNOULLI[0], FixedAlternative((1.0,)), [("nullspec_number", ALT)]),
        (BERNOULLI[0], FixedAlternative((-0.5, 1.5)), [("nullspec_number", f"{ALT}[0]")]),
        (BERNOULLI[0], FixedAlternative((0.5, 0.6)), [("nullspec_sum", ALT)]),
        (BERNOULLI[0], FixedAlternative((0.0, 1.0)), []),
    ],
)
def test_numbers_that_the_daemon_would_compute_nonsense_with_are_told(
    kind: Kind, eprocess: EProcess, found: list[tuple[str, str]]
) -> None:
    assert codes(unsigned(kind, eprocess)) == found


def test_numbers_that_the_daemon_reads_as_others_are_told() -> None:
    contract = unsigned(DiscreteBuckets((0.20388349514563106, 0.7961165048543689)), Dirichlet((1.0, 1.0)))
    assert [(fault.code, fault.path) for fault in reading_faults(contract)] == [
        ("nullspec_number_unstable", f"{P0}[0]")
    ]
    for pair in (BUCKETS, BERNOULLI):
        assert list(reading_faults(unsigned(*pair))) == []
    one = unsigned(ParametricBernoulli(0.20388349514563106), FixedAlternative((130.65331632653061, 0.5)))
    assert [fault.path for fault in reading_faults(one)] == ["$.kind.ParametricBernoulli.p", f"{ALT}[0]"]
