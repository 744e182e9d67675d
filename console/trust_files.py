"""trust.policy and trust.json: what a reader keeps of a log, as files for the commands that are printed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from console.founded_memo import founded
from governance.change.selectors.deployment import changes_stream
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


def decisions_of() -> StreamView | None:
    """The log in which what governs every other one is decided; None before the founding, when nothing is."""
    return changes_stream() if founded() else None


def trust_json(stream: StreamView, head: SignedHead | None) -> bytes:
    """trust.json: the genesis leaf pins the log across rotations of its keys, the head is remembered, and decisions
    that leaves name are those of `governance_origin`, whose key trust.policy has.

    A head whose note does not verify is not remembered. A bundle under an older head than the remembered one
    is rejected as stale: the file for such a bundle is made with that bundle's head.
    """
    kept = [{"note": head.note.decode()}] if head is not None and not head.problem else []
    told: dict[str, object] = {"genesis": stream.log.hex(), "remembered": kept}
    if (decisions := decisions_of()) is not None:
        told["governance_origin"] = decisions.origin
    return f"{json.dumps(told, ensure_ascii=False, indent=1)}\n".encode()


def trust_policy(stream: StreamView) -> bytes:
    """The policy in force, with the key of the log of decisions beside the log's own; raises NotThere."""
    text, decisions = policy_in_force(stream), decisions_of()
    if decisions is None or decisions.origin == stream.origin:
        return text.encode()
    lines = text.splitlines(keepends=True)
    own = [line for line in lines if line.startswith("log ")]
    after = max((place for place, line in enumerate(lines, 1) if line in own), default=0)
    others = [f"{line}\n" for line in log_lines(decisions) if f"{line}\n" not in own]
    return "".join((*lines[:after], *others, *lines[after:])).encode()


def log_lines(stream: StreamView) -> list[str]:
    """The `log` lines of a stream's own policy; raises NotThere."""
    return [line for line in policy_in_force(stream).splitlines() if line.startswith("log ")]


def asks_for_witnesses(policy: bytes) -> bool:
    """Whether this C2SP tlog-policy needs any witness; raises PolicyInvalid."""
    return parse_policy(policy).quorum is not None
