"""What a lying exporter could put beside the truth: files that nothing names, leaves at the edge, empty promises."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ledger.core.bundle import OBJECTS, Disclosure, Period, Population, note_name, policy_name
from ledger.core.bundle.layout import blob_name
from ledger.core.commitment import ATTRS_MEDIA_TYPE, commit
from ledger.core.merkle import leaf_hash
from ledger.core.note import parse_note
from ledger.core.types import JSON, Hash, JSONObject
from tests.corpus.cases import Case, Mutation, base, own
from tests.corpus.control import rotated, sealed
from tests.corpus.draft import Draft, attach, draft_of
from tests.corpus.heads import BOTH, PQ_KEY, REST, case
from tests.corpus.keys import LOG, NEW_LOG, RECEIPT
from tests.corpus.log import ERASED, HELD, Log, Stored
from tests.corpus.promises import receipt
from tests.corpus.proofs import T, period

BROKEN = ("control_chain_broken", *sorted(REST - {"control_history_missing"}))
GOVERNANCE = {"governance_origin": "demo-c0ffee.localhost/log/_governance/changes"}
DECISION: JSON = {"origin": GOVERNANCE["governance_origin"], "change": "0198c0de-0000-7000-8000-000000000001"}
LATE = "2026-11-21T11:00:00.000000Z"
KID = RECEIPT.delegated("receipt").kid


def receipt_key(*changes: str) -> Callable[[Log], None]:
    """Key leaves that `add` or `retire` the first receipt key, one after the other."""

    def change(log: Log) -> None:
        for one in changes:
            added = [RECEIPT.delegated("receipt")] if one == "add" else []
            log.change_keys([LOG], add=added, retire=[KID] if one == "retire" else [])

    return change


def log_key(*changes: str) -> Callable[[Log], None]:
    """The new log key joins; then key leaves add or retire it again."""

    def change(log: Log) -> None:
        log.change_keys([LOG, NEW_LOG], add_log=[NEW_LOG.vkey()])
        for one in changes:
            added, retired = ([NEW_LOG.vkey()] if one == word else [] for word in ("add", "retire"))
            log.change_keys([LOG, NEW_LOG], add_log=added, retire_log=retired)

    return change


def two_of_one() -> Draft:
    """Genesis delegates one export key twice."""
    log = Log()
    log.export_keys = (*log.export_keys, *log.export_keys)
    log.genesis()
    log.events(0, 3)
    log.seal()
    return draft_of(log, 0, 4)


def grown(change: Callable[[Log], object], first: int, last: int, **asked: object) -> Draft:
    """Genesis, three events, `change`, three events, a window over all of it."""
    log = Log()
    log.genesis()
    log.events(0, 3)
    change(log)
    log.events(3, 3)
    log.seal()
    return draft_of(log, first, last, **asked)  # type: ignore[arg-type]  # what a request can ask for


def off_chain(log: Log) -> None:
    """Leaf 4 names another leaf before it."""
    log.event(9, prev=Hash(leaf_hash(b"other")))  # type: ignore[arg-type]  # passed on to the leaf


def backwards(log: Log) -> None:
    """Leaf 4 was recorded before leaf 3."""
    log.event(9, recorded="2026-11-21T08:00:00.000000Z")


def set_clock(to: str) -> Callable[[Log], None]:
    """Leaf 4 is a segment leaf that was recorded at `to`."""

    def change(log: Log) -> None:
        fields: JSONObject = {"reason": "clock", "decision": None, "control_prev": log.link()}
        log.add("segment", fields, recorded=to)

    return change


def hidden_clock(log: Log) -> None:
    """Leaf 5 was recorded before leaf 3; leaf 4 between them can be hidden."""
    log.event(9)
    log.event(10, recorded="2026-11-21T08:00:00.000000Z")


def hidden_segment() -> bytes:
    """The clock goes back behind a segment leaf that is hidden in the range and attached."""

    def change(log: Log) -> None:
        log.event(9, recorded=LATE)
        set_clock(LATE)(log)

    draft = grown(change, 0, 9, hidden=(5,))
    attach(draft, [5])
    return own(draft)


def back_behind_segment(to: str) -> Callable[[Log], None]:
    """Leaf 4 sets the clock back, leaf 5 is recorded at `to`."""

    def change(log: Log) -> None:
        set_clock(T.format(4))(log)
        log.event(9, recorded=to)

    return change


def beside_segment(change: Callable[[Log], object], first: int, last: int, start: int, end: int, outside: int) -> bytes:
    """A period by recorded time, in seconds after the first leaf's minute, in a log whose clock was set."""
    asked = Period("recorded", T.format(start), T.format(end))
    events = last - first + 1
    numbers = Population(events, events, outside)
    return own(grown(change, first, last, period=asked, population=numbers, neighbours=True))


