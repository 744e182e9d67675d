"""Step 9: the pinned genesis, and every checkpoint signed by the keys that the log had at its size.

A key that is added at leaf i and retired at leaf j signs the checkpoints of sizes s with i < s <= j. While
old and new are both valid, both lines stand on every checkpoint. A key leaf that changes log keys is signed
by one key of before (or the recovery key of genesis) and by every log key that it adds; any other key leaf
by one log key of before.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import cast

from ledger.core import ed25519
from ledger.core.control import KEY_PAYLOAD_TYPE, ControlHistory, key_statement
from ledger.core.cosignature import SIGNATURE_BYTES
from ledger.core.dsse import pae
from ledger.core.envelope import Envelope
from ledger.core.keys import PUBLIC_BYTES
from ledger.core.note import Note, Verdict, check_signatures
from ledger.core.optional_crypto import verify_mldsa44
from ledger.core.policy_compare import loosened, same_rule
from ledger.core.report import Findings
from ledger.core.signature_check import SignatureCheck, check_signature
from ledger.core.strict_base64 import decode
from ledger.core.types import Hash
from ledger.core.verify.case import Case, Held
from ledger.core.vkey import KeyType, VKey
from ledger.core.witness_policy import Policy, parse_policy
from ledger.errors import LedgerError


def check_genesis(case: Case) -> None:
    """The log's first leaf against the reader's pin and the manifest."""
    history, pin = case.history, case.reader.trust.genesis
    if pin is None:
        case.findings.not_claimed("The genesis leaf was not pinned: your policy's log key alone identifies the log.")
    if history is None:
        if pin is not None:
            case.findings.problem("not_evaluated", "genesis", "trust.json pins a genesis that could not be read here")
        return
    found = history.genesis.leaf_hash
    if case.manifest is not None and case.manifest.log != found:
        case.findings.problem("genesis_mismatch", "manifest.dsse.json", "The manifest names another genesis leaf")
    if pin is not None and pin != found:
        case.findings.problem(
            "genesis_mismatch", "genesis", f"You pinned {pin.hex()}, the log begins with {found.hex()}"
        )
    if pin is not None:
        case.findings.ran("genesis", passed=pin == found)


def check_key_validity(case: Case) -> None:
    """Keys of the head and of every older checkpoint; signatures of key leaves."""
    if case.head is None:
        return
    before = case.findings.count
    for held in case.notes:
        if held is not case.head:
            _check_older(case, held)
    if case.history is None:
        return
    _check_head(case, case.head, case.history)
    for leaf in case.history.leaves:
        if leaf.kind == "key":
            check_key_leaf(case.findings, case.history, leaf)
    case.findings.ran("key_validity", compared=len(case.notes), since=before)


def log_signed(case: Case, held: Held) -> bool:
    """Whether a log key signed the checkpoint: one of the reader's policy, or one valid at that size.

    The history's keys are the log's only where the head is: an unsigned head proves whatever its author likes.
    """
    history = case.history if case.head_signed else None
    keys = (*case.reader.policy.logs, *_keys_at(history, held.checkpoint.size))
    return note_signed(held.note, held.checkpoint.origin, keys, case.check)


def note_signed(note: Note, origin: str, keys: tuple[VKey, ...], check: SignatureCheck = check_signature) -> bool:
    """Whether one of `keys` with the name of the origin signed the note."""
    lines = check_signatures(note, (vkey for vkey in keys if vkey.name == origin), check)
    return any(line.verdict is Verdict.VALID for line in lines)


def _check_older(case: Case, held: Held) -> None:
    policy = tuple(vkey for vkey in case.reader.policy.logs if vkey.name == held.checkpoint.origin)
    known = (*policy, *_keys_at(case.history, held.checkpoint.size))
    lines = check_signatures(held.note, known, case.check)
    if any(line.verdict is Verdict.WRONG for line in lines):
        case.findings.problem(
            "log_signature_wrong", held.path, "A line by a known log key does not verify over this text"
        )
        return
    valid = {line.vkey for line in lines if line.verdict is Verdict.VALID}
    if not valid:
        case.findings.problem("log_key_unknown", held.path, "No log key that was valid at this size signed it")
    elif case.history is not None:
        _check_valid_at(case, held, case.history, valid)


def _check_head(case: Case, head: Held, history: ControlHistory) -> None:
    lines = check_signatures(head.note, case.reader.policy.logs, case.check)
    valid = {line.vkey for line in lines if line.verdict is Verdict.VALID}
    if valid:
        _check_valid_at(case, head, history, valid)


def _check_valid_at(case: Case, held: Held, history: ControlHistory, valid: set[VKey]) -> None:
    """`valid` are keys whose line verifies; compare them with those in force at the size."""
    size = held.checkpoint.size
    in_force = set(_keys_at(history, size))
    if not valid & in_force:
        names = {str(span.key) for span in history.log_keys if span.stop is not None and span.stop < size}
        retired = any(str(vkey) in names for vkey in valid)
        code = "key_retired" if retired and held is case.head else "key_not_valid_at_size"
        case.findings.problem(code, held.path, f"Signed by a key that was not in force at {size:,} leaves")
        return
    _check_lines(case, held, in_force)


def _check_lines(case: Case, held: Held, in_force: set[VKey]) -> None:
    """Each key in force has its line: without an Ed25519 one the rotation is unsigned; ML-DSA-44 has its own codes."""
    lines = check_signatures(held.note, in_force, case.check)
    wrong = {line.vkey for line in lines if line.verdict is Verdict.WRONG}
    open_ = {line.vkey for line in lines if line.verdict is Verdict.NOT_EVALUATED}
    for vkey in sorted(in_force - {line.vkey for line in lines if line.verdict is Verdict.VALID}, key=str):
        told = f"{vkey.name}+{vkey.key_id.hex()}, in force at {held.checkpoint.size:,}"
        if vkey in open_:
            case.findings.note("not_evaluated", held.path, f"The line of {told}, cannot be verified by this Python")
        elif vkey.key_type is KeyType.MLDSA44:
            code = "pq_signature_wrong" if vkey in wrong else "pq_signature_missing"
            case.findings.problem(code, held.path, f"No valid ML-DSA-44 line of {told}")
        else:
            case.findings.problem("rotation_unsigned", held.path, f"No line of {told}")


def _keys_at(history: ControlHistory | None, size: int) -> tuple[VKey, ...]:
    texts = history.log_keys_at(size) if history is not None else []
    return tuple(_vkey(text) for text in texts)


_vkey = lru_cache(maxsize=1_024)(VKey.parse)


def check_key_leaf(findings: Findings, history: ControlHistory, leaf: Envelope) -> None:
    """A key leaf is signed by a key of before and by every log key that it adds."""
    message = pae(KEY_PAYLOAD_TYPE, key_statement(history.genesis.leaf_hash, leaf.origin, leaf.fields))
    rows = cast("list[dict[str, str]]", leaf.fields["signatures"])
    signatures = [decode(row["sig"]) for row in rows]
    held = _keys_at(history, leaf.index)
    before = [key.public for key in held if key.key_type is KeyType.ED25519]
    recovery = history.genesis.fields["recovery_key"]
    before += [decode(recovery)] if isinstance(recovery, str) else []
    added = [_vkey(str(text)) for text in cast("list[str]", leaf.fields["add_log_keys"])]
    for publics in (before, *([vkey.public] for vkey in added)):
        answers = [_signed(public, message, signatures) for public in publics]
        if any(answers):
            continue
        if None in answers:
            findings.not_claimed(f"That the post-quantum key which leaf {leaf.index} adds signed that leaf.")
            continue
        text = "A key leaf is not signed by the old and the new key"
        findings.problem("rotation_unsigned", f"leaf {leaf.index}", text)
        return


def _signed(public: bytes, message: bytes, signatures: list[bytes]) -> bool | None:
    """Whether one of the signatures is by this key, Ed25519 or ML-DSA-44 by its length; None where nobody can say."""
    if len(public) == PUBLIC_BYTES:
        return any(ed25519.verify(public, message, one) for one in signatures)
    answers = [
        verify_mldsa44(public, message, one) for one in signatures if len(one) == SIGNATURE_BYTES[KeyType.MLDSA44]
    ]
    return True if True in answers else None if None in answers else False


def check_policies(case: Case) -> None:
    """Notes on the log's own policies: another rule than the reader's, and rules that became looser."""
    if case.history is None:
        return
    texts = [(index, _policy(case, digest)) for index, digest in case.history.policies]
    policies = [(index, policy) for index, policy in texts if policy is not None]
    if policies and not same_rule(policies[-1][1], case.reader.policy):
        case.findings.note(
            "policy_differs",
            f"policy/{policies[-1][1].digest().hex()}",
            "The log's own policy is another one than yours",
        )
    for (_, old), (index, new) in pairwise(policies):
        if loosened(old, new):
            case.findings.note(
                "policy_loosened",
                f"leaf {index}",
                "This policy is met by witnesses that did not suffice before",
            )


def _policy(case: Case, digest: str) -> Policy | None:
    name = f"policy/{digest}"
    if not case.archive.has(name):
        return None
    try:
        policy = parse_policy(case.archive.read(name, 1_000_000))
    except LedgerError as error:
        case.findings.refused(error, name, "leaf_schema")
        return None
    return policy if policy.digest() == Hash(bytes.fromhex(digest)) else None
