"""A receipt with what its holder kept beside it, before a reader.

Everything that is compared must be of one log: a proof or manifest of another origin says nothing here. The
receipt's key counts only where the history of the log's keys is shown (`single_history.py`), and the log
contradicts its receipt only where another leaf is proved at that index under a head that the log signed.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from ledger.core import ed25519
from ledger.core.bundle.lines import MAX_LINE_BYTES
from ledger.core.commitment import ATTRS_MEDIA_TYPE, open_commitment
from ledger.core.dsse import pae
from ledger.core.envelope import Envelope, parse
from ledger.core.keys import decode_base64
from ledger.core.merkle import leaf_hash
from ledger.core.receipt import PAYLOAD_TYPE, Receipt, differences, parse_receipt, promised
from ledger.core.report import Findings, Report
from ledger.core.trust import Reader
from ledger.core.types import JSONObject
from ledger.core.verify.continued import check_ended
from ledger.core.verify.guarded import guarded
from ledger.core.verify.single import Seen, included, shows
from ledger.core.verify.single_history import Known, history_of, see_log
from ledger.core.verify.single_input import ReceiptFile, read_receipt_file
from ledger.errors import EnvelopeMalformed, LedgerError

MAX_RECEIPT_FILE: Final = 64 * MAX_LINE_BYTES
_DIGESTS: Final = {"attrs": "attrs_digest_mismatch", "payload": "payload_digest_mismatch"}


def verify_receipt(data: bytes, reader: Reader) -> Report:
    """A receipt with its leaf: what the append API answered, with `genesis`, `window`, `control` and proofs where
    the holder kept them.
    """
    findings = Findings("receipt")
    guarded(findings, "receipt", partial(_verify, findings, reader, data))
    return findings.report()


def _verify(findings: Findings, reader: Reader, data: bytes) -> None:
    kept = read_receipt_file(data)
    if kept.signed.payload_type != PAYLOAD_TYPE:
        raise EnvelopeMalformed("A receipt has another payload type", why=ascii(kept.signed.payload_type[:100]))
    receipt = parse_receipt(kept.signed.payload)
    findings.subject |= {"origin": receipt.origin, "index": receipt.index, "leaf_hash": receipt.leaf_hash.hex()}
    _compare_told(findings, kept, receipt)
    known = history_of(findings, reader, kept, receipt)
    check_ended(findings, reader, receipt.origin, receipt.index)
    valid = known is not None and _signature(findings, known, kept, receipt)
    leaf = parse(kept.leaf) if kept.leaf is not None else None
    fits = _fits(findings, known, receipt, leaf)
    _objects(findings, kept, leaf if fits else None)
    if _kept(findings, reader, kept, receipt, valid=valid) and leaf is None:
        findings.ran("receipt", compared=0)


def _compare_told(findings: Findings, kept: ReceiptFile, receipt: Receipt) -> None:
    """Index and leaf hash that stand beside the receipt for people are those of the receipt."""
    signed: JSONObject = {"index": receipt.index, "leaf_hash": receipt.leaf_hash.hex()}
    wrong = [name for name, value in kept.told.items() if value != signed[name]]
    if wrong:
        text = f"The file states another {' and '.join(wrong)} than the receipt"
        findings.problem("receipt_mismatch", "receipt", text)


def _signature(findings: Findings, known: Known, kept: ReceiptFile, receipt: Receipt) -> bool:
    """Whether the log signed the receipt, as far as its keys at that index are shown."""
    at = receipt.index if receipt.issued is None else receipt.issued
    public = known.history.delegated_at("receipt", at).get(receipt.kid)
    named = f"key {receipt.kid} at leaf {at}"
    if public is None or at < receipt.index or (known.until is not None and at >= known.until):
        code = "receipt_signature_wrong" if _retired(known, receipt, at) else "receipt_key_unproven"
        findings.problem(code, "receipt", f"The control leaves in the file do not delegate {named}")
        return False
    message = pae(kept.signed.payload_type, kept.signed.payload)
    if len(kept.signed.signatures) != 1 or not ed25519.verify(public, message, kept.signed.signatures[0].sig):
        findings.problem("receipt_signature_wrong", "receipt", f"The signature does not verify under {receipt.kid}")
        findings.ran("receipt_key", passed=False)
        return False
    findings.ran("receipt_key")
    if receipt.issued is not None:
        findings.note("receipt_reissued", "receipt", f"Signed at leaf {receipt.issued}, under key {receipt.kid}")
    if known.until is None:
        text = f"Nothing shows that {named} was still in force: keep a later window manifest (`window`, `control`)"
        findings.problem("receipt_key_unproven", "window", text)
    return known.until is not None


def _retired(known: Known, receipt: Receipt, at: int) -> bool:
    """Whether the key is one of the log that was not in force at this leaf, as its whole history shows."""
    kids = (span.key.kid for span in known.history.keys if not isinstance(span.key, str))
    return known.until is not None and receipt.index <= at < known.until and receipt.kid in kids


def _fits(findings: Findings, known: Known | None, receipt: Receipt, leaf: Envelope | None) -> bool:
    """Whether the receipt fits its leaf, and its promise the log's merge delay."""
    wrong = differences(receipt, leaf) if leaf is not None else []
    if known is not None and receipt.promised_by != promised(receipt.recorded, known.history.max_merge_delay):
        wrong.append("promised_by")
    if wrong:
        findings.problem("receipt_mismatch", "leaf", f"The receipt differs from leaf and log in {', '.join(wrong)}")
        findings.ran("receipt", passed=False)
    elif leaf is not None:
        findings.ran("receipt", compared=1)
    else:
        findings.not_claimed("The leaf is not in the file: what was receipted was not compared.")
    return leaf is not None and not wrong


