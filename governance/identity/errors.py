"""What identity refuses. Every refusal is a RequestError: it has a stable code and no effect."""

from __future__ import annotations

from ledger.errors import RequestError


class IdentityRefused(RequestError):
    """Base of the refusals of this package."""

    code = "identity_refused"


class NotAllowed(IdentityRefused):
    """Known, but without the right that this takes."""

    code = "role_missing"
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
    default_next = "Give one of the two roles to somebody else."


class TenantSuspended(IdentityRefused):
    """The tenant may be read and exported; nothing may be written."""

    code = "tenant_suspended"
    default_next = "Ask the platform operator why the tenant is suspended."


class Gone(IdentityRefused):
    """Something that is disabled, revoked or expired for good."""

    code = "gone"
    default_next = "Make a new one."
