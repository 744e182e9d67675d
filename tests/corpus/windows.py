"""Windows: number, tiling, times and root, inside the range, at its edges and across leaves that are not shown.

What a manifest says is a leaf, so these are lies of the log itself: no repacking could make them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from ledger.core.times import format_time
from ledger.core.types import JSON, JSONObject
from tests.corpus.cases import Case, Input, Mutation, own
from tests.corpus.draft import Draft, attach, draft_of
from tests.corpus.log import START, Log, sample_log

MISMATCH = frozenset({"window_mismatch"})
NO_CODE = frozenset[str]()
EDGE = frozenset({"window_edge"})
LATE = "2026-11-21T11:00:00.000000Z"


def three(
    first: int = 0,
    last: int = 17,
    *,
    hidden: tuple[int, ...] = (),
    late: tuple[int, int, int] = (0, 0, 0),
    skip: tuple[int, int, int] = (0, 0, 0),
    **changes: JSON,
) -> Draft:
    """Windows over leaves 0 to 4, 5 to 10 and 11 to 16, each closed by the leaf behind it.

    Each may begin so many leaves `late` and `skip` so many numbers; the second manifest says `changes`.
    """
    log = Log()
    log.genesis()
    for number, (number_from, count) in enumerate(((0, 4), (4, 5), (9, 5))):
        log.events(number_from, count)
        log.window_start += late[number]
        log.windows += skip[number]
        log.seal("count", **(changes if number == 1 else {}))
    return draft_of(log, first, last, hidden=hidden)


def recorded(index: int) -> str:
    """When leaf `index` of such a log was recorded."""
    return format_time(START + timedelta(seconds=index + 1))


def shown_by_attaching() -> Draft:
    """The third window leaves out leaves; all leaves behind the second manifest are attached."""
    draft = three(1, 9, late=(0, 0, 3), skip=(0, 0, 1))
    attach(draft, [0, *range(11, 18)])
    return draft


def clock_set(*, with_segment: bool) -> Draft:
    """The clock goes back inside a window; a segment leaf may say why."""
    log = Log()
    log.genesis()
    log.event(0, recorded=LATE)
    if with_segment:
        fields: JSONObject = {"reason": "clock set right", "decision": None, "control_prev": log.link()}
        log.add("segment", fields, recorded=LATE)
    log.events(1, 3)
    log.seal("count", opened=LATE)
    return draft_of(log, 0, log.size - 1)


def case(
    name: str,
    about: str,
    build: Callable[[], Draft],
    codes: frozenset[str] = MISMATCH,
    notes: frozenset[str] = NO_CODE,
) -> Case:
    return Case(f"window-{name}", about, lambda: Input(own(build())), codes, notes)


CASES: list[Case] = [
    case("three", "Three windows.", three, NO_CODE),
    case("number-zero", "The first window has number 0.", lambda: three(skip=(-1, 0, 0))),
    case("number-two", "The first window has number 2.", lambda: three(skip=(1, 0, 0))),
    case("number-same", "Two windows have one number.", lambda: three(skip=(0, -1, 0))),
    case("number-ahead", "A window that follows at once skips a number.", lambda: three(skip=(0, 1, 0))),
    case("first-late", "The first window begins behind genesis.", lambda: three(late=(1, 0, 0))),
    case("late", "A window leaves out a leaf, and its root fits.", lambda: three(late=(0, 1, 0))),
    case("late-attached", "An attached manifest leaves out a leaf.", lambda: three(1, 7, late=(0, 1, 0))),
    case(
        "skipped",
        "A window is left out, and every leaf that could be its manifest is shown.",
        lambda: three(late=(0, 0, 3), skip=(0, 0, 1)),
    ),
    case("skipped-attached", "The same, and the leaves are shown by attaching them.", shown_by_attaching),
    case(
        "skipped-hidden",
        "A window is left out, and a hidden leaf may be its manifest.",
        lambda: three(late=(0, 0, 3), skip=(0, 0, 1), hidden=(14,)),
        NO_CODE,
        EDGE | {"leaf_hash_only"},
    ),
    case(
        "skipped-outside",
        "A window is left out, and leaves outside the range may be its manifest.",
        lambda: three(1, 9, late=(0, 0, 3), skip=(0, 0, 1)),
        NO_CODE,
        EDGE,
    ),
    case(
        "skipped-twice",
        "Two windows are left out, and one hidden leaf may be a manifest.",
        lambda: three(late=(0, 0, 3), skip=(0, 0, 2), hidden=(14,)),
    ),
    case("opened-late", "A window was opened after its first leaf.", lambda: three(opened=recorded(8))),
    case("closed-early", "A window was closed before its last leaf.", lambda: three(closed=recorded(8))),
    case("closed-late", "A window was closed after its manifest.", lambda: three(closed=recorded(12))),
    case(
        "opened-behind-closed",
        "A window of hidden leaves was closed before it was opened.",
        lambda: three(hidden=tuple(range(5, 11)), opened=recorded(9), closed=recorded(8)),
    ),
    case("clock-set", "A segment leaf sets the clock back in a window.", lambda: clock_set(with_segment=True), NO_CODE),
    case(
        "clock-back",
        "The clock goes back in a window, and nothing says why.",
        lambda: clock_set(with_segment=False),
        MISMATCH | {"time_reversed"},
    ),
    case("around", "The range lies inside one window.", lambda: draft_of(sample_log(), 13, 16), NO_CODE, EDGE),
    case("whole-log", "No window holds the newest manifest yet.", lambda: draft_of(sample_log(), 0, 33), NO_CODE, EDGE),
]
MUTATIONS: list[Mutation] = []
