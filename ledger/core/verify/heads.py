"""Steps 3 to 5: all checkpoints, the head under the reader's policy, and the older ones by consistency to
it.

Head = the largest. Only the head must satisfy the policy; the others count by consistency to it, and by the
keys that were valid at their size (`keys.py`).
"""

from __future__ import annotations

from typing import Final

from ledger.core.bundle.layout import CHECKPOINTS, CONSISTENCY
from ledger.core.bundle.proofs import read_consistency
from ledger.core.checkpoint import Checkpoint, parse_checkpoint
from ledger.core.checkpoint_trust import Trust, assess
from ledger.core.merkle import verify_consistency
from ledger.core.note import MAX_NOTE_BYTES, Note, parse_note
from ledger.core.report import Findings
from ledger.core.signature_check import SignatureCheck, check_signature
from ledger.core.trust import Reader
from ledger.core.types import Hash
from ledger.core.verify.case import Case, Held
from ledger.core.vkey import KeyType, VKey
from ledger.errors import ConsistencyInvalid, LedgerError

SPLIT_VIEW: Final = (
    "That nobody was shown another history of this log (a split view): your policy asks for no witness, so nobody "
    "independent says it. Compare heads with other readers, or hold a policy with witnesses."
)
MAX_CHECKPOINTS: Final = 10_000
MAX_CHECKPOINTS_BYTES: Final = 128 << 20


def check_notes(case: Case) -> None:
    """Read every checkpoint; take the largest as head; compare their origins."""
    findings, archive, before = case.findings, case.archive, case.findings.count
    room = MAX_CHECKPOINTS_BYTES
    for number, path in enumerate(archive.names(CHECKPOINTS), 1):
        room -= archive.members[path].size
        if number > MAX_CHECKPOINTS or room < 0:
            findings.problem("archive_limit", path, "More checkpoints than the limits allow: the rest is not read")
            break
        try:
            note = parse_note(archive.read(path, MAX_NOTE_BYTES))
            case.notes.append(Held(path, note, parse_checkpoint(note.text)))
        except LedgerError as error:
            findings.refused(error, path)
    if not case.notes:
        findings.problem("file_missing", CHECKPOINTS, "The bundle holds no readable checkpoint")
        return
    case.head = max(case.notes, key=lambda held: (held.checkpoint.size, _signed(case, held)))
    _compare_origins(case, case.head.checkpoint)
    findings.ran("notes", compared=len(case.notes), since=before)
    if any(held.checkpoint.extensions for held in case.notes):
        findings.not_claimed("Checkpoints carry extension lines, which were not read.")


def _signed(case: Case, held: Held) -> bool:
    return bool(assess(held.note, case.reader.policy, check=case.check).log_keys)


def _compare_origins(case: Case, head: Checkpoint) -> None:
    origins = {held.path: held.checkpoint.origin for held in case.notes}
    if case.manifest is not None:
        origins["manifest.dsse.json"] = case.manifest.origin
    for path, origin in origins.items():
        if origin != head.origin:
            case.findings.problem("origin_mismatch", path, f"Origin {origin}, the head's is {head.origin}")


def check_head(case: Case) -> None:
    """The head under the reader's policy, against the manifest, and not stale."""
    head, manifest = case.head, case.manifest
    if head is None:
        return
    case.findings.subject |= {"origin": head.checkpoint.origin, "size": head.checkpoint.size}
    check_signed_head(case.findings, case.reader, head.path, head.note, case.check)
    if manifest is None:
        return
    size = head.checkpoint.size
    if size <= manifest.last or size < manifest.size:
        case.findings.problem(
            "checkpoint_stale",
            head.path,
            f"The largest checkpoint has {size:,} leaves; the range ends at {manifest.last:,} "
            f"and the manifest names a head of {manifest.size:,}",
        )
    elif (manifest.size, manifest.root) != (size, head.checkpoint.root):
        case.findings.problem("manifest_file_mismatch", head.path, "The manifest names another size or root as head")


def check_signed_head(
    findings: Findings, reader: Reader, path: str, note: Note, check: SignatureCheck = check_signature
) -> Trust:
    """A head's log lines, post-quantum line and quorum under the reader's policy (also for single
    checkpoints).
    """
    trust = assess(note, reader.policy, reader.now, check)
    _log_lines(findings, path, trust)
    _post_quantum(findings, reader, path, trust)
    _witnesses(findings, path, trust)
    return trust


