"""Sequences that show how a contract answers: the same each time, as close to their chances as whole steps can be."""

from __future__ import annotations

from governance.evidenceos.core.evalues import sequence
from governance.evidenceos.core.nullspec import Dirichlet, DiscreteBuckets
from governance.evidenceos.core.samples import STEPS, following, null_of, samples_of
from tests.support.evidenceos import BERNOULLI, BUCKETS, unsigned

EVEN = DiscreteBuckets((0.5, 0.5)), Dirichlet((1.0, 1.0))


def test_a_sequence_follows_its_chances_after_every_step() -> None:
    chances = (0.2, 0.3, 0.5)
    found = following(chances, 100)
    assert [found.count(bucket) for bucket in range(3)] == [20, 30, 50]
    for step in range(1, 101):
        counts = [found[:step].count(bucket) for bucket in range(3)]
        assert all(abs(count - step * chance) < 1 for count, chance in zip(counts, chances, strict=True))


def test_buckets_are_shown_as_the_null_says_drifted_and_at_their_rarest() -> None:
    samples = samples_of(unsigned(*BUCKETS))
    words = [one.words for one in samples]
    assert words == ["as the null says", "half the way to equal chances", "always bucket 0, the rarest"]
    assert {len(one.buckets) for one in samples} == {STEPS}
    last = [sequence(unsigned(*BUCKETS), one.buckets)[-1] for one in samples]
    assert last[0] < last[1] < last[2]
    assert samples == samples_of(unsigned(*BUCKETS))


def test_one_chance_is_shown_as_its_alternative_says() -> None:
    samples = samples_of(unsigned(*BERNOULLI))
    assert null_of(unsigned(*BERNOULLI)) == (0.6, 0.4)
    assert samples[1].words == "as the alternative says"
    assert abs(samples[1].buckets.count(1) - 0.7 * STEPS) < 1
    assert set(samples[2].buckets) == {1}


def test_no_sequence_is_shown_twice() -> None:
    assert [one.words for one in samples_of(unsigned(*EVEN))] == ["as the null says", "always bucket 0, the rarest"]
