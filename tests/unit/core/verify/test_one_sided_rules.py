"""Rules that the corpus reaches from one side only: hidden leaves, claims that are no forks, failed steps."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest

from ledger.core.bundle import RECEIPTS
from ledger.core.merkle import consistency_proof, leaf_hash, reader_of, root
from ledger.core.report import Report
from ledger.core.strict_base64 import encode
from ledger.core.trust import Reader
from ledger.core.verify import verify_bundle
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


def test_a_receipt_for_a_hidden_leaf_still_names_the_right_log() -> None:
    assert with_hidden_receipt(log=leaf_hash(b"other")).codes == {"receipt_mismatch"}


def test_a_receipt_cannot_have_been_issued_before_its_leaf() -> None:
    log = Log(receipt_key=NEW_RECEIPT)
    log.genesis()
    log.events(0, 3)
    log.receipts[3] = log.receipt(log.leaves[3], issued=1)
    log.seal()
    assert judged(own(draft_of(log, 0, 4))).codes == {"receipt_signature_wrong"}


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
