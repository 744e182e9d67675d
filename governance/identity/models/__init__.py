"""One file per aggregate of identity."""

from governance.identity.models.approver_group import ApproverGroup, GroupMember
from governance.identity.models.bucket import Bucket
from governance.identity.models.credential_claim import CredentialClaim
from governance.identity.models.founding import Founding
from governance.identity.models.mail import Mail
from governance.identity.models.membership import Membership
from governance.identity.models.namespace import Namespace
from governance.identity.models.person import Person
from governance.identity.models.person_key import PersonKey
from governance.identity.models.personal_token import PersonalToken
from governance.identity.models.second_factor import Authenticator, RecoveryCode, RecoveryDevice
from governance.identity.models.session import Session
from governance.identity.models.signing_passkey import SigningPasskey
from governance.identity.models.system_key import SystemKey
from governance.identity.models.tenant import Tenant
from governance.identity.models.ticket import Ticket

__all__ = [
    "ApproverGroup",
    "Authenticator",
    "Bucket",
    "CredentialClaim",
    "Founding",
    "GroupMember",
    "Mail",
    "Membership",
    "Namespace",
    "Person",
    "PersonKey",
    "PersonalToken",
    "RecoveryCode",
    "RecoveryDevice",
    "Session",
    "SigningPasskey",
    "SystemKey",
    "Tenant",
    "Ticket",
]