def _objects(findings: Findings, kept: ReceiptFile, leaf: Envelope | None) -> None:
    media = {"attrs": ATTRS_MEDIA_TYPE, "payload": str(kept.objects.get("media_type", "application/json"))}
    for role in sorted(kept.objects.keys() - {"media_type"}):
        if leaf is not None and role in _DIGESTS and role in kept.salts:
            _open(findings, leaf, role, media[role], kept)
        elif leaf is not None and role in _DIGESTS:
            findings.problem("payload_missing", role, f"The {role} cannot be compared without its salt")
        else:
            reason = (
                "the leaf that commits to it is not in the file"
                if role in _DIGESTS
                else "a leaf commits to no such object"
            )
            findings.not_claimed(f"The object {role[:40]!a} was not opened: {reason}.")


def _open(findings: Findings, leaf: Envelope, role: str, media_type: str, kept: ReceiptFile) -> None:
    try:
        commitment = bytes.fromhex(str(leaf.fields.get(role, "")))
        open_commitment(commitment, decode_base64(kept.salts[role]), media_type, decode_base64(kept.objects[role]))
        findings.ran("objects")
    except LedgerError as error:
        findings.refused(error, role, _DIGESTS[role])
        findings.ran("objects", passed=False)


def _kept(findings: Findings, reader: Reader, kept: ReceiptFile, receipt: Receipt, *, valid: bool) -> bool:
    """Whether the log kept its promise; `valid`: the log is shown to have signed the receipt."""
    if kept.proof is None:
        findings.not_claimed("No inclusion proof was given: that the log kept its promise is not shown.")
        return False
    if kept.proof.index != receipt.index:
        text = f"The proof is for leaf {kept.proof.index}, the receipt for {receipt.index}"
        findings.problem("receipt_mismatch", "proof", text)
        return False
    seen = see_log(findings, reader, kept.proof, receipt.origin, "proof")
    if seen is None:
        return False
    if included(findings, seen, kept.proof, receipt.leaf_hash):
        return True
    if valid and _another(seen, kept, receipt):
        message = "The log signed this receipt, and shows another leaf at its index"
        findings.problem("receipt_contradicted", "proof", message)
        findings.ran("receipt", passed=False)
    return False


def _another(seen: Seen, kept: ReceiptFile, receipt: Receipt) -> bool:
    """Whether another leaf is proved at the receipt's index under a head that the log signed."""
    shown = [one for one in (kept.proof.extra, kept.leaf) if one is not None] if kept.proof is not None else []
    others = {leaf_hash(one) for one in shown} - {receipt.leaf_hash}
    return seen.signed and kept.proof is not None and any(shows(seen, kept.proof, other) for other in others)
