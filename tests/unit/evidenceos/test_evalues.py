"""E-values and the drift canary: the daemon's doubles, its order, and its refusals."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from governance.evidenceos.core.buckets import read_buckets, total_of
from governance.evidenceos.core.canary import Canary, CanaryConfig, begun, canary_faults, read_canaries, stream_key
from governance.evidenceos.core.evalues import sequence
from governance.evidenceos.core.floats import survives
from governance.evidenceos.core.jsons import compact
from governance.evidenceos.core.nullspec import (
    Dirichlet,
    DiscreteBuckets,
    EProcess,
    FixedAlternative,
    Kind,
    ParametricBernoulli,
)
from governance.evidenceos.errors import BucketOutOfRange, FieldMalformed
from ledger.core.types import JSON
from tests.support.evidenceos import BERNOULLI, BUCKETS, unsigned

TWO: tuple[Kind, EProcess] = DiscreteBuckets((0.2, 0.8)), Dirichlet((1.0, 1.0))


def test_the_mixture_learns_from_every_bucket() -> None:
    assert sequence(unsigned(*BUCKETS), [0, 2]) == [1.6666666666666665, 0.8333333333333333]
    assert sequence(unsigned(*TWO), [0, 0, 0]) == pytest.approx([2.5, 2.5 * (2 / 3) / 0.2, 2.5 * (2 / 3) / 0.2 * 3.75])


def test_the_ratio_uses_the_alternative_of_the_bucket() -> None:
    assert sequence(unsigned(*BERNOULLI), [1, 0, 1]) == [1.7499999999999998, 0.8749999999999999, 1.5312499999999996]


@pytest.mark.parametrize(
    ("kind", "eprocess", "bucket"),
    [
        (*BUCKETS, 3),
        (*BUCKETS, -1),
        (*BERNOULLI, 2),
        (*BERNOULLI, -1),
        (BUCKETS[0], BERNOULLI[1], 0),
        (DiscreteBuckets((0.0, 1.0)), Dirichlet((1.0, 1.0)), 0),
        (DiscreteBuckets((-1.0, 1.0)), Dirichlet((1.0, 1.0)), 1),
        (DiscreteBuckets((0.5, 0.5)), Dirichlet((1.0, 0.0)), 0),
        (DiscreteBuckets((0.5, 0.5)), Dirichlet((1.0,)), 0),
        (ParametricBernoulli(1.0), BERNOULLI[1], 0),
        (ParametricBernoulli(0.5), FixedAlternative((1.0,)), 0),
        (ParametricBernoulli(0.5), FixedAlternative((-1.0, 2.0)), 0),
        (ParametricBernoulli(5e-324), FixedAlternative((0.0, 1e300)), 1),
    ],
)
def test_where_the_daemon_has_no_e_value_we_have_none(kind: Kind, eprocess: EProcess, bucket: int) -> None:
    with pytest.raises(BucketOutOfRange):
        sequence(unsigned(kind, eprocess), [bucket])


def test_buckets_become_laplace_smoothed_probabilities() -> None:
    found = read_buckets(b'{"counts": [10, 20, 70], "calibration_manifest_hash": null, "epoch_created": 5}')
    assert found.null().p0 == (11 / 103, 21 / 103, 71 / 103)
    assert found.mixture(0.5).alpha == (0.5, 0.5, 0.5)
    assert not survives(found.null().p0[1])
    assert all(map(survives, found.null(steady=True).p0))
    assert found.null(steady=True).p0 == pytest.approx(found.null().p0, abs=1e-15)


@pytest.mark.parametrize("counts", [[], [-1], [0.5], "1"])
def test_counts_that_count_nothing_are_refused(counts: object) -> None:
    with pytest.raises(FieldMalformed):
        read_buckets(json.dumps({"counts": counts, "epoch_created": 5}).encode())


def test_sums_are_taken_from_left_to_right() -> None:
    assert total_of((1e16, 1.0, 1.0)) == 1e16


def test_the_barrier_is_one_over_the_level_and_freezes_inclusively() -> None:
    assert CanaryConfig(50_000).barrier == 20.0
    canary = replace(begun(CanaryConfig(1_000_000)), e_drift=1.0)
    at = unsigned(DiscreteBuckets((0.5, 0.5)), Dirichlet((1.0, 1.0)))
    assert canary.updated(at, 0, 1).e_drift == 1.0
    assert canary.updated(at, 0, 1).drift_frozen


def test_a_frozen_stream_stays_as_it_is() -> None:
    frozen = replace(begun(CanaryConfig()), drift_frozen=True)
    assert frozen.updated(unsigned(*TWO), 0, 5) is frozen


def test_a_stream_freezes_for_its_age_before_it_counts() -> None:
    canary = replace(begun(CanaryConfig(max_staleness_epochs=10)), last_epoch_checked=1)
    stale = canary.updated(unsigned(*TWO), 0, 12)
    assert stale.drift_frozen
    assert stale.e_drift == 1.0
    assert not canary.updated(unsigned(*TWO), 0, 11).drift_frozen
    assert not replace(canary, last_epoch_checked=0).is_stale(10**6)


def test_between_two_checks_nothing_counts_but_the_same_epoch_does() -> None:
    canary = replace(begun(CanaryConfig(check_every_epochs=3)), last_epoch_checked=5)
    assert canary.updated(unsigned(*TWO), 0, 7) is canary
    assert canary.updated(unsigned(*TWO), 0, 8).total == 1
    assert canary.updated(unsigned(*TWO), 0, 5).total == 1


def test_another_number_of_buckets_is_refused_until_a_reset() -> None:
    canary = begun(CanaryConfig()).updated(unsigned(*TWO), 0, 1)
    with pytest.raises(BucketOutOfRange):
        canary.updated(unsigned(*BUCKETS), 0, 2)
    assert canary.reset() == begun(CanaryConfig())
    assert canary.reset().updated(unsigned(*BUCKETS), 0, 2).total == 1


def test_states_are_read_one_by_one() -> None:
    key = stream_key("claim", "holdout")
    good = begun(CanaryConfig()).updated(unsigned(*TWO), 0, 2**53 + 1)
    state: JSON = {"other": 1, "canary_states": [[key, good.to_json()], ["bad", {}], 7]}
    found, refused = read_canaries(compact(state))
    assert found == {"claim::holdout": good}
    assert sorted(refused) == ["$.canary_states[1]", "$.canary_states[2]"]
    assert read_canaries(b"{}") == ({}, {})


def test_old_states_without_counts_are_read() -> None:
    value = begun(CanaryConfig()).to_json()
    del value["counts"], value["total"]
    found, _ = read_canaries(compact({"canary_states": [["k", value]]}))
    assert found == {"k": begun(CanaryConfig())}


@pytest.mark.parametrize(
    ("canary", "codes"),
    [
        (begun(CanaryConfig()), []),
        (Canary(CanaryConfig(0), 20.0), ["canary_invalid"]),
        (begun(CanaryConfig(1_000_001)), ["canary_invalid"]),
        (Canary(CanaryConfig(check_every_epochs=0), 20.0), ["canary_invalid"]),
        (Canary(CanaryConfig(), 21.0), ["canary_invalid"]),
        (replace(begun(CanaryConfig()), drift_frozen=True), ["canary_frozen"]),
    ],
)
def test_what_is_wrong_with_a_stream_is_told(canary: Canary, codes: list[str]) -> None:
    assert [fault.code for fault in canary_faults(canary)] == codes
