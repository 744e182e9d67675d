"""Steps 5 and 14: forks, proved again from their bytes.

Proven is a fork when two checkpoints that the log's keys signed cannot both be true: the same size with
other roots, an older root that the proved leaves of the range contradict, or an older root that a
consistency proof into the head contradicts. Anything else is only claimed. Nothing here picks a side.

The log's keys are those of the reader's policy and, under a head that one of them signed, those of the log's
own history: a history alone can be written by anybody.
"""

from __future__ import annotations

from typing import cast

from ledger.core.bundle.layout import FORKS
from ledger.core.checkpoint import Checkpoint, parse_checkpoint
from ledger.core.fields import Check, Schema, base64_of, check_fields, hex_hash, list_of, nullable, text
from ledger.core.keys import decode_base64
from ledger.core.merkle import verify_consistency
from ledger.core.note import Note, parse_note
from ledger.core.strict_json import parse
from ledger.core.trust import Remembered
from ledger.core.types import HASH_BYTES, Hash, JSONObject
from ledger.core.verify.case import Case, Held
from ledger.core.verify.keys import log_signed
from ledger.errors import LeafSchema, LedgerError

_proof: Check = list_of(base64_of(HASH_BYTES), most=63)
_FORK: Schema = {"a": text(1_000_000), "b": text(1_000_000), "old_root": nullable(hex_hash), "proof": _proof}
MAX_FORK_BYTES = 4 << 20
MAX_FORKS = 1_000


def check_notes_agree(case: Case) -> None:
    """Every other checkpoint against the head of the same size, and against the roots that the range
    proves.
    """
    if case.head is None:
        return
    for held in case.notes:
        other = held.checkpoint
        true_root = _true_root(case, other.size)
        if other.origin == case.head.checkpoint.origin and true_root is not None and true_root != other.root:
            _contradiction(case, held)


def _true_root(case: Case, size: int) -> Hash | None:
    head = case.head.checkpoint if case.head is not None else None
    if head is not None and head.size == size:
        return head.root
    return case.proved_roots.get(size)


def _contradiction(case: Case, held: Held) -> None:
    signed = case.head is not None and log_signed(case, held) and log_signed(case, case.head)
    if signed:
        message = f"The log signed two roots for {held.checkpoint.size:,} leaves: this one and the head's"
        case.findings.problem("fork_proven", held.path, message)
    elif not case.findings.has("log_signature_wrong", "log_key_unknown"):
        case.findings.problem(
            "fork_claimed", held.path, "Another root for this size, without a valid signature of the log"
        )


def check_remembered(case: Case) -> None:
    """Heads that the reader remembers, of this log: not beyond the head, and the same where they can be
    compared.
    """
    head = case.head.checkpoint if case.head is not None else None
    remembered = [one for one in case.reader.trust.remembered if head and one.checkpoint.origin == head.origin]
    if head is None or not remembered:
        case.findings.not_claimed("No remembered head of this log was compared.")
        return
    before = case.findings.count
    for one in remembered:
        _check_remembered(case, one, head)
    case.findings.ran("remembered", compared=len(remembered), since=before)


def _check_remembered(case: Case, one: Remembered, head: Checkpoint) -> None:
    size, path, findings = one.checkpoint.size, "trust.json remembered", case.findings
    if size > head.size:
        message = f"You remember a head of {size:,} leaves, the bundle's has {head.size:,}"
        findings.problem("checkpoint_stale", path, message)
        return
    proved = _true_root(case, size)
    found = proved or _root_in_notes(case, size)
    if size == 0 or found == one.checkpoint.root:
        return
    held = Held(path, one.note, one.checkpoint) if one.note is not None else None
    if found is None:
        message = f"Nothing in the bundle joins your head of {size:,} leaves to this one"
        findings.problem("proof_missing", path, message)
    elif held is not None and proved is not None and log_signed(case, held):
        message = f"The log signed another root for {size:,} leaves than it shows here"
        findings.problem("fork_proven", path, message)
    else:
        findings.problem("consistency_invalid", path, f"You remember another root for {size:,} leaves")


def _root_in_notes(case: Case, size: int) -> Hash | None:
    """Root of the bundle's own checkpoint of that size; consistency joins it to the head."""
    found = (held.checkpoint.root for held in case.notes if held.checkpoint.size == size)
    return next(found, None)


def check_forks(case: Case) -> None:
    """Evidence in forks/: each file proves a fork by itself, or is only a claim."""
    before, paths = case.findings.count, case.archive.names(FORKS)
    for number, path in enumerate(paths, 1):
        if number > MAX_FORKS:
            case.findings.problem(
                "archive_limit", path, f"More than {MAX_FORKS:,} reported forks: the rest is not read"
            )
            break
        try:
            proven = _proves_fork(case, path)
        except LedgerError as error:
            case.findings.refused(error, path)
            continue
        if proven:
            case.findings.problem("fork_proven", path, "Two checkpoints that the log signed cannot both be true")
        else:
            case.findings.problem("fork_claimed", path, "What it holds does not prove a fork of this log")
    case.findings.ran("forks", compared=len(paths), since=before)


def _proves_fork(case: Case, path: str) -> bool:
    value = parse(case.archive.read(path, MAX_FORK_BYTES))
    if not isinstance(value, dict):
        raise LeafSchema("Fork evidence must be a JSON object")
    check_fields(value, _FORK)
    a, b = (_held(path, str(value[name])) for name in ("a", "b"))
    origins = {a.checkpoint.origin, b.checkpoint.origin, case.origin}
    if len(origins) > 1 or not (log_signed(case, a) and log_signed(case, b)):
        return False
    return _contradict(a.checkpoint, b.checkpoint, value)


def _contradict(a: Checkpoint, b: Checkpoint, value: JSONObject) -> bool:
    if a.size == b.size:
        return a.root != b.root
    if value["old_root"] is None or a.size > b.size:
        return False
    old_root = Hash(bytes.fromhex(str(value["old_root"])))
    proof = [Hash(decode_base64(node)) for node in cast("list[str]", value["proof"])]
    try:
        verify_consistency(a.size, b.size, proof, old_root, b.root)
    except LedgerError:
        return False
    return old_root != a.root


def _held(path: str, text_: str) -> Held:
    note: Note = parse_note(text_.encode())
    return Held(path, note, parse_checkpoint(note.text))
