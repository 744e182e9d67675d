"""Problems of governed change: their statuses and titles; the next step is the one that the refusal's class gives."""

from __future__ import annotations

from console.api.problem import Problem
from governance.change import errors
from governance.evidenceos.errors_of_targets import TargetBusy, TargetRefused, TargetUnknown, TargetUnreadable

_STATUS: tuple[tuple[int, type[errors.ChangeRefused], str], ...] = (
    (403, errors.TokenCannotDecide, "A token cannot decide"),
    (403, errors.KeyRefused, "The key does not count"),
    (403, errors.NotApprover, "You are in none of the groups that the rule asks for"),
    (403, errors.AuthorExcluded, "Who proposes does not carry out"),
    (403, errors.ContributorExcluded, "Who wrote any of it does not approve it"),
    (403, errors.ConcernedExcluded, "Nobody decides on their own powers"),
    (403, errors.ApproverExcluded, "Who approved does not carry out"),
    (403, errors.UnitExcluded, "Somebody of the same unit has approved, or the unit is not known"),
    (403, errors.PersonBarred, "The person or the key cools down"),
    (403, errors.NativeKeyMissing, "There is no native key that counts"),
    (409, errors.NativeNotInAdvance, "What is signed natively cannot be signed in advance"),
    (409, errors.RuleMissing, "No rule covers the change"),
    (409, errors.NotFounded, "The deployment has not been founded"),
    (409, errors.TransitionRefused, "The change cannot take this step"),
    (409, errors.RevisionMoved, "The change was edited meanwhile"),
    (409, errors.HeadRefused, "The statement binds another head"),
    (409, errors.NonceRefused, "The statement was not given to you, was answered, or has ended"),
    (409, errors.AlreadySaid, "You have said this before"),
    (409, errors.NothingSaid, "There is nothing to take back"),
    (409, errors.QuorumMissing, "Not everybody has approved whom the rule asks for"),
    (409, errors.ChangeStale, "The change is stale"),
    (409, errors.Frozen, "Execution is frozen"),
    (409, errors.RejectedRecently, "The same was rejected within a day"),
    (409, errors.CapExceeded, "Many small steps add up to more than the policy lets through"),
    (409, errors.OldKeyMissing, "The key that is replaced has not signed"),
    (409, errors.NoWayBack, "There is nothing to revert"),
    (409, errors.NotForEmergencies, "This is not done in an emergency"),
    (404, errors.IncidentUnknown, "There is no such incident"),
    (409, errors.IncidentClosed, "The incident is closed"),
    (409, errors.AlreadyFounded, "The deployment is founded"),
    (410, errors.ChangeExpired, "The change has expired"),
    (422, errors.PolicyMalformed, "This is no policy"),
    (422, errors.CapUnbound, "A cap bounds nothing"),
    (422, errors.PolicyUpsideDown, "The policy makes it harder to take power away than to give it"),
    (422, errors.CriticalOnline, "A critical rule asks for no signature by an offline key"),
    (422, errors.StatementMalformed, "This is no statement that may be signed"),
    (422, errors.TypeUnknown, "There is no such kind of change"),
    (422, errors.BodyMalformed, "The body is not that of its kind"),
    (422, errors.EffectRefused, "What is proposed cannot be done"),
    (409, errors.PreflightFailed, "A check that the change needs did not pass"),
    (422, errors.EnvelopeRefused, "This is no envelope with one signed word"),
    (422, errors.SignatureRefused, "The signature does not verify"),
    (422, errors.StatementDiffers, "Signed was something else than what stands here"),
    (422, errors.NativeMalformed, "This is no native artefact"),
    (422, errors.NativeMissing, "A native artefact or its signature is missing"),
    (422, errors.NativeDiffers, "The native artefact is not the one that the change lists"),
    (429, errors.TooManyOpen, "Too many of your changes are open"),
    (429, errors.TooManyStatements, "Too many statements of this change wait for your signature"),
    (425, errors.TimeLocked, "The time lock is not over"),
)

_TARGETS: tuple[tuple[int, type[TargetRefused], str], ...] = (
    (404, TargetUnknown, "There is no such data directory, or nothing of that name in it"),
    (409, TargetBusy, "The data directory waits for what was decided before"),
    (503, TargetUnreadable, "The data directory cannot be read"),
)

ROWS = tuple(Problem(kind.code, status, title, kind.default_next) for status, kind, title in (*_STATUS, *_TARGETS))
