"""Checkpoints, proofs and receipts by themselves."""

from __future__ import annotations

from collections.abc import Callable

from ledger.core.canonical import canonical
from ledger.core.checkpoint import Checkpoint
from ledger.core.merkle import inclusion_proof, leaf_hash, reader_of
from ledger.core.note import Note, sign_note
from ledger.core.proof import TlogProof
from ledger.core.strict_base64 import encode
from ledger.core.types import JSON, JSONObject, TreeSize
from tests.corpus.cases import NOW, Case, Input, Mutation
from tests.corpus.heads import WITNESSED, pin, remembered
from tests.corpus.keys import ATTACKER, LOG, NEW_RECEIPT, ORIGIN, WITNESS, Key
from tests.corpus.log import cosigned, sample_log

MUTATIONS: list[Mutation] = []


def case(kind: str, name: str, about: str, build: Callable[[], bytes], *codes: str, **given: object) -> Case:
    return Case(f"{kind}-{name}", about, lambda: Input(build(), kind=kind, **given), frozenset(codes))  # type: ignore[arg-type]  # fields of Input by name


def note(size: int = 34, *, key: Key | None = None, other: bool = False) -> bytes:
    head = leaf_hash(b"other") if other else None
    return sample_log().note(size, keys=[key] if key else None, head=head).to_bytes()


def proof(index: int, *, extra: bool = True, spoil: bool = False, size: int = 34, key: Key | None = None) -> bytes:
    log = sample_log()
    hashes = inclusion_proof(index, size, reader_of(log.hashes[:size]))
    entry = log.leaves[index].raw if extra else None
    if spoil:
        hashes[0] = leaf_hash(b"other")
    return TlogProof(log.leaves[index].index, tuple(hashes), note(size, key=key), entry).to_bytes()


def receipt(index: int = 7, *, key: Key | None = None, **fields: JSON) -> bytes:
    """What the append API answered, with what its holder kept beside it."""
    log = sample_log()
    signed = log.receipt(log.leaves[index], key=key) if key else log.receipts[index]
    payload, attrs = log.objects[index, "payload"], log.objects[index, "attrs"]
    row: JSONObject = {
        "receipt": signed.to_json(),
        "index": index,
        "leaf": encode(log.leaves[index].raw),
        "leaf_hash": log.leaves[index].leaf_hash.hex(),
        "salts": {"attrs": encode(attrs.salt), "payload": encode(payload.salt)},
        "objects": {"attrs": encode(attrs.data), "payload": encode(payload.data)},
        "genesis": encode(log.leaves[0].raw),
        "genesis_proof": proof(0).decode(),
        "window": proof(33).decode(),
        "proof": proof(index).decode(),
    }
    return canonical(row | fields)


def contradicted(key: Key | None = None) -> bytes:
    """A validly signed receipt for a leaf that the log, under a head signed by `key`, does not show there."""
    log, other = sample_log(), leaf_hash(b"other")
    signed = log.receipt(log.leaves[7], leaf_hash=other)
    shown = proof(7, key=key).decode()
    return receipt(receipt=signed.to_json(), leaf=None, leaf_hash=other.hex(), proof=shown)


OTHER_LEAF = encode(sample_log().leaves[8].raw)
CHANGED: JSON = {"payload": encode(b"{}")}


def beyond_doubles() -> bytes:
    """A head of more leaves than a JSON number can count."""
    text = Checkpoint(ORIGIN, TreeSize(2**60 + 1), leaf_hash(b"any")).text()
    return Note(text, (sign_note(text, LOG.vkey(), LOG.sign),)).to_bytes()


