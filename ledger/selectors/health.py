"""Health of a stream: each of the five paths is checked anew, by the rule that `ledger.health.HEALTH_PATHS`
states.

The sentence says what was checked and what came of it; a check that could not be made is not evaluated, never
well.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from ledger.core.control import link_of
from ledger.core.dsse import signed_by
from ledger.core.durations import duration
from ledger.core.merkle import Frontier
from ledger.core.witness_policy import parse_policy
from ledger.errors import LedgerError, NotThere
from ledger.health import HEALTH_PATHS, RECEIPT_SAMPLE, ROWS, STOPPED_NEXT, STOPPED_PATHS, HealthPath, State
from ledger.models import Bundle, EventIndex, PolicyText, SigningKey, StreamHead
from ledger.selectors import checkpoints
from ledger.selectors.checkpoints import CheckpointView
from ledger.selectors.leaves import LeafView, leaf, leaves_at
from ledger.selectors.promises import promised_size
from ledger.selectors.proofs import node_reader_of
from ledger.selectors.receipts import receipts_of
from ledger.selectors.signed_heads import signed_head
from ledger.selectors.streams import StreamView


@dataclass(frozen=True, slots=True)
class PathHealth:
    """One path: its state, what was checked, the age in seconds of what it speaks of, and the next step (''
    for pass).
    """

    path: str
    state: str
    sentence: str
    age: float | None
    next: str

    @property
    def row(self) -> HealthPath:
        """The path's row of the table."""
        return ROWS[self.path]


def health_of(stream: StreamView, now: datetime | None = None) -> tuple[PathHealth, ...]:
    """All five paths in the order of the table."""
    moment = now or datetime.now(UTC)
    checks = {
        "receipt": _receipt,
        "window": _window,
        "checkpoint": _checkpoint,
        "witness": _witness,
        "bundle": _bundle,
    }
    found = (checks[path](stream, moment) for path in HEALTH_PATHS)
    return tuple(_stopped(one, stream.stopped) if stream.stopped else one for one in found)


def _stopped(found: PathHealth, code: str) -> PathHealth:
    """A stop overrides what the last checks came to: nothing new is receipted, windowed or signed."""
    if found.path not in STOPPED_PATHS:
        return found
    told = f"This stream is stopped ({code}): {_STOPPED[found.path]}. Checked all the same: {found.sentence}"
    return PathHealth(found.path, str(State.FAIL), told, found.age, STOPPED_NEXT)


_STOPPED = {
    "receipt": "no event is taken and no receipt given",
    "window": "no window is closed",
    "checkpoint": "no checkpoint is signed",
}


def _path(path: str, state: State, sentence: str, age: float | None = None) -> PathHealth:
    return PathHealth(path, str(state), sentence, age, HEALTH_PATHS[path].next_of(state))


def _receipt(stream: StreamView, now: datetime) -> PathHealth:
    rows = EventIndex.objects.filter(stream_id=stream.id).order_by("-index")[:RECEIPT_SAMPLE]
    indices = list(rows.values_list("index", flat=True))
    if not indices:
        return _path("receipt", State.NOT_EVALUATED, "No event has been recorded yet, so there is no receipt to check.")
    found = [view for _, view in sorted(leaves_at(stream, indices).items())]
    try:
        promised = promised_size(stream)
        views = [view for view in found if view.index < max(promised, stream.signed_size)]
        good = verified_receipts(stream, views, promised)
    except LedgerError as error:
        return _path("receipt", State.FAIL, f"Receipts cannot be made: {error}.")
    if not views:
        return _path("receipt", State.NOT_EVALUATED, "The head guard has not been told of the newest events yet.")
    age = _age(datetime.fromisoformat(views[-1].recorded), now)
    told = f"{good} of {len(views)} receipts derived and verified under key {short(str(views[-1].kid))} just now"
    if good != len(views):
        return _path("receipt", State.FAIL, f"Only {told}.", age)
    return _path("receipt", State.PASS, f"{told}; the last event was recorded {duration(age)} ago.", age)


def verified_receipts(stream: StreamView, views: list[LeafView], promised: int) -> int:
    """How many of these event leaves have a receipt that derives and verifies under the key valid at their index.

    `promised` is what `promised_size` answers. Raises what `receipts_of` raises.
    """
    rows = list(SigningKey.objects.filter(stream_id=stream.id, use="receipt"))
    good = 0
    for view, made in zip(views, receipts_of(stream, views, promised), strict=True):
        keys = {
            row.kid: bytes(row.public)
            for row in rows
            if row.valid_from <= view.index and (row.valid_to is None or view.index < row.valid_to)
        }
        good += view.kid in keys and bool(signed_by(made, {view.kid: keys[view.kid]}))
    return good


