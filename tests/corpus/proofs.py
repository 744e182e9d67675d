"""Mutations of proofs, checkpoints, windows, receipts and objects."""

from __future__ import annotations

from collections.abc import Callable

from ledger.core.bundle import (
    ATTACHED,
    CONSISTENCY,
    RANGE_PROOF,
    Disclosure,
    Period,
    Population,
    note_name,
)
from ledger.core.strict_base64 import encode
from ledger.core.types import JSON, JSONObject
from tests.corpus.cases import Case, Input, Mutation, own
from tests.corpus.draft import Draft, attach, draft_of, wanted_outside
from tests.corpus.keys import ATTACKER
from tests.corpus.log import Log, sample_log

ZERO = encode(bytes(32))
NO_KEYS = frozenset({"control_history_missing", "receipt_key_unproven", "manifest_key_unknown"})


def proof_node(name: str, line: int | None, change: Callable[[list[JSON]], object]) -> Callable[[Draft], object]:
    """Change the list `proof` of a document, or of one line of it."""

    def inner(value: JSONObject) -> None:
        proof = value["proof"]
        assert isinstance(proof, list)
        change(proof)

    return lambda draft: draft.edit_json(name, inner) if line is None else draft.edit_line(name, line, inner)


def consistency(change: Callable[[list[JSON]], object]) -> Callable[[Draft], object]:
    def inner(value: JSONObject) -> None:
        rows = value["proofs"]
        assert isinstance(rows, list)
        change(rows)

    return lambda draft: draft.edit_json(CONSISTENCY, inner)


def spoil_first(rows: list[JSON]) -> None:
    row = rows[0]
    assert isinstance(row, dict)
    row["proof"] = [ZERO for _ in row["proof"]]  # type: ignore[union-attr]  # a list by its schema


def bad_window(**changes: JSON) -> Callable[[], Draft]:
    def build() -> Draft:
        log = Log()
        log.genesis()
        log.events(0, 4)
        log.seal()
        log.events(4, 4)
        log.seal("count", **changes)
        log.events(8, 4)
        log.seal()
        return draft_of(log, 0, 15)

    return build


def gap_window() -> bytes:
    """The second window begins one leaf late; its root is that of the leaves it names."""
    log = Log()
    log.genesis()
    log.events(0, 4)
    log.seal()
    log.events(4, 4)
    log.window_start += 1
    log.seal()
    log.events(8, 4)
    log.seal()
    return own(draft_of(log, 0, 15))


def inside_window(name: str, about: str, codes: frozenset[str], **changes: JSON) -> Case:
    return Case(name, about, lambda: Input(own(bad_window(**changes)())), codes)


def period(
    start: str | None, end: str | None, first: int, last: int, *, neighbours: bool = True, **stated: int
) -> Draft:
    asked = Period("recorded", start, end, type="ai.decision")
    numbers: dict[str, int] = {"events": 5, "matching": 5, "outside": 5, **stated}
    return draft_of(sample_log(), first, last, period=asked, population=Population(**numbers), neighbours=neighbours)


T = "2026-11-21T09:00:{:02d}.000000Z"

CASES: list[Case] = [
    Case(
        "hidden-leaves",
        "Two leaves are shown by their hash alone.",
        lambda: Input(own(draft_of(sample_log(), 5, 28, hidden=(7, 9)))),
        notes=frozenset({"leaf_hash_only"}),
    ),
    Case(
        "hidden-control",
        "A window manifest inside the range is hidden.",
        lambda: Input(own(draft_of(sample_log(), 5, 28, hidden=(22,)))),
        notes=frozenset({"leaf_hash_only"}),
    ),
    Case("whole-log", "Every leaf of the log.", lambda: Input(own(draft_of(sample_log(), 0, 33)))),
    Case("one-leaf", "A range of one leaf.", lambda: Input(own(draft_of(sample_log(), 7, 7)))),
    Case(
        "older-head",
        "A bundle under an older, genuine head.",
        lambda: Input(own(draft_of(sample_log(), 1, 9, size=12))),
    ),
    Case(
        "nothing-disclosed",
        "Leaves alone.",
        lambda: Input(own(draft_of(sample_log(), 5, 28, disclosed=Disclosure(False, False, False)))),
    ),
    inside_window("window-root", "A manifest states another root.", frozenset({"window_mismatch"}), root="ab" * 32),
    inside_window(
        "window-overlap",
        "A window begins inside the one before.",
        frozenset({"window_mismatch"}),
        **{"from": 3, "count": 7},
    ),
    inside_window(
        "window-numbers",
        "A manifest's numbers contradict each other.",
        frozenset({"window_mismatch"}),
        count=99,
    ),
    Case(
        "window-gap",
        "A window leaves out the leaf between itself and the one before.",
        lambda: Input(gap_window()),
        frozenset({"window_mismatch"}),
    ),
    Case(
        "period",
        "A period of five events whose neighbours show that it is complete.",
        lambda: Input(own(period(T.format(4), T.format(9), 3, 7, outside=2))),
    ),
    Case(
        "period-cut",
        "A leaf of the period lies behind the range.",
        lambda: Input(own(period(T.format(4), T.format(11), 3, 7, outside=2))),
        frozenset({"leaf_missing"}),
    ),
    Case(
        "period-cut-before",
        "A leaf of the period lies in front of the range.",
        lambda: Input(own(period(T.format(2), T.format(9), 3, 7, outside=0))),
        frozenset({"leaf_missing"}),
    ),
    Case(
        "period-unproved",
        "The neighbouring leaves are not attached.",
        lambda: Input(own(period(T.format(4), T.format(9), 3, 7, neighbours=False, outside=2))),
        frozenset({"proof_missing"}),
    ),
    Case(
        "population-wrong",
        "The manifest states another number of matching events.",
        lambda: Input(own(period(T.format(4), T.format(9), 3, 7, matching=4, outside=2))),
        frozenset({"manifest_file_mismatch"}),
    ),
]