def decided(kind: str) -> Callable[[Log], object]:
    fields: dict[str, JSONObject] = {
        "erasure": {**ERASED, "ranges": [{"from": 1, "to": 1}], "parts": ["payload"]},
        "hold": HELD,
    }
    return lambda log: log.add(kind, {**fields[kind], "decision": DECISION})


def erased_before() -> bytes:
    """An erasure leaf names an event that comes after it; that event's payload is not there."""
    fields: JSONObject = {
        **ERASED,
        "ranges": [{"from": 5, "to": 5}],
        "parts": ["payload"],
    }
    draft = grown(lambda log: log.add("erasure", fields), 1, 7)
    draft.edit(OBJECTS["payload"], lambda lines: lines.pop(3))
    return own(draft)


def paused_backwards(log: Log) -> None:
    fields: JSONObject = {"reason": "two heads", "evidence": None, "decision": None, "control_prev": log.link()}
    log.add("reliance", {**fields, "from": 4, "to": 2, "state": "paused"})


def attrs_list(*, asked: bool) -> bytes:
    """Attributes that are a JSON list, as their leaf commits to them."""
    log = Log()
    log.genesis()
    log.events(0, 2)
    salt = bytes(32)
    commitment = commit(salt, ATTRS_MEDIA_TYPE, b"[]").hex()
    payload = log.objects[1, "payload"]
    event = {"type": "ai.decision", "attrs": commitment, "payload": log.leaves[1].fields["payload"]}
    leaf = log.add("event", event)
    log.objects[leaf.index, "attrs"] = Stored(ATTRS_MEDIA_TYPE, salt, b"[]")
    log.objects[leaf.index, "payload"] = payload
    log.receipts[leaf.index] = log.receipt(leaf)
    log.seal()
    period_ = Period("claimed", source="urn:acme:scoring") if asked else None
    population = Population(3, 2, 0) if asked else None
    return own(draft_of(log, 0, 4, period=period_, population=population, neighbours=asked))


def pq_in_force() -> bytes:
    """Genesis names an ML-DSA-44 key; the head carries no line of it."""
    log = Log()
    log.genesis(log_keys=[str(LOG.vkey()), str(PQ_KEY)])
    log.events(0, 3)
    log.seal()
    return own(draft_of(log, 0, 4))


def rotation_spoiled() -> bytes:
    """The head of a rotation's overlap, its second line replaced by zeros."""
    draft = sealed(lambda log: rotated(log, [LOG, NEW_LOG]))
    name = note_name(draft.manifest.size)
    note = parse_note(draft.files[name])
    first, second = note.signatures
    draft.files[name] = replace(note, signatures=(first, replace(second, body=bytes(64)))).to_bytes()
    return own(draft)


def reissued_beyond() -> bytes:
    log = Log()
    log.genesis()
    log.event(0)
    log.event(1, receipt=False)
    log.seal()
    log.receipts[2] = log.receipt(log.leaves[2], issued=4)
    return own(draft_of(log, 0, 3))


def undisclosed(draft: Draft) -> None:
    """The manifest says that no receipts are part of the bundle; a spoiled one is."""
    receipt(2, leaf_hash=leaf_hash(b"other"))(draft)
    draft.state(disclosed=Disclosure(receipts=False))


def decision_of(kind: str) -> Case:
    """A leaf that is no control leaf follows a decision that the reader wants proved."""
    return case(
        f"decision-of-{kind}",
        f"A leaf of kind {kind} names a decision, and trust.json names a governance log.",
        lambda: own(grown(decided(kind), 1, 7)),
        "not_evaluated",
        "decision_unproven",
        trust=GOVERNANCE,
    )


