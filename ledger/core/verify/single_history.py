"""The keys of a log before a single receipt: what genesis delegates, and whether a later leaf took it back.

A window manifest behind the receipt's leaf names the newest control leaf before itself, each control leaf the
one before, down to genesis. The manifest proved in the log and these leaves are therefore the whole history
at the receipt's index. With genesis alone a key may have been retired before, and the receipt's key stays
unproven.
"""

from __future__ import annotations

from dataclasses import dataclass

from ledger.core.checkpoint import parse_checkpoint
from ledger.core.control import ControlHistory, history
from ledger.core.envelope import Envelope, parse
from ledger.core.note import parse_note
from ledger.core.proof import TlogProof
from ledger.core.receipt import Receipt
from ledger.core.report import Findings
from ledger.core.trust import Reader
from ledger.core.verify.attached import refuse_weak
from ledger.core.verify.keys import check_key_leaf
from ledger.core.verify.single import Seen, included, see
from ledger.core.verify.single_input import ReceiptFile
from ledger.core.window import window_of


@dataclass(frozen=True, slots=True)
class Known:
    """A proved history; it is whole for leaves below `until` (None: for genesis alone)."""

    history: ControlHistory
    until: int | None


def history_of(findings: Findings, reader: Reader, kept: ReceiptFile, receipt: Receipt) -> Known | None:
    """The log's keys as far as the file proves them; None, with a problem, where genesis is not proved."""
    pin = reader.trust.genesis
    if pin is not None and pin != receipt.log:
        text = f"You pinned {pin.hex()}, the receipt is of {receipt.log.hex()}"
        findings.problem("genesis_mismatch", "receipt", text)
    if kept.genesis is None:
        text = "The genesis leaf, which delegates the key, is not in the file"
        findings.problem("receipt_key_unproven", "genesis", text)
        return None
    genesis = parse(kept.genesis)
    if genesis.leaf_hash != receipt.log or genesis.origin != receipt.origin:
        findings.problem("genesis_mismatch", "genesis", "The genesis leaf in the file is not the one the receipt names")
        return None
    whole = _whole(findings, reader, kept, receipt, genesis)
    if whole is not None:
        return whole
    if pin != genesis.leaf_hash and not _genesis_proved(findings, reader, kept, genesis):
        text = "The genesis leaf is neither pinned in trust.json nor proved"
        findings.problem("receipt_key_unproven", "genesis", text)
        return None
    return Known(_derived(findings, [genesis]), None)


def see_log(findings: Findings, reader: Reader, proof: TlogProof, origin: str, path: str) -> Seen | None:
    """The checkpoint of a proof, if it is of the receipt's log; one of another log says nothing and is recorded."""
    note = parse_note(proof.note)
    found = parse_checkpoint(note.text).origin
    if found != origin:
        findings.problem("origin_mismatch", path, f"The checkpoint is of {found}, the receipt of {origin}")
        return None
    return see(findings, reader, note)


def _genesis_proved(findings: Findings, reader: Reader, kept: ReceiptFile, genesis: Envelope) -> bool:
    proof = kept.genesis_proof
    if proof is None or proof.index != 0:
        return False
    seen = see_log(findings, reader, proof, genesis.origin, "genesis_proof")
    return seen is not None and included(findings, seen, proof, genesis.leaf_hash, "genesis_proof") and seen.signed


def _whole(findings: Findings, reader: Reader, kept: ReceiptFile, receipt: Receipt, genesis: Envelope) -> Known | None:
    """The history that a later window manifest proves; None, with a problem where one is given that does not."""
    if kept.window is None:
        return None
    if kept.window.extra is None:
        findings.problem("receipt_key_unproven", "window", "The proof does not carry the window manifest as `extra`")
        return None
    manifest = parse(kept.window.extra)
    window = window_of(manifest)
    if manifest.origin != receipt.origin:
        findings.problem("origin_mismatch", "window", f"It is of {manifest.origin}, the receipt of {receipt.origin}")
        return None
    if manifest.index != kept.window.index or manifest.index <= max(receipt.index, receipt.issued or 0):
        text = f"The manifest at leaf {manifest.index} is not behind leaf {receipt.index}, or not at its proof's index"
        findings.problem("receipt_key_unproven", "window", text)
        return None
    seen = see_log(findings, reader, kept.window, receipt.origin, "window")
    if seen is None or not included(findings, seen, kept.window, manifest.leaf_hash, "window") or not seen.signed:
        return None
    chain = [genesis, *map(parse, kept.control)]
    found = history(chain, window.control)
    return Known(_derived(findings, list(found.leaves)), manifest.index)


def _derived(findings: Findings, chain: list[Envelope]) -> ControlHistory:
    """The history of these control leaves; raises ControlChainBroken or WeakKey."""
    found = history(chain)
    refuse_weak(found)
    for leaf in chain:
        if leaf.kind == "key":
            check_key_leaf(findings, found, leaf)
    return found
