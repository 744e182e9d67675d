"""A case before the verifier of this package."""

from __future__ import annotations

import io

from governance.change.core.judging import judge
from ledger.core.report import Report
from ledger.core.trust import Reader, parse_trust
from ledger.core.verify import (
    verify_bundle,
    verify_checkpoint,
    verify_governance,
    verify_proof,
    verify_receipt,
)
from ledger.core.witness_policy import parse_policy
from tests.corpus.cases import Input


def outcome_of(given: Input) -> Report:
    """The report on an input, by the kind it is."""
    reader = Reader(parse_policy(given.policy), parse_trust(given.trust_bytes), given.now)
    if given.kind == "bundle":
        return verify_bundle(io.BytesIO(given.data), io.BytesIO(), reader, judge=judge)
    if given.kind == "proof":
        return verify_proof(given.data, None, reader)
    if given.kind == "governance":
        return verify_governance(io.BytesIO(given.data), io.BytesIO(), reader, judge)
    single = {"checkpoint": verify_checkpoint, "receipt": verify_receipt}
    return single[given.kind](given.data, reader)