CASES: list[Case] = [
    case(
        "key-added-again",
        "A retired receipt key is added again.",
        lambda: own(sealed(receipt_key("retire", "add"))),
        *BROKEN,
    ),
    case("key-added-twice", "A receipt key in force is added.", lambda: own(sealed(receipt_key("add"))), *BROKEN),
    case("key-delegated-twice", "Genesis delegates a key twice.", lambda: own(two_of_one()), *BROKEN),
    case(
        "log-key-added-again",
        "A retired log key is added again.",
        lambda: own(sealed(log_key("retire", "add"))),
        *BROKEN,
        policy=BOTH,
    ),
    case(
        "log-key-added-twice",
        "A log key in force is added.",
        lambda: own(sealed(log_key("add"))),
        *BROKEN,
        policy=BOTH,
    ),
    case(
        "rotation-line-wrong",
        "While both keys are valid, the line of the new one, which the reader does not hold, is zeros.",
        rotation_spoiled,
        "rotation_unsigned",
    ),
    case("pq-key-in-force", "The log has a post-quantum key that did not sign.", pq_in_force, "pq_signature_missing"),
    case(
        "edge-prev",
        "The first leaf of the range does not name the attached leaf before it.",
        lambda: own(grown(off_chain, 4, 7, neighbours=True)),
        "chain_broken",
    ),
    case(
        "edge-prev-behind",
        "The attached leaf behind the range does not name its last one.",
        lambda: own(grown(off_chain, 1, 3, neighbours=True)),
        "chain_broken",
    ),
    case(
        "edge-time",
        "The first leaf of the range was recorded before the attached one in front of it.",
        lambda: own(grown(backwards, 4, 7, neighbours=True)),
        "time_reversed",
    ),
    case(
        "hidden-time",
        "Time goes back across a hidden leaf, and no segment leaf is there.",
        lambda: own(grown(hidden_clock, 0, 9, hidden=(4,))),
        "time_reversed",
    ),
    case(
        "hidden-segment",
        "Time goes back behind a hidden segment leaf that is attached.",
        hidden_segment,
        notes=("leaf_hash_only",),
    ),
    case(
        "attached-future",
        "An attached leaf is dated years ahead.",
        lambda: own(grown(set_clock("2031-01-01T00:00:00.000000Z"), 5, 7)),
        "time_in_future",
    ),
    case(
        "period-open-start",
        "A period without a start, and a range that does not begin with the log.",
        lambda: own(period(None, T.format(9), 3, 7, outside=0)),
        "leaf_missing",
    ),
    case(
        "period-open-end",
        "A period without an end, and a range that does not end with the head.",
        lambda: own(period(T.format(4), None, 3, 7, outside=2)),
        "leaf_missing",
    ),
    case(
        "period-before-range",
        "The whole period lies before the range.",
        lambda: own(period(T.format(4), T.format(9), 14, 18, matching=0, outside=5)),
        "leaf_missing",
    ),
    case(
        "period-behind-range",
        "The whole period lies behind the range.",
        lambda: own(period(T.format(14), T.format(18), 3, 7, matching=0, outside=5)),
        "leaf_missing",
    ),
    case(
        "period-behind-clock",
        "The range begins where the clock was set back: what lies before it is not shown.",
        lambda: beside_segment(set_clock(LATE), 5, 7, 5, 8, 2),
        "proof_missing",
    ),
    case(
        "period-before-clock",
        "The clock was set behind the range, and the leaf after it lies behind the period.",
        lambda: beside_segment(set_clock(T.format(4)), 1, 2, 2, 4, 2),
    ),
    case(
        "period-clock-inside",
        "The clock was set back behind the range, into the period.",
        lambda: beside_segment(back_behind_segment(T.format(3)), 1, 2, 2, 4, 2),
        "leaf_missing",
    ),
    case(
        "period-clock-before",
        "The clock was set back behind the range, before the period: later leaves may lie in it.",
        lambda: beside_segment(back_behind_segment(T.format(1)), 1, 2, 2, 4, 2),
        "proof_missing",
    ),
    decision_of("erasure"),
    decision_of("hold"),
    case("erased-before", "An erasure leaf stands before the event that it names.", erased_before, "payload_missing"),
    case(
        "reliance-backwards",
        "A pause of reliance ends before it begins.",
        lambda: own(grown(paused_backwards, 3, 7)),
        "leaf_schema",
    ),
    case("attrs-list", "Attributes are a JSON list.", lambda: attrs_list(asked=False), "leaf_schema"),
    case("attrs-list-period", "The same, and a period was asked for.", lambda: attrs_list(asked=True), "leaf_schema"),
    case("receipt-beyond-head", "A receipt was issued beyond the head.", reissued_beyond, "receipt_key_unproven"),
    case(
        "manifest-smaller-head",
        "The manifest names a smaller head than the bundle holds.",
        lambda: own(base(), lambda draft: draft.state(size=32)),
        "manifest_file_mismatch",
    ),
]
MUTATIONS: list[Mutation] = [
    Mutation(
        "stray-payload",
        "The file of a payload is there that no disclosed object names.",
        lambda draft: draft.files.update({blob_name(7): b'{"outcome":"approve"}'}),
        frozenset({"manifest_file_extra"}),
    ),
    Mutation(
        "stray-policy",
        "A policy is there that no leaf names.",
        lambda draft: draft.files.update({policy_name("ab" * 32): b"quorum none\n"}),
        frozenset({"manifest_file_extra"}),
    ),
    Mutation(
        "receipts-undisclosed",
        "Receipts are there though the manifest says that none are disclosed, and one is a lie.",
        undisclosed,
        frozenset({"receipt_contradicted"}),
    ),
]
