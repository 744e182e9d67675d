"""Formats of EvidenceOS for any value: floats and u64 at their edges, round trips, readers that only ever refuse."""

from __future__ import annotations

import json
import math
import struct
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from governance.evidenceos.core import etl
from governance.evidenceos.core.canary import CanaryConfig, begun
from governance.evidenceos.core.directory import Asked
from governance.evidenceos.core.evalues import sequence
from governance.evidenceos.core.floats import daemon_reads, rounded, serde_float, survives
from governance.evidenceos.core.importing import read_directory
from governance.evidenceos.core.jsons import canonical, compact, parse, pretty
from governance.evidenceos.core.nullspec import (
    Contract,
    Dirichlet,
    DiscreteBuckets,
    FixedAlternative,
    ParametricBernoulli,
    read_contract,
)
from governance.evidenceos.core.nullspec_checks import id_faults
from governance.evidenceos.errors import EvidenceOSRefused
from tests.support.evidenceos import NOW, unsigned
from tests.support.evidenceos_files import directory

U64 = st.one_of(st.integers(0, 2**64 - 1), st.sampled_from([2**53 - 1, 2**53, 2**53 + 1, 2**63, 2**64 - 1]))
BITS = st.integers(0, 2**64 - 1).map(lambda bits: struct.unpack("<d", struct.pack("<Q", bits))[0])
EDGES = [1e-5, 9.999999999999999e-06, 1e-06, 1e16, 9999999999999998.0, 5e-324, 2.2250738585072014e-308, -0.0, 1e23]
FINITE = st.one_of(BITS.filter(math.isfinite), st.sampled_from(EDGES), st.floats(1e-9, 1e17))
TEXT = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(
    st.none() | st.booleans() | U64 | st.integers(-(2**63), -1) | FINITE | TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner),
)
HASH = st.binary(min_size=32, max_size=32)
NUMBERS = st.lists(FINITE, max_size=6).map(tuple)
CONTRACTS = st.builds(
    Contract,
    oracle_id=TEXT,
    oracle_resolution_hash=HASH,
    holdout_handle=TEXT,
    epoch_created=U64,
    ttl_epochs=U64,
    kind=st.builds(DiscreteBuckets, NUMBERS) | st.builds(ParametricBernoulli, FINITE),
    eprocess=st.builds(Dirichlet, NUMBERS) | st.builds(FixedAlternative, NUMBERS),
    calibration_manifest_hash=st.none() | HASH,
    created_by=TEXT,
)


@given(FINITE)
@example(1e16)
@example(9.999999999999999e-06)
def test_a_double_reads_back_and_has_the_layout_of_its_size(number: float) -> None:
    text = serde_float(number)
    assert struct.pack("<d", float(text)) == struct.pack("<d", number)
    assert ("e" in text) is (number != 0 and not 1e-5 <= abs(number) < 1e16)
    assert "e" in text or "." in text
    assert "e0" not in text
    assert "e-0" not in text
    assert len(text.replace("-", "").partition("e")[0].replace(".", "").strip("0")) <= 17


@given(FINITE)
def test_the_daemons_reader_is_never_off_by_more_than_a_few_units(number: float) -> None:
    read = daemon_reads(serde_float(number))
    if read is not None and abs(number) > 1e-300:
        assert abs(Fraction(read) - Fraction(number)) <= 4 * Fraction(math.ulp(number))


@given(st.floats(1e-7, 1e15))
def test_15_digits_survive_the_daemons_reader(number: float) -> None:
    assert survives(rounded(number))
    assert math.isclose(rounded(number), number, rel_tol=1e-14)


@given(VALUES)
def test_any_value_reads_back_from_every_form(value: object) -> None:
    for data in (canonical(value), compact(value), pretty(value).encode()):  # type: ignore[arg-type]  # any JSON
        assert parse(data) == value
    assert canonical(parse(canonical(value))) == canonical(value)  # type: ignore[arg-type]  # any JSON


@given(VALUES)
def test_canonical_is_pythons_where_there_are_no_floats(value: object) -> None:
    plain = json.loads(json.dumps(value), parse_float=lambda _: None)
    assert canonical(plain) == json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


@given(CONTRACTS, st.binary(max_size=64))
def test_a_contract_reads_back_with_the_id_it_was_signed_under(contract: Contract, signature: bytes) -> None:
    done = contract.signed(signature)
    assert read_contract(done.canonical()) == done
    assert done.signing_payload() == contract.signing_payload()
    assert list(id_faults(done)) == []


@given(st.binary() | VALUES.map(lambda value: json.dumps(value).encode()))
def test_a_reader_only_ever_refuses(data: bytes) -> None:
    with pytest.raises(EvidenceOSRefused) as refusal:
        read_contract(data)
    assert refusal.value.path
    assert refusal.value.why


@given(st.sampled_from(sorted(directory())), st.binary(max_size=80), st.integers(0, 4000))
def test_a_directory_is_read_whatever_one_of_its_files_holds(path: str, data: bytes, at: int) -> None:
    files = directory()
    whole = files[path]
    found = read_directory(files | {path: whole[:at] + data + whole[at + len(data) :]}, Asked(now=NOW))
    assert [one.path for one in found.files] == sorted(files)
    good = {one.path: one.digest for one in read_directory(files, Asked(now=NOW)).files}
    assert {one.path for one in found.files if one.digest != good[one.path]} <= {path}


@given(st.lists(st.binary(max_size=40)))
def test_a_log_reads_back_and_a_cut_one_loses_only_its_end(payloads: list[bytes]) -> None:
    data = b"".join(map(etl.record, payloads))
    assert list(etl.entries(data)) == payloads
    found = []
    try:
        for payload in etl.entries(data[:-1]):
            found.append(payload)  # noqa: PERF402  what was read before the refusal is what is asked about
    except EvidenceOSRefused:
        pass
    assert found == payloads[:-1]


@given(st.lists(st.integers(0, 2), max_size=30))
def test_a_canary_that_checks_every_epoch_has_the_e_value_of_the_contract(buckets: list[int]) -> None:
    canary = begun(CanaryConfig(1))
    for epoch, bucket in enumerate(buckets, start=1):
        canary = canary.updated(unsigned(), bucket, epoch)
    assert canary.e_drift == ([1.0, *sequence(unsigned(), buckets)])[-1]
    assert canary.total == len(buckets)
