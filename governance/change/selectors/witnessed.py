"""The newest note of the log of decisions that witnesses have cosigned: what an execution carries as its lower bound.

The cosignatures cannot be made before their time, so that an event which holds them was not there before either.
"""

from __future__ import annotations

from typing import Final

from governance.change.core.timelock import Bounds, Stood, bounds
from governance.change.selectors.deployment import changes_stream
from ledger.core.checkpoint_trust import assess
from ledger.core.note import parse_note
from ledger.core.verify.independent import seen_of
from ledger.core.verify.judging import Seen
from ledger.core.witness_policy import Policy, parse_policy
from ledger.errors import LedgerError
from ledger.selectors.checkpoints import checkpoints_of
from ledger.selectors.health import policy_in_force
from ledger.selectors.streams import StreamView

LOOKED_AT: Final = 50
"""Checkpoints, the newest first, among which a cosigned one is looked for."""


def cosigned_note() -> str | None:
    """The note; None where no witness is asked for, or none has answered."""
    log = changes_stream()
    policy = _policy(log)
    for one in checkpoints_of(log, limit=LOOKED_AT) if policy is not None else ():
        if _seen(one.note, policy, log) is not None:
            return one.note.decode()
    return None


def proved(stood: Stood, inside: str | None) -> Bounds:
    """What the witnesses of the policy in force prove of an execution's time lock, as a reader of it would find."""
    log = changes_stream()
    policy = _policy(log)
    found = [_seen(one.note, policy, log) for one in checkpoints_of(log, limit=LOOKED_AT)] if policy is not None else []
    note = _seen(inside.encode(), policy, log) if inside is not None else None
    return bounds(stood, [one for one in found if one is not None], note)


def _policy(log: StreamView) -> Policy | None:
    """None where its quorum asks for nobody."""
    try:
        policy = parse_policy(policy_in_force(log).encode())
    except LedgerError:
        return None
    return policy if policy.quorum is not None else None


def _seen(note: bytes, policy: Policy | None, log: StreamView) -> Seen | None:
    if policy is None:
        return None
    try:
        return seen_of(assess(parse_note(note), policy), policy, log.origin)
    except LedgerError:
        return None
