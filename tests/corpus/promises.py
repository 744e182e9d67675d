"""Receipts, objects and reported forks."""

from __future__ import annotations

from collections.abc import Callable

from ledger.core.bundle import (
    OBJECTS,
    RECEIPTS,
)
from ledger.core.canonical import canonical
from ledger.core.dsse import parse_envelope, sign_envelope
from ledger.core.merkle import consistency_proof, leaf_hash, reader_of, root
from ledger.core.note import Note
from ledger.core.receipt import PAYLOAD_TYPE, parse_receipt
from ledger.core.strict_base64 import encode
from ledger.core.types import JSON, JSONObject
from tests.corpus.cases import Case, Input, Mutation, own
from tests.corpus.draft import Draft, draft_of
from tests.corpus.keys import ATTACKER, NEW_RECEIPT, RECEIPT, Key
from tests.corpus.log import ERASED, Log
from tests.corpus.proofs import ZERO


def receipt(
    number: int, leaf: int | None = None, key: Key | None = None, **changes: object
) -> Callable[[Draft], object]:
    """Replace a receipt by a validly signed one that says something else."""

    def change(draft: Draft) -> None:
        index = parse_index(draft.lines(RECEIPTS)[number])
        at = draft.log.leaves[leaf or index]
        signed = draft.log.receipt(at, key=key, issued=None, **changes)
        draft.edit(RECEIPTS, lambda lines: lines.__setitem__(number, signed.to_bytes()))

    return change


def parse_index(line: bytes) -> int:
    return parse_receipt(parse_envelope(line).payload).index


def spoiled_receipt(draft: Draft) -> None:
    def change(lines: list[bytes]) -> None:
        signed = parse_envelope(lines[2])
        lines[2] = sign_envelope(PAYLOAD_TYPE, signed.payload, signed.signatures[0].keyid, ATTACKER.sign).to_bytes()

    draft.edit(RECEIPTS, change)


def other_type(draft: Draft) -> None:
    def change(lines: list[bytes]) -> None:
        signed = parse_envelope(lines[2])
        lines[2] = sign_envelope("application/json", signed.payload, "", RECEIPT.sign).to_bytes()

    draft.edit(RECEIPTS, change)


def erased(*, attached: bool = True) -> Draft:
    """Event 3's payload was erased; the erasure leaf lies outside the range."""
    log = Log()
    log.genesis()
    log.events(0, 6)
    log.seal()
    if attached:
        fields: JSONObject = {
            **ERASED,
            "ranges": [{"from": 3, "to": 3}],
            "parts": ["payload"],
        }
        log.add("erasure", fields)
    log.seal()
    del log.objects[3, "payload"]
    return draft_of(log, 1, 6)


def reissued(key: Key, issued: int) -> Draft:
    log = Log()
    log.genesis()
    log.event(0)
    log.event(1, receipt=False)
    log.seal()
    log.change_keys([log.log_keys[0]], add=[NEW_RECEIPT.delegated("receipt")])
    log.seal()
    log.receipts[2] = log.receipt(log.leaves[2], key=key, issued=issued)
    return draft_of(log, 0, 5)


def retired_receipt_key() -> Draft:
    """The first receipt key signs a leaf after its retirement."""
    log = Log()
    log.genesis()
    log.event(0)
    log.change_keys(
        [log.log_keys[0]], add=[NEW_RECEIPT.delegated("receipt")], retire=[RECEIPT.delegated("receipt").kid]
    )
    log.event(1)
    log.seal()
    return draft_of(log, 0, 4)


def to_file(row: JSONObject) -> None:
    del row["text"]
    row["file"] = f"objects/payload-{row['index']}.bin"


def fork_file(a: Note, b: Note, proof: JSON, old_root: JSON) -> bytes:
    return canonical({"a": a.to_bytes().decode(), "b": b.to_bytes().decode(), "proof": proof, "old_root": old_root})


def fork_of_one_size(draft: Draft) -> None:
    log = draft.log
    other = log.note(34, head=leaf_hash(b"other"))
    draft.files["forks/0.json"] = fork_file(log.notes[34], other, [], None)


def fork_by_path(draft: Draft) -> None:
    """An older signed root that a consistency path into the head contradicts."""
    log = draft.log
    read = reader_of(log.hashes)
    proof: list[JSON] = [encode(node) for node in consistency_proof(12, 34, read)]
    other = log.note(12, head=leaf_hash(b"other"))
    draft.files["forks/0.json"] = fork_file(other, log.notes[34], proof, root(log.hashes[:12]).hex())


def fork_unsigned(draft: Draft) -> None:
    other = draft.log.note(34, keys=[ATTACKER], head=leaf_hash(b"other"))
    draft.files["forks/0.json"] = fork_file(draft.log.notes[34], other, [], None)


def fork_that_is_none(draft: Draft) -> None:
    draft.files["forks/0.json"] = fork_file(draft.log.notes[12], draft.log.notes[34], [], None)


