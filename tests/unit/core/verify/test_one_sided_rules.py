"""Rules that the corpus reaches from one side only: hidden leaves, claims that are no forks, failed steps."""

from __future__ import annotations

import io
from collections.abc import Callable
from itertools import pairwise
from random import Random

import pytest

from ledger.core.bundle import RECEIPTS
from ledger.core.merkle import consistency_proof, leaf_hash, reader_of, root
from ledger.core.report import Report
from ledger.core.strict_base64 import encode
from ledger.core.trust import Reader
from ledger.core.verify import verify_bundle
from ledger.core.verify.reliance import paused_parts
from ledger.core.witness_policy import parse_policy
from tests.corpus.cases import NOW, POLICY, base, own
from tests.corpus.draft import Draft, draft_of
from tests.corpus.keys import NEW_RECEIPT
from tests.corpus.log import Log, sample_log
from tests.corpus.promises import fork_file


def judged(data: bytes) -> Report:
    reader = Reader(parse_policy(POLICY), now=NOW)
    return verify_bundle(io.BytesIO(data), io.BytesIO(), reader)


def with_hidden_receipt(**changes: object) -> Report:
    """Leaf 7 is hidden, its receipt is shown and says something else."""
    log = sample_log()
    draft = draft_of(log, 5, 28, hidden=(7,))
    signed = log.receipt(log.leaves[7], key=None, issued=None, **changes)
    draft.edit(RECEIPTS, lambda lines: lines.append(signed.to_bytes()))
    return judged(own(draft))


def test_a_receipt_for_a_hidden_leaf_is_compared_by_its_hash() -> None:
    assert with_hidden_receipt().outcome == "verified"
    assert with_hidden_receipt(leaf_hash=leaf_hash(b"other")).codes == {"receipt_contradicted"}


def test_a_hidden_leaf_whose_neighbours_are_hidden_too_is_compared_in_part_and_that_is_told() -> None:
    log = sample_log()
    draft = draft_of(log, 5, 28, hidden=(7, 8))
    draft.edit(RECEIPTS, lambda lines: lines.append(log.receipts[7].to_bytes()))
    report = judged(own(draft))
    assert report.outcome == "verified"
    assert any("1 receipts of hidden leaves were compared in part" in told for told in report.not_claimed)


def test_a_receipt_for_a_hidden_leaf_still_names_the_right_log() -> None:
    assert with_hidden_receipt(log=leaf_hash(b"other")).codes == {"receipt_mismatch"}


@pytest.mark.parametrize("issued", [1, 5, 2**50])
def test_a_receipt_was_issued_between_its_leaf_and_the_head(issued: int) -> None:
    log = Log(receipt_key=NEW_RECEIPT)
    log.genesis()
    log.events(0, 3)
    log.receipts[3] = log.receipt(log.leaves[3], issued=issued)
    log.seal()
    assert judged(own(draft_of(log, 0, 4))).codes == {"receipt_key_unproven"}


def test_a_wrong_population_is_a_failed_step() -> None:
    report = judged(own(base(), lambda draft: draft.state(population=type(draft.manifest.population)(3, 3))))
    assert "population" in report.failed
    assert "population" in report.checked


def claimed(change: Callable[[Log], bytes]) -> Report:
    def add(draft: Draft) -> None:
        draft.files["forks/0.json"] = change(draft.log)

    return judged(own(base(), add))


@pytest.mark.parametrize("size", [34, 12])
def test_the_same_head_twice_is_no_fork(size: int) -> None:
    assert claimed(lambda log: fork_file(log.notes[size], log.notes[size], [], None)).codes == {"fork_claimed"}


def test_a_consistency_path_to_the_very_root_is_no_fork() -> None:
    def change(log: Log) -> bytes:
        proof = [encode(node) for node in consistency_proof(12, 34, reader_of(log.hashes))]
        return fork_file(log.notes[12], log.notes[34], [*proof], root(log.hashes[:12]).hex())

    assert claimed(change).codes == {"fork_claimed"}


@pytest.mark.parametrize("seed", range(60))
def test_the_newest_word_on_each_leaf_decides_whether_it_is_paused(seed: int) -> None:
    dice = Random(seed)  # noqa: S311  repeatable, no secret
    first, last = 5, 25
    spans = [(dice.randrange(30), dice.randrange(30), dice.random() < 0.5) for _ in range(seed // 4)]
    state = dict.fromkeys(range(first, last + 1), False)
    for start, end, paused in spans:
        state |= {index: paused for index in range(start, end + 1) if index in state}
    parts = paused_parts(spans, first, last)
    assert {index for start, end in parts for index in range(start, end + 1)} == {at for at, on in state.items() if on}
    assert all(one[1] + 1 < other[0] for one, other in pairwise(parts))