def _window(stream: StreamView, now: datetime) -> PathHealth:
    if stream.waiting_since is None:
        return _path("window", State.PASS, f"No event waits; {_count(stream.window_number, 'window')} closed so far.")
    age = _age(stream.waiting_since, now)
    waiting = "leaf waits" if stream.events_open == 1 else "leaves wait"
    told = f"{stream.events_open:,} {waiting} for a window, the oldest for {duration(age)}"
    told += f"; a window closes after {duration(stream.window_age_s)}."
    return _path("window", _late("window", age, stream), told, age)


def _checkpoint(stream: StreamView, now: datetime) -> PathHealth:
    newest = checkpoints.newest(stream)
    windows = checkpoints.windows_of(stream, limit=1)
    if newest is None and not windows:
        return _path("checkpoint", State.NOT_EVALUATED, "No window has been closed yet, so nothing is signed.")
    if newest is not None:
        fault = _fault(stream, newest)
        if fault:
            return _path("checkpoint", State.FAIL, fault, _age(newest.signed_at, now))
    if newest is None or windows[0].size > newest.size:
        age = _age(windows[0].closed, now)
        told = f"Window {windows[0].number:,} was closed {duration(age)} ago; no signed checkpoint covers it yet."
        return _path("checkpoint", _late("checkpoint", age, stream), told, age)
    age = _age(newest.signed_at, now)
    leaves = _count(newest.size, "leaf", "leaves")
    told = f"The note over {leaves} verified, and its root equals that of the stored tiles"
    return _path("checkpoint", State.PASS, f"{told}; signed {duration(age)} ago.", age)


def _fault(stream: StreamView, newest: CheckpointView) -> str:
    head = signed_head(stream, newest)
    if head.problem:
        return f"The newest checkpoint does not verify: {head.problem}."
    try:
        root = Frontier.from_reader(newest.size, node_reader_of(stream, newest.size)).root()
    except LedgerError as error:
        return f"The newest checkpoint does not verify: {error}."
    return "" if head.root == root else "The newest checkpoint is not the root of the stored tiles."


def _witness(stream: StreamView, _now: datetime) -> PathHealth:
    try:
        policy = parse_policy(policy_in_force(stream).encode())
    except LedgerError as error:
        return _path("witness", State.FAIL, f"The policy in force cannot be read: {error}.")
    if policy.quorum is None:
        return _path("witness", State.NOT_EVALUATED, "No witness is asked by this stream's policy.")
    asked = _count(len(policy.witnesses), "witness", "witnesses")
    told = f"The policy asks for {asked}; cosignatures are not collected yet."
    return _path("witness", State.NOT_EVALUATED, told)


def policy_in_force(stream: StreamView, size: int | None = None) -> str:
    """Text of the policy that the newest `policy` leaf (below `size`, where one is given), or genesis, names; raises
    NotThere.
    """
    view = leaf(stream, StreamHead.objects.values_list("control_index", flat=True).get(pk=stream.id))
    # Along the control leaves: no index leads to a kind, and a long log has few of them among millions of leaves.
    while view.kind != "policy" or (size is not None and view.index >= size):
        before = link_of(view.parsed)
        if before is None:
            break
        view = leaf(stream, before.index)
    row = PolicyText.objects.filter(digest=str(view.envelope["policy"])).first()
    if row is None:
        raise NotThere("The text of the policy is not stored", why=str(view.envelope["policy"]))
    return row.text


def _bundle(stream: StreamView, now: datetime) -> PathHealth:
    row = Bundle.objects.filter(stream_id=stream.id, outcome__isnull=False).order_by("-id").first()
    if row is None:
        return _path("bundle", State.NOT_EVALUATED, "No bundle has been exported yet.")
    age = _age(row.finished or row.created, now)
    leaves = f"leaves {row.first_index:,} to {row.last_index:,}"
    told = f"The newest bundle ({leaves}) was {row.outcome} offline {duration(age)} ago."
    return _path("bundle", bundle_state(str(row.outcome), age), told, age)


def bundle_state(outcome: str, age_s: float) -> State:
    """The state of a bundle by what the offline verifier said of it and how many seconds ago that was."""
    if outcome != "verified":
        return State.FAIL if outcome == "rejected" else State.STALE
    return HEALTH_PATHS["bundle"].state_at(age_s, 0)


def _late(path: str, age: float, stream: StreamView) -> State:
    return HEALTH_PATHS[path].state_at(age, stream.window_age_s)


def short(digits: str) -> str:
    """First 8 and last 4 digits, as a chip shows them where no chip can stand."""
    return f"{digits[:8]}…{digits[-4:]}"


def _age(moment: datetime, now: datetime) -> float:
    return max(0.0, (now - moment).total_seconds())


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"