CASES: list[Case] = [
    Case(
        "payload-erased",
        "A payload was erased, and the log says so.",
        lambda: Input(own(erased())),
        notes=frozenset({"payload_erased"}),
    ),
    Case(
        "payload-missing",
        "A payload is absent and nothing says why.",
        lambda: Input(own(erased(attached=False))),
        frozenset({"payload_missing"}),
    ),
    Case(
        "receipt-reissued",
        "A receipt was signed later under a key delegated later.",
        lambda: Input(own(reissued(NEW_RECEIPT, 4))),
        notes=frozenset({"receipt_reissued"}),
    ),
    Case(
        "receipt-reissued-early",
        "A reissued receipt names an index at which its key did not exist.",
        lambda: Input(own(reissued(NEW_RECEIPT, 3))),
        frozenset({"receipt_signature_wrong"}),
    ),
    Case(
        "receipt-key-retired",
        "A receipt is signed by a key that was retired before its leaf.",
        lambda: Input(own(retired_receipt_key())),
        frozenset({"receipt_signature_wrong"}),
    ),
]


def loose(name: str, number: int) -> Callable[[Draft], object]:
    """A signed document with another key id, which its signature does not cover."""

    def change(draft: Draft) -> None:
        def rewrite(value: JSONObject) -> None:
            rows = value["signatures"]
            assert isinstance(rows, list)
            assert isinstance(rows[0], dict)
            rows[0]["keyid"] = "x"

        draft.edit_line(name, number, rewrite)

    return change


MUTATIONS: list[Mutation] = [
    Mutation(
        "receipt-keyid",
        "A receipt's envelope carries another key id than the receipt names.",
        loose(RECEIPTS, 2),
        frozenset({"not_canonical", "receipt_missing"}),
    ),
    Mutation(
        "receipt-signature",
        "A receipt is signed by a stranger under the right name.",
        spoiled_receipt,
        frozenset({"receipt_signature_wrong"}),
    ),
    Mutation(
        "receipt-stranger",
        "A receipt names a key that no leaf delegates.",
        receipt(2, key=ATTACKER),
        frozenset({"receipt_key_unproven"}),
    ),
    Mutation(
        "receipt-other-leaf",
        "The log signed a receipt for another leaf at this index.",
        receipt(2, leaf_hash=leaf_hash(b"other")),
        frozenset({"receipt_contradicted"}),
    ),
    Mutation(
        "receipt-other-time",
        "A receipt promises another time.",
        receipt(2, promised_by="2027-01-01T00:00:00.000000Z"),
        frozenset({"receipt_mismatch"}),
    ),
    Mutation(
        "receipt-other-log",
        "A receipt names another genesis.",
        receipt(2, log=leaf_hash(b"other")),
        frozenset({"receipt_mismatch"}),
    ),
    Mutation(
        "receipt-outside",
        "A receipt is for a leaf outside the range.",
        receipt(2, leaf=30),
        frozenset({"receipt_mismatch", "receipt_missing"}),
    ),
    Mutation(
        "receipt-twice",
        "A receipt stands there twice.",
        lambda draft: draft.edit(RECEIPTS, lambda lines: lines.append(lines[0])),
        frozenset({"receipt_mismatch"}),
    ),
    Mutation(
        "receipt-gone",
        "A receipt is gone.",
        lambda draft: draft.edit(RECEIPTS, lambda lines: lines.pop(2)),
        frozenset({"receipt_missing"}),
    ),
    Mutation(
        "receipt-type",
        "A receipt has another payload type.",
        other_type,
        frozenset({"leaf_schema", "receipt_missing"}),
    ),
    Mutation(
        "payload-gone",
        "One payload is gone.",
        lambda draft: draft.edit(OBJECTS["payload"], lambda lines: lines.pop(2)),
        frozenset({"payload_missing"}),
    ),
    Mutation(
        "payload-salt",
        "The salt of a payload was changed.",
        lambda draft: draft.edit_line(OBJECTS["payload"], 2, lambda row: row.update(salt=ZERO)),
        frozenset({"payload_digest_mismatch"}),
    ),
    Mutation(
        "payload-media-type",
        "The media type of a payload was changed.",
        lambda draft: draft.edit_line(OBJECTS["payload"], 2, lambda row: row.update(media_type="text/plain")),
        frozenset({"payload_digest_mismatch"}),
    ),
    Mutation(
        "payload-of-other-event",
        "A payload is listed for an event outside the range.",
        lambda draft: draft.edit_line(OBJECTS["payload"], 2, lambda row: row.update(index=30)),
        frozenset({"payload_digest_mismatch", "payload_missing"}),
    ),
    Mutation(
        "payload-file-gone",
        "A large payload's file is not there.",
        lambda draft: draft.edit_line(OBJECTS["payload"], 2, to_file),
        frozenset({"payload_missing"}),
    ),
    Mutation(
        "attrs-changed",
        "Disclosed attributes were changed.",
        lambda draft: draft.edit_line(OBJECTS["attrs"], 2, lambda row: row.update(text="{}")),
        frozenset({"attrs_digest_mismatch"}),
    ),
    Mutation(
        "fork-same-size",
        "forks/ holds two signed heads of one size.",
        fork_of_one_size,
        frozenset({"fork_proven"}),
    ),
    Mutation(
        "fork-by-path",
        "forks/ holds an older head that a path into the head contradicts.",
        fork_by_path,
        frozenset({"fork_proven"}),
    ),
    Mutation(
        "fork-unsigned",
        "forks/ claims a fork with a head that a stranger signed.",
        fork_unsigned,
        frozenset({"fork_claimed"}),
    ),
    Mutation(
        "fork-none",
        "forks/ holds two heads that do not contradict each other.",
        fork_that_is_none,
        frozenset({"fork_claimed"}),
    ),
]
