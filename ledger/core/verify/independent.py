"""Times that do not come from the log: what the cosignatures of a checkpoint say, under the reader's own policy.

A quorum is a set of witnesses of which the reader believes that one at least tells the truth. So a checkpoint existed
by the earliest second at which a quorum had cosigned it; and whatever holds the bytes of these cosignatures was made at
or after the latest second from which on a quorum of them was signed, since nobody but the witness can make them. A
cosignature says nothing of how long the checkpoint had existed before (C2SP tlog-cosignature, "Timestamp").
"""

from __future__ import annotations

from collections.abc import Callable

from ledger.core.checkpoint_trust import Trust, assess
from ledger.core.note import Note, parse_note
from ledger.core.trust import Reader
from ledger.core.verify.case import Case
from ledger.core.verify.judging import Seen
from ledger.core.witness_policy import Policy
from ledger.errors import LedgerError


def seen_in(case: Case) -> tuple[Seen, ...]:
    """The checkpoints of a bundle that are part of its head's log, as the reader's witnesses saw them."""
    if case.head is None or not case.findings.passed("head") or not case.findings.passed("consistency"):
        return ()
    found = (_seen(held.note, case.reader, case) for held in case.notes)
    return tuple(one for one in found if one is not None)


def reader_of_notes(case: Case) -> Callable[[str], Seen | None]:
    """Reads a note that stands inside an event: a checkpoint of the same log, or None."""

    def read(text: str) -> Seen | None:
        try:
            return _seen(parse_note(text.encode()), case.reader, case)
        except (LedgerError, UnicodeEncodeError):
            return None

    return read


def _seen(note: Note, reader: Reader, case: Case) -> Seen | None:
    return seen_of(assess(note, reader.policy, reader.now, case.check), reader.policy, case.origin)


def seen_of(trust: Trust, policy: Policy, origin: str | None) -> Seen | None:
    """What a checkpoint that was held against `policy` says of time; None where no quorum says it of log `origin`."""
    if policy.quorum is None or not trust.quorum_met or trust.wrong_witnesses or trust.checkpoint.origin != origin:
        return None
    times = sorted({time for _, time in trust.cosigned})
    by = next(t for t in times if policy.met_by({name for name, time in trust.cosigned if time <= t}))
    since = next(t for t in reversed(times) if policy.met_by({name for name, time in trust.cosigned if time >= t}))
    return Seen(trust.checkpoint.size, by, since)
