"""A single checkpoint, proof or receipt before a reader, without a bundle around it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ledger.core import ed25519
from ledger.core.bundle.lines import MAX_LINE_BYTES
from ledger.core.checkpoint import Checkpoint, parse_checkpoint
from ledger.core.commitment import ATTRS_MEDIA_TYPE, open_commitment
from ledger.core.control import ControlHistory, history
from ledger.core.dsse import Envelope as Signed
from ledger.core.dsse import pae, parse_envelope
from ledger.core.envelope import Envelope, parse
from ledger.core.keys import decode_base64
from ledger.core.merkle import leaf_hash, verify_inclusion
from ledger.core.note import Note, parse_note
from ledger.core.proof import TlogProof, parse_proof
from ledger.core.receipt import PAYLOAD_TYPE, Receipt, differences, parse_receipt, promise
from ledger.core.report import Findings, Report
from ledger.core.strict_json import parse as parse_json
from ledger.core.trust import Reader
from ledger.core.types import JSON, Hash, JSONObject
from ledger.core.verify.heads import check_signed_head
from ledger.core.verify.keys import note_signed
from ledger.core.verify.outside import check_age
from ledger.errors import EnvelopeMalformed, InclusionInvalid, LeafSchema, LedgerError

MAX_RECEIPT_FILE: Final = 64 * MAX_LINE_BYTES


def verify_checkpoint(data: bytes, reader: Reader) -> Report:
    """A signed note under the reader's policy, remembered heads and `max_age`."""
    findings = Findings("checkpoint")
    try:
        note = parse_note(data)
        _head(findings, reader, note, "checkpoint")
    except LedgerError as error:
        findings.refused(error, "checkpoint")
    return findings.report()


def _head(findings: Findings, reader: Reader, note: Note, path: str) -> Checkpoint:
    checkpoint = parse_checkpoint(note.text)
    findings.subject |= {"origin": checkpoint.origin, "size": checkpoint.size, "root": checkpoint.root.hex()}
    check_signed_head(findings, reader, path, note)
    _remembered(findings, reader, note, checkpoint, path)
    check_age(findings, reader, path, [note])
    return checkpoint


def _remembered(findings: Findings, reader: Reader, note: Note, checkpoint: Checkpoint, path: str) -> None:
    logs = reader.policy.logs
    for one in reader.trust.remembered:
        other = one.checkpoint
        if other.origin != checkpoint.origin:
            continue
        if other.size > checkpoint.size:
            findings.problem(
                "checkpoint_stale",
                path,
                f"You remember a head of {other.size:,} leaves, this one has {checkpoint.size:,}",
            )
        elif other.size == checkpoint.size and other.root != checkpoint.root:
            both = one.note is not None and all(note_signed(each, other.origin, logs) for each in (note, one.note))
            code = "fork_proven" if both else "consistency_invalid"
            findings.problem(code, path, f"You remember another root for {other.size:,} leaves")
        elif other.size < checkpoint.size:
            findings.not_claimed(f"Your remembered head of {other.size:,} leaves was not joined to this one.")


def verify_proof(data: bytes, leaf: bytes | None, reader: Reader) -> Report:
    """A C2SP tlog-proof for `leaf` (its bytes; None: those the proof carries as `extra`)."""
    findings = Findings("proof")
    try:
        proof = parse_proof(data)
        entry = leaf if leaf is not None else proof.extra
        if entry is None:
            findings.problem("arguments", "proof", "The proof carries no leaf: give the leaf's bytes with --leaf")
            return findings.report()
        _inclusion(findings, reader, proof, leaf_hash(entry))
        findings.subject |= {"index": proof.index, "leaf_hash": leaf_hash(entry).hex()}
    except LedgerError as error:
        findings.refused(error, "proof")
    return findings.report()


def _inclusion(findings: Findings, reader: Reader, proof: TlogProof, entry: Hash) -> bool:
    """Whether the leaf is in the log under the proof's checkpoint, and a key of the policy signed that."""
    checkpoint = _head(findings, reader, parse_note(proof.note), "checkpoint")
    try:
        verify_inclusion(proof.index, checkpoint.size, entry, list(proof.hashes), checkpoint.root)
    except InclusionInvalid as error:
        findings.refused(error, "proof")
        findings.ran("inclusion", passed=False)
        return False
    findings.ran("inclusion")
    return findings.passed("head")


