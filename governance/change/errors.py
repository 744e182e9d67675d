"""What governed change refuses. Every refusal is a RequestError: it has a stable code and no effect."""

from __future__ import annotations

from ledger.errors import RequestError


class ChangeRefused(RequestError):
    """Base of the refusals of this package."""

    code = "change_refused"


class PolicyMalformed(ChangeRefused):
    """Not a policy; `path` names the field."""

    code = "governance_policy_malformed"
    default_next = "Correct the field that the path names; docs/governance.md has the form."


class RuleMissing(ChangeRefused):
    """No rule of the policy covers the change: what no rule allows is denied."""

    code = "rule_missing"
    default_next = "Propose a policy change that gives this type a rule."


class StatementMalformed(ChangeRefused):
    """Not a statement that may be signed; `path` names the field."""

    code = "statement_malformed"
    default_next = "Ask for the statement again, and sign exactly its bytes."


class TransitionRefused(ChangeRefused):
    """The change is in a state that does not allow this step."""

    code = "change_state"
    default_next = "Load the change again: somebody else has moved it on."


class TypeUnknown(ChangeRefused):
    """No such kind of change."""

    code = "change_type_unknown"
    default_next = "Choose one of the kinds that docs/governance.md lists."


class BodyMalformed(ChangeRefused):
    """The body does not have exactly the fields of its kind; `path` names the culprit."""

    code = "change_body_malformed"
    default_next = "Correct the field that the path names."


class EffectRefused(ChangeRefused):
    """What is proposed cannot be done to what there is."""

    code = "effect_refused"
    default_next = "Read the reason, and propose what is possible."


class PreflightFailed(ChangeRefused):
    """A check that the change needs failed, or could not be carried out."""

    code = "preflight_failed"
    default_next = "Read the checks on the change's page; each says what to do."


class ChangeUnknown(ChangeRefused):
    """No such change, or none that exists for whoever asks."""

    code = "not_found"
    default_next = "Look the change up in the list of changes."


class NotFounded(ChangeRefused):
    """The deployment has no policy yet."""

    code = "not_founded"
    default_next = "Hold the founding ceremony; docs/governance.md has its steps."


class RevisionMoved(ChangeRefused):
    """Somebody edited the change meanwhile."""

    code = "change_revision"
    default_next = "Load the change again, and read what is proposed now."


class TokenCannotDecide(ChangeRefused):
    """A token may read and draft; deciding takes the person, in a session."""

    code = "token_cannot_decide"
    default_next = "Sign in, and decide there."


class RoleMissing(ChangeRefused):
    """Known, but without the role that this takes."""

    code = "role_missing"
    default_next = "Ask somebody who has the role that the detail names."


class WordRefused(ChangeRefused):
    """Base of what is wrong with a signed word."""

    code = "word_refused"


class EnvelopeRefused(WordRefused):
    """Not one envelope with one signature in strict base64."""

    code = "word_malformed"
    default_next = "Ask for the statement again, and send the envelope as the signer made it."


class SignatureRefused(WordRefused):
    """The signature does not verify under the key that is named."""

    code = "word_signature_wrong"
    default_next = "Ask for the statement again, and sign exactly its bytes with the key it names."


class StatementDiffers(WordRefused):
    """Signed was something else than what stands here."""

    code = "statement_differs"
    default_next = "Do not sign again before you have compared the two; then ask for the statement anew."


class HeadRefused(WordRefused):
    """The statement binds a head that this ledger never signed, or one older than when it was asked for."""

    code = "statement_head"
    default_next = (
        "Tell the platform operators: a statement may have been made on a copy of this ledger. Then ask for a new one."
    )


class NonceRefused(WordRefused):
    """A statement is answered once, by whom it was given to, before it ends."""

    code = "statement_nonce"
    default_next = "Ask for the statement again."


class KeyRefused(WordRefused):
    """The key does not count: unknown, revoked, another person's, or still cooling down."""

    code = "key_not_valid"
    default_next = "Sign with an active key of your own."


class StepUpNeeded(WordRefused):
    """A fresh proof of presence, bound to the very bytes, is missing."""

    code = "step_up"
    default_next = "Confirm with your passkey, or with a code where the policy takes one."


class NotApprover(ChangeRefused):
    """Not a live member of a group that the rule asks for."""

    code = "group_missing"
    default_next = "Leave it to the people whom the empty places name."


class AuthorExcluded(ChangeRefused):
    """Separation of duties: who proposes does not carry out."""

    code = "sod_author"
    default_next = "Leave it to somebody else."


class ContributorExcluded(ChangeRefused):
    """Separation of duties: who wrote any revision approves none."""

    code = "sod_contributor"
    default_next = "Leave it to somebody who did not write any of it."


class ConcernedExcluded(ChangeRefused):
    """Separation of duties: nobody decides on their own roles, keys or places."""

    code = "sod_concerned"
    default_next = "Leave it to somebody whom the change does not concern."


class ApproverExcluded(ChangeRefused):
    """Separation of duties: who approved does not carry out."""

    code = "sod_approver"
    default_next = "Leave it to an executor who did not approve."


class UnitExcluded(ChangeRefused):
    """Separation of duties: the rule takes one approval of each organisational unit, and none without a unit."""

    code = "sod_unit"
    default_next = "Leave it to somebody of another unit."


