"""What identity refuses. Every refusal is a RequestError: it has a stable code and no effect."""

from __future__ import annotations

from ledger.errors import RequestError


class IdentityRefused(RequestError):
    """Base of the refusals of this package."""

    code = "identity_refused"


class NotAllowed(IdentityRefused):
    """Known, but without the right that this takes."""

    code = "role_missing"
    is_denial = True
    default_next = "Ask an administrator of the tenant for the role that the detail names."


class NameInvalid(IdentityRefused):
    """A name that does not have the form of its kind; `path` names the field."""

    code = "name_invalid"
    default_next = "Use 1 to 63 lower-case letters, digits and hyphens."


class NameTaken(IdentityRefused):
    """A name that is in use, or was used before and is never given out again."""

    code = "name_taken"
    default_next = "Choose another name."


class RoleExcluded(IdentityRefused):
    """Two roles that one person may not hold, or a role in a place where it does not exist."""

    code = "role_excluded"
    is_denial = True
    default_next = "Give one of the two roles to somebody else."


class TenantSuspended(IdentityRefused):
    """The tenant may be read and exported; nothing may be written."""

    code = "tenant_suspended"
    is_denial = True
    default_next = "Ask the platform operator why the tenant is suspended."


class Gone(IdentityRefused):
    """Something that is disabled, revoked or expired for good."""

    code = "gone"
    default_next = "Make a new one."


class KeyMalformed(IdentityRefused):
    """No acceptable public key, or no proof that its holder has the private part; `path` names the field."""

    code = "key_malformed"
    is_denial = True
    default_next = "Generate a new key on the signing page, and register it there."


class KeyTaken(IdentityRefused):
    """A public key or a passkey that was registered before, by whomever: it stays theirs for ever."""

    code = "key_taken"
    is_denial = True
    default_next = "Generate a new key; none is ever registered twice."


class KeyState(IdentityRefused):
    """The key is in a state that does not allow this step."""

    code = "key_state"
    default_next = "Load the page again: somebody else has moved the key on."


class CoolingDown(IdentityRefused):
    """After a recovery, keys and factors are left alone for 24 hours."""

    code = "cooling_down"
    is_denial = True
    default_next = "Wait until the time that the reason names; ask somebody who knows you to look as well."


class PolicyUnsatisfiable(IdentityRefused):
    """Without this person nobody could satisfy a policy that is in force."""

    code = "policy_unsatisfiable"
    is_denial = True
    default_next = "Enrol somebody else first, or change the policy that the reason names."


class LastFactor(IdentityRefused):
    """The last second factor of a person, which they cannot take away from themselves."""

    code = "last_factor"
    is_denial = True
    default_next = "Enrol another factor first."


class ModelRefused(IdentityRefused):
    """A passkey of a model that this deployment does not take."""

    code = "passkey_model"
    default_next = "Use an authenticator of a model that your platform operator names."


class TicketInvalid(IdentityRefused):
    """A ticket that is unknown, used, withdrawn or past its end: which of these is not said."""

    code = "ticket_invalid"
    is_denial = True
    default_next = "Ask whoever invited you for a new link; each works once, for a few days."


class StepUpRefused(IdentityRefused):
    """A second factor that is missing, too old, too weak, or not for what is to be done."""

    code = "step_up"
    is_denial = True
    default_next = "Give your second factor again, for exactly this."