@dataclass(frozen=True, slots=True)
class _ReceiptFile:
    """A receipt, and what its holder kept beside it; `told` is what the answer says of it in plain fields."""

    signed: Signed
    leaf: bytes | None
    genesis: bytes | None
    genesis_proof: TlogProof | None
    proof: TlogProof | None
    objects: JSONObject
    salts: JSONObject
    told: JSONObject


def verify_receipt(data: bytes, reader: Reader) -> Report:
    """A receipt with its leaf: what the append API answered, with `genesis` (base64) and proofs where the
    holder kept them.

    The receipt's key is proved by the genesis leaf, and that by the pin in trust.json or by its own proof.
    """
    findings = Findings("receipt")
    try:
        _receipt(findings, reader, _read(data))
    except LedgerError as error:
        findings.refused(error, "receipt")
    return findings.report()


def _receipt(findings: Findings, reader: Reader, kept: _ReceiptFile) -> None:
    if kept.signed.payload_type != PAYLOAD_TYPE:
        raise EnvelopeMalformed("A receipt has another payload type", why=ascii(kept.signed.payload_type[:100]))
    receipt = parse_receipt(kept.signed.payload)
    findings.subject |= {
        "origin": receipt.origin,
        "index": receipt.index,
        "leaf_hash": receipt.leaf_hash.hex(),
    }
    _compare_told(findings, kept, receipt)
    log = _history(findings, reader, kept, receipt)
    valid = log is not None and _signature(findings, log, kept.signed, receipt)
    if kept.leaf is None:
        findings.not_claimed("The leaf is not in the file: what was receipted was not compared, nor any object.")
        findings.ran("receipt", compared=0)
    else:
        _fits(findings, kept, receipt, parse(kept.leaf), log)
    if kept.proof is None:
        findings.not_claimed("No inclusion proof was given: that the log kept its promise is not shown.")
    elif kept.proof.index != receipt.index:
        message = f"The proof is for leaf {kept.proof.index}, the receipt for {receipt.index}"
        findings.problem("receipt_mismatch", "proof", message)
    elif not _inclusion(findings, reader, kept.proof, receipt.leaf_hash) and valid:
        _contradiction(findings, kept, receipt)


def _compare_told(findings: Findings, kept: _ReceiptFile, receipt: Receipt) -> None:
    """Index and leaf hash that stand beside the receipt for people are those of the receipt."""
    signed: JSONObject = {"index": receipt.index, "leaf_hash": receipt.leaf_hash.hex()}
    wrong = [name for name, value in kept.told.items() if value != signed[name]]
    if wrong:
        findings.problem(
            "receipt_mismatch", "receipt", f"The file states another {' and '.join(wrong)} than the receipt"
        )


def _contradiction(findings: Findings, kept: _ReceiptFile, receipt: Receipt) -> None:
    """Misbehaviour is proven by another leaf that the log's head shows at this index, not by a bad proof."""
    proof = kept.proof
    shown = {leaf_hash(entry) for entry in (kept.leaf, proof.extra if proof else None) if entry is not None}
    if proof is None or not findings.passed("head"):
        return
    head = parse_checkpoint(parse_note(proof.note).text)
    for entry in shown - {receipt.leaf_hash}:
        try:
            verify_inclusion(proof.index, head.size, entry, list(proof.hashes), head.root)
        except LedgerError:
            continue
        message = "The log signed this receipt, and shows another leaf at its index"
        findings.problem("receipt_contradicted", "proof", message)


