"""A checkpoint note against a reader's policy: which log key, which witnesses, is the quorum met.

Guarantees that only evaluated, valid signatures count, that a witness counts only with a time that is not in
the future, and that nothing wrong or unknown is folded into "not met": each has its own field. Follows C2SP
tlog-policy, tlog-checkpoint, tlog-cosignature and tlog-witness (a witness's time is never zero).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ledger.core.checkpoint import Checkpoint, parse_checkpoint
from ledger.core.cosignature import parse_cosignature
from ledger.core.note import CheckedLine, Note, Verdict, check_signatures
from ledger.core.signature_check import SignatureCheck, check_signature
from ledger.core.vkey import VKey
from ledger.core.witness_policy import Policy
from ledger.core.witness_quorum import QuorumReason
from ledger.errors import LogSignatureWrong, WitnessSignatureWrong

FUTURE_TOLERANCE_S: Final = 300


@dataclass(frozen=True, slots=True)
class Trust:
    """What a policy says about a checkpoint. Witness names are the policy's; times are POSIX seconds."""

    checkpoint: Checkpoint
    log_keys: tuple[VKey, ...]
    cosigned: tuple[tuple[str, int], ...]
    quorum: QuorumReason
    quorum_unknown: bool
    wrong_log_keys: tuple[VKey, ...] = ()
    wrong_witnesses: tuple[str, ...] = ()
    not_evaluated: tuple[VKey, ...] = ()
    undated: tuple[str, ...] = ()
    in_future: tuple[str, ...] = ()

    @property
    def quorum_met(self) -> bool:
        """Whether the witnesses in `cosigned` suffice; `quorum_unknown` tells if unevaluated ones could."""
        return self.quorum.met

    @property
    def witnesses(self) -> tuple[str, ...]:
        """Policy names of the witnesses that count."""
        return tuple(name for name, _ in self.cosigned)


def assess(note: Note, policy: Policy, now: int | None = None, check: SignatureCheck = check_signature) -> Trust:
    """Check each line of `note` that `policy` knows; raise NoteMalformed if its text is no checkpoint.

    `now` (POSIX seconds) makes cosignatures dated more than 300 s ahead not count; without it time is not
    judged.
    """
    checkpoint = parse_checkpoint(note.text)
    lines = check_signatures(note, (*policy.logs, *(witness.vkey for witness in policy.witnesses)), check)
    valid = [line for line in lines if line.verdict is Verdict.VALID]
    times = _times(valid, policy)
    counted = {name: time for name, time in times.items() if time > 0 and not _ahead(time, now)}
    unknown = _keys(lines, Verdict.NOT_EVALUATED)
    wrong = _keys(lines, Verdict.WRONG)
    quorum = policy.why(counted.keys())
    return Trust(
        checkpoint,
        tuple(key for key in _keys(lines, Verdict.VALID) if key in policy.logs and key.name == checkpoint.origin),
        tuple(counted.items()),
        quorum,
        not quorum.met and policy.met_by(counted.keys() | policy.names_of(unknown)),
        tuple(key for key in wrong if key in policy.logs),
        tuple(sorted(policy.names_of(wrong))),
        unknown,
        tuple(name for name, time in times.items() if time == 0),
        tuple(name for name, time in times.items() if _ahead(time, now)),
    )


def demand_trust(note: Note, policy: Policy, now: int | None = None) -> Trust:
    """Like `assess`, but a signature must be right, and one be a log's.

    Raises LogSignatureWrong or WitnessSignatureWrong. A quorum that is not met is an answer, not an error:
    read `quorum_met`.
    """
    trust = assess(note, policy, now)
    if trust.wrong_log_keys:
        raise LogSignatureWrong("The signature of a log does not verify", why=trust.wrong_log_keys[0].name)
    if trust.wrong_witnesses:
        raise WitnessSignatureWrong("The cosignature of a witness does not verify", why=trust.wrong_witnesses[0])
    if not trust.log_keys:
        raise LogSignatureWrong("No log of the policy signed this checkpoint", why=trust.checkpoint.origin)
    return trust


def _keys(lines: tuple[CheckedLine, ...], verdict: Verdict) -> tuple[VKey, ...]:
    return tuple(dict.fromkeys(line.vkey for line in lines if line.verdict is verdict))


def _times(valid: list[CheckedLine], policy: Policy) -> dict[str, int]:
    """Newest time of each witness, in the order of the policy."""
    newest: dict[str, int] = {}
    for witness in policy.witnesses:
        bodies = [line.signature.body for line in valid if line.vkey == witness.vkey]
        times = [parse_cosignature(body, witness.vkey.key_type).timestamp for body in bodies]
        newest.update({witness.name: max(times)} if times else {})
    return newest


def _ahead(time: int, now: int | None) -> bool:
    return now is not None and time > now + FUTURE_TOLERANCE_S
