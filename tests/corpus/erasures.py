"""Erasures, holds and gaps: what the log says of content that is gone, must stay, or never came."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ledger.core.types import JSON, JSONObject
from tests.corpus.cases import Case, Input, Mutation, own
from tests.corpus.draft import Draft, attach, draft_of, wanted_outside
from tests.corpus.log import ERASED, HELD, Log

EVENTS = 6
TIMES = ("2026-11-21T09:00:05.000000Z", "2026-11-21T09:05:00.000000Z")
SILENCE: JSONObject = {"cause": "silence", "from": TIMES[0], "to": TIMES[1], "count": 4, "after": 2, "before": 3}
TERMS: JSONObject = {
    "retention_days": {"attrs": None, "payload": 30},
    "expected_every_s": 60,
    "sequence": True,
    "reason": "agreed",
    "by": "person:1",
    "decision": None,
}


def ranges(*spans: tuple[int, int]) -> list[JSON]:
    return [{"from": start, "to": stop} for start, stop in spans]


def erasure(*spans: tuple[int, int], parts: Iterable[str] = ("payload",)) -> Callable[[Log], object]:
    return lambda log: log.add("erasure", {**ERASED, "ranges": ranges(*spans), "parts": [*parts]})


def hold(*spans: tuple[int, int], state: str = "set", name: str = "C-7") -> Callable[[Log], object]:
    return lambda log: log.add("hold", {**HELD, "ranges": ranges(*spans), "state": state, "case": name})


def gap(**changes: JSON) -> Callable[[Log], object]:
    return lambda log: log.add("gap", {**SILENCE, **changes})


def terms(log: Log) -> object:
    return log.add("terms", {**TERMS, "control_prev": log.link()})


def grown(*changes: Callable[[Log], object], gone: Iterable[tuple[int, str]] = (), inside: bool = False) -> Draft:
    """Six events, sealed; then the changes; the objects in `gone` are not there. `inside`: the range holds it all."""
    log = Log()
    log.genesis()
    log.events(0, EVENTS)
    log.seal()
    for change in changes:
        change(log)
    log.seal()
    for key in gone:
        del log.objects[key]
    return draft_of(log, 1, log.size - 2 if inside else EVENTS)


def alone(draft: Draft, kind: str) -> Draft:
    """The same without the attached leaves of that kind."""
    attach(draft, [index for index in wanted_outside(draft) if draft.log.leaves[index].kind != kind])
    return draft


def payloads(*indices: int) -> list[tuple[int, str]]:
    return [(index, "payload") for index in indices]


def case(name: str, about: str, build: Callable[[], Draft], *codes: str, notes: tuple[str, ...] = ()) -> Case:
    return Case(name, about, lambda: Input(own(build())), frozenset(codes), frozenset(notes))


CASES: list[Case] = [
    case(
        "erased-range",
        "Payloads of a range and of one event more were erased by one leaf.",
        lambda: grown(erasure((1, 3), (5, 5)), gone=payloads(1, 2, 3, 5)),
        notes=("payload_erased",),
    ),
    case(
        "erased-inside",
        "The erasure leaf lies inside the range.",
        lambda: grown(erasure((2, 4)), gone=payloads(2, 3, 4), inside=True),
        notes=("payload_erased",),
    ),
    case(
        "erased-both",
        "Attributes and payload were erased.",
        lambda: grown(erasure((4, 4), parts=("attrs", "payload")), gone=[(4, "attrs"), (4, "payload")]),
        notes=("payload_erased",),
    ),
    case(
        "erased-other-part",
        "The attributes are gone, and the leaf names the payload.",
        lambda: grown(erasure((4, 4)), gone=[(4, "attrs")]),
        "payload_missing",
    ),
    case(
        "erased-beyond-range",
        "One payload more is gone than the leaf names.",
        lambda: grown(erasure((2, 3)), gone=payloads(2, 3, 4)),
        "payload_missing",
    ),
    case(
        "erased-behind-itself",
        "The erasure leaf names events that were recorded after it, and their payload is gone.",
        lambda: grown(erasure((5, 10)), lambda log: log.events(EVENTS, 2), gone=payloads(5, 6, 9), inside=True),
        "payload_missing",
        notes=("payload_erased",),
    ),
    case(
        "erased-leaf-not-shown",
        "Payloads are gone, and the erasure leaf is not in the bundle.",
        lambda: alone(grown(erasure((2, 3)), gone=payloads(2, 3)), "erasure"),
        "payload_missing",
    ),
    case(
        "erased-and-there",
        "An erasure leaf names a payload that the bundle still carries.",
        lambda: grown(erasure((2, 3)), gone=payloads(2)),
        notes=("payload_erased", "payload_kept"),
    ),
    case("held", "Leaves of the range are held.", lambda: grown(hold((1, 3))), notes=("held",)),
    case(
        "held-and-erased",
        "Content was erased while a hold covered it.",
        lambda: grown(hold((1, 3)), erasure((3, 4)), gone=payloads(3, 4)),
        "hold_violated",
        notes=("held", "payload_erased"),
    ),
    case(
        "held-after-erasure",
        "A hold was placed after the content had gone.",
        lambda: grown(erasure((3, 3)), hold((1, 4)), gone=payloads(3)),
        notes=("held", "payload_erased"),
    ),
    case(
        "held-beside",
        "The erasure takes what lies beside the held leaves.",
        lambda: grown(hold((1, 2), (5, 6)), erasure((3, 4)), gone=payloads(3, 4)),
        notes=("held", "payload_erased"),
    ),
    case(
        "released-and-erased",
        "The hold was released before the erasure.",
        lambda: grown(hold((1, 4)), hold((1, 4), state="released"), erasure((3, 3)), gone=payloads(3)),
        notes=("payload_erased",),
    ),
    case(
        "released-in-part",
        "The erasure takes a leaf on which the hold was not released.",
        lambda: grown(hold((1, 4)), hold((1, 2), state="released"), erasure((2, 3)), gone=payloads(2, 3)),
        "hold_violated",
        notes=("held",),
    ),
    case(
        "released-under-another-case",
        "Another case was released than the one that covers the leaf.",
        lambda: grown(hold((1, 4)), hold((1, 4), state="released", name="C-8"), erasure((3, 3)), gone=payloads(3)),
        "hold_violated",
    ),
    case("gap-silence", "Nothing came for minutes.", lambda: grown(terms, gap()), notes=("source_gap",)),
    case(
        "gap-silence-open",
        "Nothing came any more.",
        lambda: grown(terms, gap(to=None, before=None)),
        notes=("source_gap",),
    ),
    case(
        "gap-sequence",
        "Numbers of a source were skipped.",
        lambda: grown(terms, gap(**{"cause": "sequence", "from": "41", "to": "44"})),
        notes=("source_gap",),
    ),
    case(
        "gap-refused",
        "The server refused calls itself.",
        lambda: grown(gap(cause="refused", after=None, before=None)),
        notes=("source_gap",),
    ),
    case(
        "gap-miscounted",
        "A gap counts other numbers than it names.",
        lambda: grown(gap(**{"cause": "sequence", "from": "41", "to": "43"})),
        "leaf_schema",
    ),
    case(
        "gap-no-numbers",
        "A gap in a sequence names times.",
        lambda: grown(gap(cause="sequence")),
        "leaf_schema",
    ),
    case("gap-backwards", "A gap ends before it begins.", lambda: grown(gap(to=TIMES[0], **{"from": TIMES[1]})),
         "leaf_schema"),
    case("gap-of-later-leaves", "A gap lies behind itself.", lambda: grown(gap(before=99)), "leaf_schema"),
    case("terms-declared", "The log declares rhythm and retention.", lambda: grown(terms)),
]  # fmt: skip

MUTATIONS: list[Mutation] = []
