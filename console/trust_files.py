"""trust.policy and trust.json: what a reader keeps of a log, as files for the commands that are printed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ledger.core.witness_policy import parse_policy
from ledger.selectors import checkpoints
from ledger.selectors.health import policy_in_force
from ledger.selectors.signed_heads import signed_head

if TYPE_CHECKING:
    from ledger.selectors.keys import LogKeys
    from ledger.selectors.signed_heads import SignedHead
    from ledger.selectors.streams import StreamView

POLICY_NAME = "trust.policy"
TRUST_NAME = "trust.json"
OPTIONS = f"--policy {POLICY_NAME} --trust {TRUST_NAME}"


def head_of(stream: StreamView, size: int | None = None, held: LogKeys | None = None) -> SignedHead | None:
    """The newest head that is signed, or the one of `size` leaves; None before the first, raises NotThere."""
    row = checkpoints.newest(stream) if size is None else checkpoints.at(stream, size)
    return None if row is None else signed_head(stream, row, held)


def trust_json(stream: StreamView, head: SignedHead | None) -> bytes:
    """trust.json: the genesis leaf pins the log across rotations of its keys, the head is remembered.

    A head whose note does not verify is not remembered. A bundle under an older head than the remembered one
    is rejected as stale: the file for such a bundle is made with that bundle's head.
    """
    kept = [{"note": head.note.decode()}] if head is not None and not head.problem else []
    text = json.dumps({"genesis": stream.log.hex(), "remembered": kept}, ensure_ascii=False, indent=1)
    return f"{text}\n".encode()


def trust_policy(stream: StreamView) -> bytes:
    """The policy in force; raises NotThere."""
    return policy_in_force(stream).encode()


def asks_for_witnesses(policy: bytes) -> bool:
    """Whether this C2SP tlog-policy needs any witness; raises PolicyInvalid."""
    return parse_policy(policy).quorum is not None
