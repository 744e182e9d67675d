"""Verify evidence for anybody: a convenience, and never a reason to trust us. The offline verifier says the
same.
"""

from __future__ import annotations

import io
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.http import HttpResponse

from console.api.call import Call
from console.api.documented import BODY, documented
from console.api.evidence_input import FORM, OBJECT, Evidence, evidence_of
from console.api.operation import Operation, answer
from console.api.problems import ProblemError
from console.api.shapes import TEXT, closed, ref
from ledger.core.proof import HEADER
from ledger.core.report import Report
from ledger.core.tar import Limits
from ledger.core.verify import verify_bundle, verify_checkpoint, verify_proof, verify_receipt

AT_ONCE = 2
LIMITS = Limits(tar_bytes=512 * 1024 * 1024, files=50_000)
_slots = threading.BoundedSemaphore(AT_ONCE)
_GZIP, _USTAR, _USTAR_AT = b"\x1f\x8b", b"ustar", 257
_EVIDENCE = {"description": "bundle (.tar.gz), receipt with its leaf (JSON), .tlog-proof or checkpoint"}
_REQUEST = {
    FORM: {
        "type": "object",
        "properties": {
            "evidence": {"type": "string", "format": "binary", **_EVIDENCE},
            "policy": {**TEXT, "description": "your trust policy (C2SP tlog-policy)"},
            "trust": {**TEXT, "description": "trust.json"},
            "leaf": {"type": "string", "format": "binary", "description": "the leaf of a proof"},
            "now": {"type": "string", "pattern": "^[0-9]{1,12}$", "description": "the time to judge by"},
        },
        "required": ["evidence", "policy"],
    },
    OBJECT: closed(
        {"evidence": {"type": ["string", "object"], **_EVIDENCE}, "policy": TEXT},
        trust={"type": ["object", "null"]},
        leaf={"type": ["string", "null"], "description": "the leaf of a proof, in base64"},
        now={"type": ["integer", "null"], "minimum": 0, "maximum": 253_402_300_799},
    ),
}


class VerifyEvidence(Operation):
    """Public, bounded in size and number at once; nothing is kept."""

    public = True

    @documented(
        "verify_evidence",
        "Verify a bundle, receipt, proof or checkpoint under your own policy",
        request=_REQUEST,
        answers={200: ref("Report")},
        problems=[
            *BODY,
            "input_unreadable",
            "policy_invalid",
            "trust_invalid",
        ],
        public=True,
        tag="verify",
    )
    def post(self, call: Call) -> HttpResponse:
        """The verifier's report, whatever its outcome; 422 only where there is nothing to verify."""
        evidence = evidence_of(call.request, call.now)
        with _slot():
            report = _verified(evidence)
        if report.outcome == "unusable":
            first = report.problems[0]
            raise ProblemError("input_unreadable", first.message, first.next, path=f"$.{first.path or 'evidence'}")
        return answer(report.to_json())


@contextmanager
def _slot() -> Iterator[None]:
    """Verifying costs processor time that evidence still to come needs more."""
    if not _slots.acquire(blocking=False):
        detail = f"{AT_ONCE} verifications are running; the verifier on your own machine has no such limit."
        raise ProblemError("rate_limited", detail, headers={"Retry-After": "2"})
    try:
        yield
    finally:
        _slots.release()


def _verified(evidence: Evidence) -> Report:
    data = evidence.data
    if data.startswith(_GZIP) or data[_USTAR_AT : _USTAR_AT + len(_USTAR)] == _USTAR:
        with tempfile.TemporaryFile() as scratch:
            return verify_bundle(io.BytesIO(data), scratch, evidence.reader, LIMITS)
    if data.startswith(HEADER.encode()):
        return verify_proof(data, evidence.leaf, evidence.reader)
    if data.lstrip()[:1] == b"{":
        return verify_receipt(data, evidence.reader)
    return verify_checkpoint(data, evidence.reader)
