"""Another witness policy for a log: one `policy` leaf, in force for every checkpoint above it.

Guarantees that the text is stored before a leaf names its digest, that the policy names a log key which the stream has,
and that declaring what is in force writes nothing. Design: evidence, witnesses and quorum.
"""

from __future__ import annotations

from django.db import connection, transaction

from ledger.core.envelope import Envelope, build
from ledger.core.times import format_time
from ledger.core.types import JSONObject
from ledger.core.witness_policy import parse_policy
from ledger.errors import RequestError
from ledger.selectors.health import policy_in_force
from ledger.selectors.keys import keys_of, vkey_of
from ledger.selectors.streams import StreamView
from ledger.services.governed import reference, require
from ledger.services.head import advance_control, lock_head, refuse_act
from ledger.services.ids import fresh_id
from ledger.services.insert import insert_leaf
from ledger.services.notices import tell_last
from ledger.services.policies import store_policy
from ledger.services.raw import within
from ledger.services.recovery import ensure_compared


class PolicyUnchanged(RequestError):
    """The policy in force says the same."""

    code = "policy_unchanged"
    default_next = "Nothing needs to be done."


class PolicyOfAnotherLog(RequestError):
    """No `log` line of the policy is a key of this stream in force."""

    code = "policy_of_another_log"
    default_next = "Begin the policy with the log's own line: trust_sheet NS/NAME shows it."


def set_policy_within(stream: StreamView, text: str, *, decision: str | None) -> Envelope:
    """Append the leaf in the caller's transaction; the guard is told after the commit.

    Raises DecisionNeeded, PolicyInvalid with the line, PolicyOfAnotherLog, PolicyUnchanged, StreamFrozen,
    TenantSuspended, StreamStopped, ClockAhead.
    """
    require(decision, "stream.policy")
    check_policy(stream, text)
    ensure_compared(stream)
    with connection.cursor() as outer, within(outer) as cursor:
        head = lock_head(cursor, stream.id)
        refuse_act(head, decision)
        if policy_in_force(stream) == text:
            raise PolicyUnchanged("This policy is in force already", why=stream.origin)
        fields: JSONObject = {
            "policy": store_policy(text), "decision": reference(decision), "control_prev": head.control.to_json(),
        }  # fmt: skip
        leaf = build("policy", head.origin, head.size, head.last_hash, format_time(head.recorded), fields)
        insert_leaf(cursor, head.stream_id, leaf, head.recorded, fresh_id())
        advance_control(cursor, head, leaf)
    transaction.on_commit(lambda: tell_last(stream, [leaf]), robust=True)
    return leaf


def check_policy(stream: StreamView, text: str) -> None:
    """Raise PolicyInvalid with the line, or PolicyOfAnotherLog."""
    policy = parse_policy(text.encode())
    own = {str(vkey_of(key)) for key in keys_of(stream.id) if key.use == "checkpoint" and not key.is_retired}
    if not own & {str(vkey) for vkey in policy.logs}:
        raise PolicyOfAnotherLog("The policy does not name a key of this log", why=stream.origin)