class OldKeyMissing(ChangeRefused):
    """A key is replaced with its own word; whoever cannot give it has the key revoked and enrols another."""

    code = "old_key_missing"
    default_next = "Ask its holder to sign with it. A lost key is revoked, and the new one enrolled by itself."


class PersonBarred(ChangeRefused):
    """A person or key still cools down, or the account is not live."""

    code = "person_cools_down"
    default_next = "Wait until the cool-down is over, or leave it to somebody else."


class AlreadySaid(ChangeRefused):
    """The same person has said the same of this revision."""

    code = "already_said"
    default_next = "Nothing needs to be done."


class NothingSaid(ChangeRefused):
    """There is no approval of this person to take back."""

    code = "nothing_to_revoke"
    default_next = "Nothing needs to be done."


class QuorumMissing(ChangeRefused):
    """Not everybody whom the rule asks for has approved, or an approval counts no more."""

    code = "quorum_missing"
    default_next = "Ask the people whom the empty places name."


class TimeLocked(ChangeRefused):
    """Approved, and not yet old enough."""

    code = "time_locked"
    default_next = "Wait until the time that the reason names."


class ChangeExpired(ChangeRefused):
    """Its life is over."""

    code = "change_expired"
    default_next = "Propose it again."


class ChangeStale(ChangeRefused):
    """What it starts from, or the policy it was judged under, is no longer what it was."""

    code = "change_stale"
    default_next = "Rebase the change: it goes into review again, with a new effect and no signatures."


class Frozen(ChangeRefused):
    """Nothing is executed until a thaw."""

    code = "frozen"
    default_next = "Read why it was frozen; a thaw is a change of its own."


class PolicyUnsatisfiable(ChangeRefused):
    """A rule that the people there are could not meet."""

    code = "policy_unsatisfiable"
    default_next = "Change the rule, or give more people the roles, groups and keys that it asks for."


class CapUnbound(ChangeRefused):
    """A cap on a field that no document of the rule's kinds has would bind nothing."""

    code = "cap_unbound"
    default_next = "Cap a field that the kind counts (docs/governance.md lists them), or leave the cap away."


class PolicyUpsideDown(ChangeRefused):
    """A policy under which it is harder to take power away than to give it."""

    code = "policy_upside_down"
    default_next = "Ask for no more where a change tightens than where it loosens."


class CriticalOnline(ChangeRefused):
    """A rule of the tier critical that pages in browsers could meet alone."""

    code = "critical_online"
    default_next = "Set offline_key in the rule that the reason names, or give it another tier."


class TooManyOpen(ChangeRefused):
    """One author may ask for so much attention and no more."""

    code = "too_many_open"
    default_next = "Wait until one of your changes has ended, or withdraw one."


class TooManyStatements(ChangeRefused):
    """One person is given so many statements of one change, and no more until they expire."""

    code = "too_many_statements"
    default_next = "Sign one of those that you were given, or wait a day until they expire."


class RejectedRecently(ChangeRefused):
    """The same was rejected within a day."""

    code = "rejected_recently"
    default_next = "Change what was objected to, or wait until a day has passed."


class CapExceeded(ChangeRefused):
    """Many small steps add up to more than the policy lets through within its window."""

    code = "cap_exceeded"
    default_next = "Wait until the window has moved on, or propose less."


class NoWayBack(ChangeRefused):
    """There is nothing to revert: not applied, its window is over, the state has moved, or the kind declares none."""

    code = "no_way_back"
    default_next = "Propose a change of its own."


class NotForEmergencies(ChangeRefused):
    """Only what the kind allows may be done without waiting, and only while no other emergency is open."""

    code = "emergency_refused"
    default_next = "Propose it as an ordinary change, or close the open incident first."


class IncidentUnknown(ChangeRefused):
    """No such incident, or none that exists for whoever asks."""

    code = "incident_unknown"
    default_next = "Look it up in the list of incidents."


class IncidentClosed(ChangeRefused):
    """The incident has ended: its timeline stays as it is."""

    code = "incident_closed"
    default_next = "Open a new incident, and name the old one in its reason."


class AlreadyFounded(ChangeRefused):
    """There is one genesis."""

    code = "already_founded"
    default_next = "Propose a policy change."


class NativeRefused(ChangeRefused):
    """Base of the refusals of native artefacts: bytes of another program, signed beside a statement."""

    code = "native_refused"


class NativeMalformed(NativeRefused):
    """Not the canonical text of a kind that is known here; `path` names the culprit."""

    code = "native_malformed"
    default_next = "Do not sign. Load the statement again; if it stays so, tell the others who sign."


class NativeMissing(NativeRefused):
    """The change lists native artefacts, and one of them, or its signature, was not handed over."""

    code = "native_missing"
    default_next = "Load the statement again from the page of the change, and sign all that it lists."


class NativeDiffers(NativeRefused):
    """A native artefact is not the one that the change lists, or its signature is not the native key's."""

    code = "native_differs"
    default_next = "Do not sign. Load the statement again; if it stays so, tell the others who sign."


class NativeKeyMissing(NativeRefused):
    """A native artefact has to be signed, and there is no native key of this person."""

    code = "native_key_missing"
    default_next = "Enrol a native key under Account, Decision keys; it counts once a second person has activated it."


class NativeNotInAdvance(NativeRefused):
    """What an executor signs natively holds the time of the execution: nobody knows it before."""

    code = "native_not_in_advance"
    default_next = "Carry the change out when it is ready."