def _history(findings: Findings, reader: Reader, kept: _ReceiptFile, receipt: Receipt) -> ControlHistory | None:
    """Keys of the genesis leaf, where that leaf is proved."""
    pin = reader.trust.genesis
    if pin is not None and pin != receipt.log:
        findings.problem(
            "genesis_mismatch", "receipt", f"You pinned {pin.hex()}, the receipt is of {receipt.log.hex()}"
        )
    if kept.genesis is None:
        findings.problem(
            "receipt_key_unproven", "genesis", "The genesis leaf, which delegates the key, is not in the file"
        )
        return None
    leaf = parse(kept.genesis)
    if leaf.leaf_hash != receipt.log or leaf.origin != receipt.origin:
        findings.problem("genesis_mismatch", "genesis", "The genesis leaf in the file is not the one the receipt names")
        return None
    proved = pin == leaf.leaf_hash
    if not proved and kept.genesis_proof is not None and kept.genesis_proof.index == 0:
        proved = _inclusion(findings, reader, kept.genesis_proof, leaf.leaf_hash)
    if not proved:
        findings.problem(
            "receipt_key_unproven", "genesis", "The genesis leaf is neither pinned in trust.json nor proved"
        )
        return None
    return history([leaf])


def _signature(findings: Findings, log: ControlHistory, signed: Signed, receipt: Receipt) -> bool:
    public = log.delegated_at("receipt", receipt.index).get(receipt.kid)
    if public is None:
        findings.problem(
            "receipt_key_unproven",
            "receipt",
            f"Genesis does not delegate key {receipt.kid}; a bundle shows later keys",
        )
        return False
    if len(signed.signatures) != 1 or not ed25519.verify(
        public, pae(signed.payload_type, signed.payload), signed.signatures[0].sig
    ):
        findings.problem("receipt_signature_wrong", "receipt", f"The signature does not verify under {receipt.kid}")
        findings.ran("receipt_key", passed=False)
        return False
    findings.ran("receipt_key")
    return True


def _fits(findings: Findings, kept: _ReceiptFile, receipt: Receipt, leaf: Envelope, log: ControlHistory | None) -> None:
    wrong = differences(receipt, leaf)
    if not wrong and log is not None:
        delay, genesis = log.max_merge_delay, log.genesis.leaf_hash
        wrong = [] if receipt == promise(genesis, leaf, receipt.kid, delay, receipt.issued) else ["promised_by"]
    if wrong:
        findings.problem("receipt_mismatch", "leaf", f"Receipt and leaf differ in {', '.join(wrong)}")
        findings.ran("receipt", passed=False)
        return
    findings.ran("receipt", compared=1)
    media = {"attrs": ATTRS_MEDIA_TYPE, "payload": str(kept.objects.get("media_type", "application/json"))}
    for role in ("attrs", "payload"):
        if role in kept.objects and role in kept.salts:
            _open(findings, leaf, role, media[role], kept)
        elif role in kept.objects:
            findings.problem("payload_missing", role, f"The {role} cannot be compared without its salt")


def _open(findings: Findings, leaf: Envelope, role: str, media_type: str, kept: _ReceiptFile) -> None:
    try:
        commitment = bytes.fromhex(str(leaf.fields.get(role, "")))
        open_commitment(commitment, decode_base64(kept.salts[role]), media_type, decode_base64(kept.objects[role]))
        findings.ran("objects")
    except LedgerError as error:
        findings.refused(error, role, f"{role}_digest_mismatch")


def _read(data: bytes) -> _ReceiptFile:
    value = parse_json(data)
    if not isinstance(value, dict):
        raise LeafSchema("A receipt file must be a JSON object")
    if "payloadType" in value:
        value = {"receipt": value}
    return _ReceiptFile(
        parse_envelope(_object(value.get("receipt"))),
        _bytes(value.get("leaf")),
        _bytes(value.get("genesis")),
        _proof(value.get("genesis_proof")),
        _proof(value.get("proof")),
        _object(value.get("objects", {})),
        _object(value.get("salts", {})),
        {name: value[name] for name in ("index", "leaf_hash") if name in value},
    )


def _object(value: JSON) -> JSONObject:
    if not isinstance(value, dict):
        raise LeafSchema("A JSON object is expected in the receipt file")
    return value


def _bytes(value: JSON) -> bytes | None:
    return None if value is None else decode_base64(value)


def _proof(value: JSON) -> TlogProof | None:
    return parse_proof(str(value).encode()) if isinstance(value, str) else None