def signed_by_log(trust: Trust) -> bool:
    """Whether a log key of the policy signed the checkpoint, and no line of one is wrong."""
    return bool(_classical(trust)) and not trust.wrong_log_keys


def _classical(trust: Trust) -> list[VKey]:
    return [vkey for vkey in trust.log_keys if vkey.key_type is not KeyType.MLDSA44]


def _log_lines(findings: Findings, path: str, trust: Trust) -> None:
    origin = trust.checkpoint.origin
    for vkey in trust.wrong_log_keys:
        code = "pq_signature_wrong" if vkey.key_type is KeyType.MLDSA44 else "log_signature_wrong"
        findings.problem(code, path, f"The line of {vkey.name}+{vkey.key_id.hex()} does not verify over this text")
    findings.ran("head", passed=signed_by_log(trust))
    if not _classical(trust) and not trust.wrong_log_keys:
        findings.problem("log_key_unknown", path, f"No log key that your policy names for {origin} signed this")


def _post_quantum(findings: Findings, reader: Reader, path: str, trust: Trust) -> None:
    if any(vkey.key_type is KeyType.MLDSA44 for vkey in trust.log_keys):
        findings.ran("post_quantum")
    elif not reader.trust.require_pq:
        findings.not_claimed("No post-quantum signature was asked for.")
    elif any(vkey.key_type is KeyType.MLDSA44 for vkey in trust.not_evaluated):
        findings.problem("not_evaluated", path, "trust.json demands ML-DSA-44, which this Python cannot verify")
    else:
        findings.problem("pq_signature_missing", path, "No ML-DSA-44 line by a key of your policy")
        findings.ran("post_quantum", passed=False)


def _witnesses(findings: Findings, path: str, trust: Trust) -> None:
    for name in trust.wrong_witnesses:
        findings.problem("witness_signature_wrong", path, f"The cosignature of witness {name} does not verify")
    for name in trust.in_future:
        findings.problem("time_in_future", path, f"The cosignature of witness {name} is dated ahead of the clock")
    if trust.quorum.kind == "none":
        findings.not_claimed(SPLIT_VIEW)
        findings.ran("quorum", compared=0, passed=not trust.wrong_witnesses)
    elif trust.quorum_met:
        findings.ran("quorum", compared=len(trust.cosigned), passed=not trust.wrong_witnesses)
    elif trust.quorum_unknown:
        findings.problem(
            "not_evaluated",
            path,
            f"The quorum hangs on cosignatures that cannot be verified here: {trust.quorum.words()}",
        )
    else:
        findings.problem("quorum_missing", path, trust.quorum.words())
        findings.ran("quorum", passed=False)


def check_consistency(case: Case) -> None:
    """Every smaller checkpoint by its consistency proof; proofs must be there, one for each size."""
    head, findings = case.head, case.findings
    if head is None:
        return
    before = findings.count
    proofs = _proofs(case, head.checkpoint.size)
    older = [held for held in case.notes if 0 < held.checkpoint.size < head.checkpoint.size]
    for held in older:
        proof = proofs.get(held.checkpoint.size)
        if proof is None:
            findings.problem(
                "proof_missing", held.path, f"No proof from {held.checkpoint.size} to {head.checkpoint.size}"
            )
            continue
        _check_pair(findings, held, head.checkpoint, proof)
    findings.ran("consistency", compared=len(older), since=before)


def _check_pair(findings: Findings, held: Held, head: Checkpoint, proof: list[Hash]) -> None:
    old = held.checkpoint
    try:
        verify_consistency(old.size, head.size, proof, old.root, head.root)
    except ConsistencyInvalid:
        findings.problem(
            "consistency_invalid",
            held.path,
            f"The proof from {old.size:,} to {head.size:,} leaves does not lead to both signed roots",
        )
    except LedgerError as error:
        findings.refused(error, f"{CONSISTENCY} size {old.size}")


def _proofs(case: Case, size: int) -> dict[int, list[Hash]]:
    if not case.archive.has(CONSISTENCY):
        return {}
    try:
        stated, proofs = read_consistency(case.archive.read(CONSISTENCY))
    except LedgerError as error:
        case.findings.refused(error, CONSISTENCY)
        return {}
    if stated != size and proofs:
        case.findings.problem("proof_malformed", CONSISTENCY, f"Proofs are for a head of {stated}, the head has {size}")
        return {}
    return proofs
