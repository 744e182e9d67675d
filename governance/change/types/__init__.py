"""The kinds of change there are: a closed list. No kind runs what somebody typed."""

from __future__ import annotations

from governance.change.errors import TypeUnknown
from governance.change.types.base import ChangeType
from governance.change.types.canary_reset import CanaryReset
from governance.change.types.drift_accept import DriftAccept
from governance.change.types.drill import Drill
from governance.change.types.emergency_apply import EmergencyApply
from governance.change.types.epoch_control import EpochAdvance, EpochIrregular
from governance.change.types.freezing import FreezeChange, ThawChange
from governance.change.types.genesis import Genesis
from governance.change.types.hold_release import HoldRelease
from governance.change.types.key_change import KeyEnrol, KeyRevoke, KeyRotate
from governance.change.types.log_keys import LogKeyDestroy, LogKeyRecover, LogKeyRetire, LogKeyRotate
from governance.change.types.nullspec import NullspecActivate, NullspecInstall, NullspecRetire
from governance.change.types.oracle_records import OracleCalibration, OracleRegister, OracleTTL
from governance.change.types.payload_erase import PayloadErase
from governance.change.types.person_unit import PersonUnit
from governance.change.types.policy_change import PolicyChange
from governance.change.types.reliance import ReliancePause, RelianceResume
from governance.change.types.role_change import RoleGrant, RoleRevoke
from governance.change.types.stream_policy import StreamPolicy
from governance.change.types.stream_publicity import StreamPublicity
from governance.change.types.stream_retention import StreamRetention
from governance.change.types.target_keys import EtlKeyRotate, OracleKeysSet
from governance.change.types.tenant_state import TenantStateChange

TYPES: tuple[ChangeType, ...] = (
    RoleGrant(),
    RoleRevoke(),
    PersonUnit(),
    KeyEnrol(),
    KeyRotate(),
    KeyRevoke(),
    PolicyChange(),
    TenantStateChange(),
    StreamPublicity(),
    StreamRetention(),
    StreamPolicy(),
    PayloadErase(),
    HoldRelease(),
    ReliancePause(),
    RelianceResume(),
    LogKeyRotate(),
    LogKeyRetire(),
    LogKeyDestroy(),
    LogKeyRecover(),
    NullspecInstall(),
    NullspecActivate(),
    NullspecRetire(),
    OracleRegister(),
    OracleTTL(),
    OracleCalibration(),
    EpochAdvance(),
    EpochIrregular(),
    CanaryReset(),
    OracleKeysSet(),
    EtlKeyRotate(),
    DriftAccept(),
    FreezeChange(),
    ThawChange(),
    EmergencyApply(),
    Drill(),
    Genesis(),
)
"""Every kind there is."""

_BY_NAME = {one.name: one for one in TYPES}


def change_type(name: str) -> ChangeType:
    """The kind with this name; raises TypeUnknown."""
    found = _BY_NAME.get(name)
    if found is None:
        raise TypeUnknown("There is no such kind of change", why=name[:80])
    return found
