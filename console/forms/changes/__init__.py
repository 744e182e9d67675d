"""One form for each kind of change that is proposed on a page."""

from __future__ import annotations

from console.forms.changes.base import ChangeForm
from console.forms.changes.contracts import NullspecActivateForm, NullspecInstallForm, NullspecRetireForm
from console.forms.changes.logs import (
    HoldReleaseForm,
    LogKeyRetireForm,
    LogKeyRotateForm,
    PayloadEraseForm,
    ReliancePauseForm,
    RelianceResumeForm,
    StreamPolicyForm,
    StreamPublicityForm,
    StreamRetentionForm,
)
from console.forms.changes.operations import (
    CanaryResetForm,
    EpochAdvanceForm,
    EpochIrregularForm,
    EtlKeyForm,
    OracleKeysForm,
)
from console.forms.changes.oracles import OracleCalibrationForm, OracleRegisterForm, OracleTtlForm
from console.forms.changes.people import (
    KeyEnrolForm,
    KeyRevokeForm,
    KeyRotateForm,
    PersonUnitForm,
    RoleGrantForm,
    RoleRevokeForm,
)
from console.forms.changes.rules import DrillForm, EmergencyForm, PolicyChangeForm
from console.forms.changes.tenants import FreezeForm, TenantStateForm, ThawForm

FORMS: tuple[type[ChangeForm], ...] = (
    RoleGrantForm, RoleRevokeForm, PersonUnitForm, KeyEnrolForm, KeyRotateForm, KeyRevokeForm,
    TenantStateForm,
    StreamPolicyForm, StreamPublicityForm, ReliancePauseForm, RelianceResumeForm,
    LogKeyRotateForm, LogKeyRetireForm,
    StreamRetentionForm, PayloadEraseForm, HoldReleaseForm,
    NullspecInstallForm, NullspecActivateForm, NullspecRetireForm,
    OracleRegisterForm, OracleTtlForm, OracleCalibrationForm,
    EpochAdvanceForm, EpochIrregularForm, CanaryResetForm, OracleKeysForm, EtlKeyForm,
    FreezeForm, ThawForm, EmergencyForm,
    PolicyChangeForm, DrillForm,
)  # fmt: skip
"""In the order in which they are offered, those of one heading beside each other."""

ELSEWHERE = frozenset({"genesis", "log_key.destroy", "log_key.recover", "drift.accept"})
"""Kinds that are drafted at a command line or from pages of their own: the founding, what needs a key that no page
holds, and what is read from a directory (its page of files).
"""

_BY_KIND = {one.kind: one for one in FORMS}


def form_of(kind: str) -> type[ChangeForm] | None:
    """The form of a kind; None where it is proposed by other means."""
    return _BY_KIND.get(kind)
