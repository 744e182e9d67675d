"""A guard for a stream that has none: of a database from before the guard, or after a loss that was decided on.

Guarantees that nothing is made where a guard holds anything or where leaves, notes and rows contradict each
other, that the new guard holds the newest leaf and the newest signed head before it is told, and that the act
is recorded. What was promised beyond this database only witnesses and clients know. Design: durability, recovery.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ledger.core.head_guard import GuardHead, GuardState, Receipted
from ledger.core.recovery import GUARD_MISSING
from ledger.core.types import JSONObject
from ledger.errors import IntegrityLost, RequestError
from ledger.selectors import checkpoints
from ledger.selectors.governed import governed_since
from ledger.selectors.guard_verdict import verdict
from ledger.selectors.leaves import leaf
from ledger.selectors.promises import knows_of
from ledger.selectors.signed_heads import signed_head
from ledger.selectors.streams import StreamView
from ledger.services import spool
from ledger.services.recovery import recover
from ledger.services.system_event import SystemEvent
from ledger.storage.guards.configured import head_guard

MAX_TOLD: Final = 500


@dataclass(frozen=True, slots=True)
class Question:
    """What witnesses have to be asked before a guard is made: is any of them ahead of this, or beside it?"""

    stream: StreamView
    newest: Receipted
    head: GuardHead | None


def question_of(stream: StreamView) -> Question:
    """What a new guard would hold; raises RequestError unless the guard is missing, IntegrityLost."""
    found = verdict(stream)
    if found.code != GUARD_MISSING:
        told = f"it says {found.code}" if found.code else "it holds what the database holds"
        raise RequestError(
            "The guard of this stream is not missing",
            why=f"{stream.namespace}/{stream.name}: {told}",
            next_step="Leave the guard as it is; docs/durability.md says what each code asks for.",
        )
    head = _signed(stream)
    again = verdict(stream, assumed=GuardState(None, head))
    if again.error is not None:
        raise IntegrityLost("The database contradicts itself, so no guard is made from it", why=str(again.error))
    size = stream.size
    return Question(stream, Receipted(size, leaf(stream, size - 1).hash), head)


@dataclass(frozen=True, slots=True)
class Responsible:
    """Who makes the guard, and why; both may be empty before the founding alone."""

    by: str = ""
    reason: str = ""

    def check(self) -> None:
        """Raise RequestError where the deployment is founded and either is missing: no change can carry this act, since
        the log of changes itself has no guard then.
        """
        told = (self.by.strip(), self.reason.strip())
        if max(map(len, told)) > MAX_TOLD or (governed_since() is not None and not all(told)):
            raise RequestError(
                "A guard is made by somebody, for a reason",
                why=f"both of 1 to {MAX_TOLD} characters; they are recorded and told to whoever watches",
                next_step="Say the same again with --by WHO --reason WHY.",
            )


def make_guard(question: Question, responsible: Responsible) -> None:
    """Make the guard that `question` told of; raises RequestError where somebody else has made one or nobody answers
    for it, and what `recover` raises.
    """
    responsible.check()
    stream, newest, head = question.stream, question.newest, question.head
    guard = head_guard()
    if not guard.create(stream.origin):
        raise RequestError("A guard was made at the same time", why=stream.origin, next_step="Look at its code first.")
    told: JSONObject = {
        "stream": stream.origin,
        "size": newest.size,
        "signed_size": head.size if head else 0,
        "by": responsible.by.strip(),
        "reason": responsible.reason.strip(),
        "decision": None,
    }
    spool.note(SystemEvent.HEAD_GUARD_MADE, told)
    if head is not None:
        last = Receipted(head.size, leaf(stream, head.size - 1).hash)
        guard.swap_head(stream.origin, None, head, last.leaf_hash, knows_of(stream.id, last))
    guard.advance_receipted(stream.origin, newest.size, newest.leaf_hash, knows_of(stream.id, newest))
    recover(stream)


def _signed(stream: StreamView) -> GuardHead | None:
    newest = checkpoints.newest(stream)
    if newest is None:
        return None
    found = signed_head(stream, newest)
    if found.problem:
        raise IntegrityLost("The last checkpoint does not verify", why=found.problem)
    return GuardHead(found.size, found.root)
