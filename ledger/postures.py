"""What an append is answered while something is away: one table for the documents and for the test that tries it.

Guarantees nothing by itself: tests/api/test_when_something_is_away.py makes each failure and holds the API to its
row, and tests/docs holds docs/durability.md to this table.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Durable = Literal["kept", "nothing", "either"]


@dataclass(frozen=True, slots=True)
class Posture:
    """One failure under one setting of the stream (`without_receipt`; any: it makes no difference).

    `code` is '' for an ordinary answer.
    """

    failure: str
    setting: Literal["pending", "refuse", "any"]
    status: int
    code: str
    durable: Durable
    receipts: str
    then: str


_SAME = "Sends the request again with the same ids, and gets the receipt"
_LATER = "Nothing; fetches the receipt from the address in the answer, which says 202 until it is there"
_WAITS = "Keeps the event and sends it again later"
_ELSEWHERE = "Sends the event to the stream that the answer names"
_NONE, _AT_ONCE = "none", "with the answer to the retry"

POSTURES: Final = (
    Posture("signer down", "pending", 202, "receipt_pending", "kept", "when the signer is back", _LATER),
    Posture("signer down", "refuse", 503, "key_unusable", "nothing", _NONE, _WAITS),
    Posture("signer paused", "pending", 202, "receipt_pending", "kept", "when it is resumed", _LATER),
    Posture("signer paused", "refuse", 503, "signer_paused", "nothing", _NONE, _WAITS),
    Posture("signer fails after commit", "pending", 202, "receipt_pending", "kept", "when the signer is back", _LATER),
    Posture("signer fails after commit", "refuse", 202, "receipt_pending", "kept", "when the signer is back", _LATER),
    Posture("guard goes away", "any", 503, "head_guard_unreachable", "kept", _AT_ONCE, _SAME),
    Posture("guard is away", "any", 503, "head_guard_unreachable", "nothing", _NONE, _WAITS),
    Posture("guard behind, no witnesses", "any", 201, "", "kept", "with the answer", "Nothing"),
    Posture("guard behind, witnesses not asked", "any", 503, "head_guard_behind", "nothing", _NONE, _WAITS),
    Posture("guard ahead", "any", 503, "head_guard_ahead", "nothing", _NONE, _WAITS),
    Posture("guard conflict", "any", 503, "head_guard_conflict", "nothing", _NONE, _WAITS),
    Posture("guard corrupt", "any", 503, "head_guard_corrupt", "nothing", _NONE, _WAITS),
    Posture("guard missing", "any", 503, "head_guard_missing", "nothing", _NONE, _WAITS),
    Posture("database away", "any", 503, "database_unavailable", "nothing", _NONE, _WAITS),
    Posture("commit unknown", "any", 503, "commit_unknown", "either", _AT_ONCE, _SAME),
    Posture("stream locked too long", "any", 503, "append_timeout", "either", _AT_ONCE, _SAME),
    Posture("payload volume full", "any", 507, "storage_full", "nothing", _NONE, _WAITS),
    Posture("database full", "any", 507, "storage_full", "nothing", _NONE, _WAITS),
    Posture("clock ahead", "any", 503, "clock", "nothing", _NONE, _WAITS),
    Posture("stream stopped", "any", 503, "stream_stopped", "nothing", _NONE, _WAITS),
    Posture("stream closed", "any", 409, "stream_closed", "nothing", _NONE, _ELSEWHERE),
    Posture("broker away", "any", 201, "", "kept", "with the answer", "Nothing"),
)


def table() -> list[list[str]]:
    """The rows as the documents show them."""
    return [[one.failure, one.setting, _answer(one), one.durable, one.receipts, one.then] for one in POSTURES]


def _answer(one: Posture) -> str:
    return f"{one.status} `{one.code}`" if one.code else str(one.status)