MUTATIONS: list[Mutation] = [
    Mutation(
        "range-proof-node",
        "A hash of the range proof was changed.",
        proof_node(RANGE_PROOF, None, lambda proof: proof.__setitem__(0, ZERO)),
        frozenset({"range_root_mismatch"}),
    ),
    Mutation(
        "range-proof-short",
        "The range proof has a hash too few.",
        proof_node(RANGE_PROOF, None, lambda proof: proof.pop()),
        frozenset({"proof_malformed", "not_evaluated"}),
    ),
    Mutation(
        "range-proof-long",
        "The range proof has a hash too many.",
        proof_node(RANGE_PROOF, None, lambda proof: proof.append(ZERO)),
        frozenset({"proof_malformed", "not_evaluated"}),
    ),
    Mutation(
        "range-proof-other",
        "The range proof is for another range.",
        lambda draft: draft.edit_json(RANGE_PROOF, lambda value: value.update(to=27)),
        frozenset({"proof_malformed", "not_evaluated"}),
    ),
    Mutation(
        "inclusion-node",
        "The inclusion proof of genesis was changed.",
        proof_node(ATTACHED, 0, lambda proof: proof.__setitem__(0, ZERO)),
        NO_KEYS | {"inclusion_invalid"},
    ),
    Mutation(
        "inclusion-long",
        "The inclusion proof of genesis has a hash too many.",
        proof_node(ATTACHED, 0, lambda proof: proof.append(ZERO)),
        NO_KEYS | {"proof_malformed"},
    ),
    Mutation(
        "attached-index",
        "An attached leaf's line states another index.",
        lambda draft: draft.edit_line(ATTACHED, 1, lambda row: row.update(index=32)),
        frozenset({"leaf_index_mismatch", "inclusion_invalid"}) | NO_KEYS,
    ),
    Mutation(
        "newest-manifest-gone",
        "The last leaf under the head is not attached.",
        lambda draft: attach(draft, [index for index in wanted_outside(draft) if index != 33]),
        NO_KEYS,
    ),
    Mutation("genesis-gone", "The genesis leaf is not attached.", lambda draft: attach(draft, [33]), NO_KEYS),
    Mutation(
        "consistency-node",
        "A consistency proof was changed.",
        consistency(spoil_first),
        frozenset({"consistency_invalid"}),
    ),
    Mutation(
        "consistency-short",
        "A consistency proof is gone.",
        consistency(lambda rows: rows.pop(0)),
        frozenset({"proof_missing"}),
    ),
    Mutation(
        "older-note-unsigned",
        "An older checkpoint is signed by a stranger.",
        lambda draft: draft.files.update({note_name(12): draft.log.note(12, keys=[ATTACKER]).to_bytes()}),
        frozenset({"log_key_unknown"}),
    ),
    Mutation(
        "note-of-other-log",
        "A checkpoint is of another log.",
        lambda draft: draft.files.update({note_name(12): other_log_note()}),
        frozenset({"origin_mismatch", "consistency_invalid", "log_key_unknown"}),
    ),
]


def other_log_note() -> bytes:
    log = Log(origin="demo-c0ffee.localhost/log/acme/payments")
    log.genesis()
    log.events(0, 10)
    return log.seal().to_bytes()