CASES: list[Case] = [
    case("checkpoint", "beyond-doubles", "A head of more than 2^53 leaves.", beyond_doubles),
    case("checkpoint", "good", "A signed head.", note),
    case(
        "checkpoint",
        "cosigned",
        "A cosigned head.",
        lambda: cosigned(sample_log().notes[34], NOW - 5, WITNESS).to_bytes(),
        policy=WITNESSED,
    ),
    case(
        "checkpoint",
        "uncosigned",
        "A head without the cosignature the policy wants.",
        note,
        "quorum_missing",
        policy=WITNESSED,
    ),
    case(
        "checkpoint",
        "stranger",
        "A head signed by a stranger.",
        lambda: note(key=ATTACKER),
        "log_key_unknown",
    ),
    case("checkpoint", "garbage", "No note.", lambda: b"hello", "note_malformed", "not_evaluated"),
    case(
        "checkpoint",
        "fork",
        "Another head of the remembered size.",
        lambda: note(other=True),
        "fork_proven",
        trust=remembered(34, note=True),
    ),
    case(
        "checkpoint",
        "other-root",
        "Another root than the remembered one.",
        lambda: note(other=True),
        "consistency_invalid",
        trust=remembered(34),
    ),
    case(
        "checkpoint",
        "stale",
        "A smaller head than the remembered one.",
        lambda: note(12),
        "checkpoint_stale",
        trust=remembered(34),
    ),
    case("proof", "good", "A proof that carries its leaf.", lambda: proof(7)),
    case("proof", "spoiled", "A proof with another hash.", lambda: proof(7, spoil=True), "inclusion_invalid"),
    case(
        "proof",
        "no-leaf",
        "A proof without a leaf.",
        lambda: proof(7, extra=False),
        "arguments",
        "not_evaluated",
    ),
    case(
        "proof",
        "stranger",
        "A proof under a head that a stranger signed.",
        lambda: proof(7, key=ATTACKER),
        "log_key_unknown",
    ),
    case("proof", "garbage", "No proof.", lambda: b"hello\n\n", "proof_malformed", "not_evaluated"),
    case("receipt", "good", "A receipt with leaf, objects, genesis and proofs.", receipt),
    case(
        "receipt",
        "pinned",
        "A receipt whose genesis is pinned instead of proved.",
        lambda: receipt(genesis_proof=None),
        trust=pin(),
    ),
    case(
        "receipt",
        "pinned-other",
        "The reader pinned another genesis.",
        receipt,
        "genesis_mismatch",
        trust=pin("ab" * 32),
    ),
    case(
        "receipt",
        "bare",
        "The signed receipt alone.",
        lambda: canonical(sample_log().receipts[7].to_json()),
        "receipt_key_unproven",
        "not_evaluated",
    ),
    case(
        "receipt",
        "genesis-unproved",
        "The genesis leaf is neither pinned nor proved.",
        lambda: receipt(genesis_proof=None, window=None),
        "receipt_key_unproven",
        "not_evaluated",
    ),
    case(
        "receipt",
        "other-genesis",
        "The genesis leaf is another one.",
        lambda: receipt(genesis=OTHER_LEAF),
        "genesis_mismatch",
        "not_evaluated",
    ),
    case(
        "receipt",
        "other-leaf",
        "The leaf is another one.",
        lambda: receipt(leaf=OTHER_LEAF),
        "receipt_mismatch",
    ),
    case(
        "receipt",
        "stranger",
        "A receipt signed by a key that genesis does not delegate.",
        lambda: receipt(key=NEW_RECEIPT),
        "receipt_key_unproven",
        "not_evaluated",
    ),
    case(
        "receipt",
        "payload-changed",
        "The payload is not the one that was receipted.",
        lambda: receipt(objects=CHANGED),
        "payload_digest_mismatch",
    ),
    case(
        "receipt",
        "contradicted",
        "The log signed a receipt for another leaf than it shows.",
        contradicted,
        "inclusion_invalid",
        "receipt_contradicted",
    ),
    case(
        "receipt",
        "other-proof",
        "The proof is for another leaf.",
        lambda: receipt(proof=proof(8).decode()),
        "receipt_mismatch",
    ),
    case(
        "receipt",
        "other-stated",
        "The file states another leaf hash than the receipt.",
        lambda: receipt(leaf_hash="ab" * 32),
        "receipt_mismatch",
    ),
    case(
        "receipt",
        "no-salt",
        "Objects without their salts cannot be compared.",
        lambda: receipt(salts={}),
        "payload_missing",
    ),
    case(
        "receipt",
        "contradicted-stranger",
        "A head that a stranger signed shows another leaf: no contradiction of the log.",
        lambda: contradicted(ATTACKER),
        "inclusion_invalid",
        "log_key_unknown",
        "not_evaluated",
    ),
    case(
        "receipt",
        "proof-stranger",
        "The proof stands under a head that a stranger signed: no contradiction of the log.",
        lambda: receipt(proof=proof(7, key=ATTACKER).decode()),
        "log_key_unknown",
    ),
    case(
        "receipt",
        "proof-spoiled",
        "A hash of the proof was changed: no contradiction of the log.",
        lambda: receipt(proof=proof(7, spoil=True).decode()),
        "inclusion_invalid",
    ),
    case("receipt", "garbage", "No JSON.", lambda: b"hello", "json_invalid", "not_evaluated"),
    case("receipt", "list", "A JSON list.", lambda: b"[]", "leaf_schema", "not_evaluated"),
]
