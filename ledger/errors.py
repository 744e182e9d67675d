"""Errors with a stable code, a reason and a next step.

Guarantees that every refusal of the ledger can be told to a person (what, why, next) and to a program
(`code`, `path`), and that a refused call (`RequestError`) is never confused with a reason to stop
sequencing (`FatalError`). Codes of the offline verifier stand in docs/problem-codes.md.
"""

from __future__ import annotations

from typing import ClassVar


class LedgerError(Exception):
    """Base of everything the ledger refuses: `what` happened, `why`, and what to do `next`."""

    code: ClassVar[str] = "ledger_error"
    default_next: ClassVar[str] = "Read the reason, correct the input and try again."
    is_denial: ClassVar[bool] = False
    """Whether somebody was refused what they may not do: every door records it, once, in `_system/events`."""

    def __init__(self, what: str, *, why: str = "", next_step: str = "", path: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.why = why
        self.next_step = next_step or self.default_next
        self.path = path

    def __str__(self) -> str:
        place = f" at {self.path}" if self.path else ""
        reason = f": {self.why}" if self.why else ""
        return f"{self.what}{place}{reason}"


class RequestError(LedgerError):
    """Refuses one call, which has no effect; other calls go on."""

    code = "refused"


class FatalError(LedgerError):
    """The stream must stop sequencing until a person has looked: integrity is in doubt."""

    code = "stopped"


class Malformed(RequestError):
    """Input bytes that do not have the form their specification demands."""

    code = "malformed"


class JSONInvalid(Malformed):
    """Not I-JSON (RFC 7493); `path` names the culprit."""

    code = "json_invalid"


class NotCanonical(Malformed):
    """Valid JSON, but not its RFC 8785 bytes."""

    code = "not_canonical"


class NoteMalformed(Malformed):
    """Not a C2SP signed note, checkpoint, cosignature or verifier key."""

    code = "note_malformed"


class PolicyInvalid(Malformed):
    """Not a C2SP tlog-policy."""

    code = "policy_invalid"


class ProofMalformed(Malformed):
    """A proof whose shape cannot belong to its sizes, or not a C2SP tlog-proof."""

    code = "proof_malformed"


class EnvelopeMalformed(Malformed):
    """Not a DSSE envelope (DSSE 1.0.2)."""

    code = "dsse_malformed"


class LeafSchema(Malformed):
    """A leaf whose fields are not exactly those of its kind."""

    code = "leaf_schema"


class LeafTooLarge(Malformed):
    """A leaf above the limit of its kind."""

    code = "leaf_too_large"


class EventInvalid(Malformed):
    """An event whose attributes or payload are refused; `path` names the culprit."""

    code = "event_invalid"


class WeakKey(RequestError):
    """An Ed25519 public key of small order or in a non-canonical encoding."""

    code = "weak_key"
    default_next = "Do not trust this key; ask its owner for one made by a current library."


class Disproved(RequestError):
    """Well-formed evidence that does not support what it claims."""

    code = "disproved"
    default_next = "Do not rely on this evidence; ask for it again from its source and keep both copies."


class InclusionInvalid(Disproved):
    """The path from the leaf does not end in the root."""

    code = "inclusion_invalid"


class ConsistencyInvalid(Disproved):
    """The larger tree is not an extension of the smaller one."""

    code = "consistency_invalid"


class RangeRootMismatch(Disproved):
    """The leaves of the range and its proof do not give the root."""

    code = "range_root_mismatch"


class LogSignatureWrong(Disproved):
    """A signature by a known key that does not verify, or no known key at all signed."""

    code = "log_signature_wrong"


class WitnessSignatureWrong(Disproved):
    """A cosignature by a witness of the policy that does not verify."""

    code = "witness_signature_wrong"


class EnvelopeSignatureWrong(Disproved):
    """Fewer known keys than needed signed a DSSE envelope."""

    code = "dsse_signature_wrong"


class CommitmentMismatch(Disproved):
    """Disclosed bytes and salt do not open the commitment in the leaf."""

    code = "payload_digest_mismatch"


class StreamUnknown(RequestError):
    """No such stream, or none that this caller may know of."""

    code = "stream_unknown"
    default_next = "Check namespace and name, or create the stream."


class NotThere(RequestError):
    """No such leaf, window, checkpoint, job or bundle."""

    code = "not_found"
    default_next = "Check the number; lists show what there is."


class StreamExists(RequestError):
    """A stream's name is taken for ever."""

    code = "stream_exists"
    default_next = "Choose another name: names are never reused."


class NameInvalid(RequestError):
    """A name of a stream or namespace is not of the form that origins allow."""

    code = "name_invalid"
    default_next = "Use 1 to 63 lowercase letters, digits and hyphens."


class StreamStopped(RequestError):
    """The stream takes nothing until a person has looked."""

    code = "stream_stopped"
    default_next = "Ask a platform operator; nothing was recorded, send the events again once the stream runs."


class ClockAhead(RequestError):
    """The database clock is out of step with what has been recorded."""

    code = "clock"
    default_next = "Correct the database server's clock, then send the events again."


class AppendTimeout(RequestError):
    """Nobody settled the request in time: the database or another writer of the stream is slow."""

    code = "append_timeout"
    default_next = "Send it again with the same ids: what was kept is answered with its receipt."


class CommitUnknown(RequestError):
    """The connection broke while a commit was under way, and the database does not say how it ended."""

    code = "commit_unknown"
    default_next = "Send it again with the same ids: what was kept is answered with its receipt."


class StorageFull(RequestError):
    """The volume of objects and tiles, or that of the database, has no room."""

    code = "storage_full"
    default_next = "Make room on the volume, then send the call again; nothing of it was kept."


class BatchEmpty(RequestError):
    """A batch without an event."""

    code = "batch_empty"
    default_next = "Send at least one event."


class BatchTooLarge(RequestError):
    """More events than one call takes."""

    code = "batch_too_large"
    default_next = "Split the batch."


class EventConflict(RequestError):
    """The same (source, id) with other content."""

    code = "event_conflict"
    default_next = "Give the event an id of its own, or send exactly what was sent before."


class IdempotencyConflict(RequestError):
    """The same idempotency key with another request."""

    code = "idempotency_conflict"
    default_next = "Use a fresh Idempotency-Key for another request."


class PayloadErased(RequestError):
    """What was asked for, or sent again, has been erased."""

    code = "payload_erased"
    default_next = "The leaf and its proofs remain; the content cannot be given again."


class ProfileRefused(RequestError):
    """The stream refuses events that their profile does not admit; `path` names the culprit."""

    code = "profile_refused"
    default_next = "Correct the payload to the profile's schema, or have the stream's profile mode changed."


class TenantSuspended(RequestError):
    """The stream's tenant is suspended: read and export only."""

    code = "tenant_suspended"
    is_denial = True
    default_next = "Ask the platform operator why the tenant is suspended; nothing was recorded."


class StreamFrozen(RequestError):
    """A governance freeze holds the stream: nothing enters it and nothing about it is changed until it is thawed."""

    code = "stream_frozen"
    default_next = "Wait until a change thaws it; nothing was recorded, send the events again then."


class JobConflict(RequestError):
    """A job is not in a state that allows this, or another worker holds it now."""

    code = "job_conflict"
    default_next = "Look at the job's state; a newer attempt may be running."


class VerificationInterrupted(RequestError):
    """A verification ended before its work; what was finished is kept."""

    code = "verification_interrupted"
    default_next = "Run ledger_verify again: it goes on behind the last finished segment."


class KeyUnusable(FatalError):
    """A sealed key does not open, or what it signs does not verify under its registered public key."""

    code = "key_unusable"
    default_next = "Check COUNTERSIGN_SEAL_KEY; do not re-create the key. Events stay, receipts are issued later."


class SignerPaused(RequestError):
    """A platform operator has paused the signer of this stream or of all: events are kept, receipts come later."""

    code = "signer_paused"
    default_next = "Wait until a platform operator resumes the signer (signer_resume); what was recorded stays."


class StreamClosed(RequestError):
    """Another log continues this one: its origin takes no event any more."""

    code = "stream_closed"
    default_next = "Send the events to the stream that continues it."


class KeyRefused(RequestError):
    """A change of a log's keys that would leave it without a key, or evidence without its signature."""

    code = "key_refused"
    default_next = "Read the reason; keys NS/NAME tells the state of every key."


class IntegrityLost(FatalError):
    """Stored bytes, tiles or roots contradict each other."""

    code = "integrity"
    default_next = "Keep everything as it is and run ledger_verify in full mode."


class RangeInvalid(RequestError):
    """A range of leaves or a period that the newest checkpoint does not cover."""

    code = "range_invalid"
    default_next = "Name a range of leaves that the newest checkpoint covers."


class ExportFailed(RequestError):
    """A bundle could not be written, or what was written could not be stored."""

    code = "export_failed"
    default_next = "Check disk space and the workers' log, then ask for the bundle again."


class DecisionNeeded(RequestError):
    """The deployment is founded: this happens through an executed change alone."""

    code = "decision_needed"
    is_denial = True
    default_next = "Propose a change of the type that the reason names, and have it approved and executed."

    @classmethod
    def for_type(cls, change: str) -> DecisionNeeded:
        """The refusal for what the change type `change` governs."""
        return cls(
            "This takes an approved change",
            why=f"The deployment is founded, and {change} is governed",
            next_step=f"Propose a change of the type {change}, and have it approved and executed.",
        )

    @classmethod
    def for_decision(cls, decision: str, *change_types: str) -> DecisionNeeded:
        """The refusal for a decision that is none: `decision` is not carried out now, or does none of the types."""
        words, why = "The change that is named is not carried out now", f"{decision[:64]!r} decides nothing here"
        return cls(words, why=why, next_step=cls.for_type(change_types[0]).next_step if change_types else "")
