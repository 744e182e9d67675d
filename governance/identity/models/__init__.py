"""One file per aggregate of identity."""

from governance.identity.models.bucket import Bucket
from governance.identity.models.membership import Membership
from governance.identity.models.namespace import Namespace
from governance.identity.models.person import Person
from governance.identity.models.personal_token import PersonalToken
from governance.identity.models.second_factor import Authenticator, RecoveryCode, RecoveryDevice
from governance.identity.models.system_key import SystemKey
from governance.identity.models.tenant import Tenant

__all__ = [
    "Authenticator",
    "Bucket",
    "Membership",
    "Namespace",
    "Person",
    "PersonalToken",
    "RecoveryCode",
    "RecoveryDevice",
    "SystemKey",
    "Tenant",
]
