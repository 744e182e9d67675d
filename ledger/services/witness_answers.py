"""What the witnesses of a log say, handed in by a person: it decides whether a guard that lost writes is given them.

Guarantees that "none is ahead" is believed only if every witness of the policy in force answered within the hour, and
only for this one comparison: it is acted on at once and never stored. A head that is ahead, or another one, needs no
time and no other witness: the log signed it. The stream stays stopped with that code until all of them, asked again,
fit the database. Design: durability, recovery.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from ledger.core.head_guard import GuardHead, GuardState
from ledger.core.types import JSONObject
from ledger.core.witness_answers import WitnessAnswer, answers_in
from ledger.core.witness_policy import Policy, parse_policy
from ledger.errors import FatalError, RequestError, StreamClosed
from ledger.models import StreamHead
from ledger.selectors.guard_verdict import WITNESSES_STOP, verdict
from ledger.selectors.health import policy_in_force
from ledger.selectors.keys import log_vkeys
from ledger.selectors.readiness import database_clock
from ledger.selectors.streams import StreamView
from ledger.services import spool
from ledger.services.clock import TOLERANCE
from ledger.services.recovery import recover
from ledger.services.stop import stop
from ledger.services.system_event import SystemEvent

FRESH: Final = timedelta(hours=1)
"""A witness that cosigned longer ago may have seen more since: an old answer lies beside every old database."""
MAX_REASON: Final = 500


@dataclass(frozen=True, slots=True)
class HandedIn:
    """Cosigned notes, and the names of the witnesses that know of no checkpoint of this log: for that `actor` vouches,
    who hands it in and says why (`reason`).
    """

    notes: Sequence[bytes]
    knowing_nothing: Sequence[str]
    actor: str
    reason: str


def policy_of(stream: StreamView) -> Policy:
    """The policy in force; raises RequestError where it names no witness, NotThere."""
    policy = parse_policy(policy_in_force(stream).encode())
    if not policy.witnesses:
        raise RequestError(
            "The policy of this stream names no witness",
            why=stream.origin,
            next_step="Nothing has to be handed in: such a stream goes on by itself.",
        )
    return policy


def take_answers(stream: StreamView, handed: HandedIn) -> tuple[WitnessAnswer, ...]:
    """Compare guard, database and witnesses, and recover the stream; what the witnesses stopped goes on then.

    Raises RequestError without a reason or while a witness has not answered, StreamClosed, NoteMalformed and
    LogSignatureWrong for a note that is none of this log and its witnesses, HeadGuardAhead and HeadGuardConflict,
    which then stop the stream, and what `recover` raises.
    """
    if not 1 <= len(handed.reason.strip()) <= MAX_REASON:
        raise RequestError("A reason is needed", next_step=f"Give one of 1 to {MAX_REASON} characters.")
    if stream.successor is not None:
        raise StreamClosed("The stream is closed", why=f"continued by {stream.successor}")
    policy = policy_of(stream)
    answers = tuple(
        answer
        for data in handed.notes
        for answer in answers_in(data, stream.origin, lambda size: log_vkeys(stream.id, size), policy)
    )
    heads = tuple(dict.fromkeys(answer.head for answer in answers))
    _refuse_contradicted(stream, heads, handed, answers)
    _refuse_silent(policy, answers, handed.knowing_nothing)
    _note(stream, handed, answers, "")
    recover(stream, witnessed=heads)
    StreamHead.objects.filter(pk=stream.id, stopped__in=WITNESSES_STOP, successor=None).update(stopped=None)
    return answers


def _refuse_contradicted(
    stream: StreamView, heads: tuple[GuardHead, ...], handed: HandedIn, answers: Sequence[WitnessAnswer]
) -> None:
    """Stop the stream where a head is not that of its leaves, whatever the guard says and whoever is still silent."""
    error = verdict(stream, assumed=GuardState(), witnessed=heads).error
    if isinstance(error, FatalError) and error.code in WITNESSES_STOP:
        _note(stream, handed, answers, error.code)
        stop(stream.id, error)
        raise error


def _refuse_silent(policy: Policy, answers: Sequence[WitnessAnswer], knowing_nothing: Sequence[str]) -> None:
    names, told = {witness.name for witness in policy.witnesses}, {answer.name for answer in answers}
    wrong = [name for name in knowing_nothing if name not in names or name in told]
    if wrong:
        raise RequestError(
            "No witness of the policy, or one that cosigned",
            why=", ".join(wrong),
            next_step="Name witnesses as the policy does, and none of whom a note is handed in.",
        )
    now = database_clock().timestamp()
    ages = ((answer.name, now - answer.timestamp) for answer in answers)
    fresh = {name for name, age in ages if -TOLERANCE.total_seconds() <= age <= FRESH.total_seconds()}
    silent = sorted(names - fresh - {*knowing_nothing})
    if silent:
        raise RequestError(
            "Not every witness of the policy has answered within the hour",
            why=", ".join(silent),
            next_step="Have each cosign the newest checkpoint anew, and hand in all of their notes together.",
        )


def _note(stream: StreamView, handed: HandedIn, answers: Sequence[WitnessAnswer], code: str) -> None:
    told: JSONObject = {
        "stream": stream.origin,
        "code": code,
        "answers": [{"witness": one.name, "size": one.head.size, "time": one.timestamp} for one in answers],
        "knowing_nothing": list(handed.knowing_nothing),
        "reason": handed.reason.strip(),
        "actor": handed.actor,
    }
    spool.note(SystemEvent.WITNESSES_ASKED, told)
