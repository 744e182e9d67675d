"""The kinds of change there are: a closed list. No kind runs what somebody typed."""

from __future__ import annotations

from governance.change.errors import TypeUnknown
from governance.change.types.base import ChangeType
from governance.change.types.tenant_state import TenantStateChange

TYPES: tuple[ChangeType, ...] = (TenantStateChange(),)
"""Every kind there is."""

_BY_NAME = {one.name: one for one in TYPES}


def change_type(name: str) -> ChangeType:
    """The kind with this name; raises TypeUnknown."""
    found = _BY_NAME.get(name)
    if found is None:
        raise TypeUnknown("There is no such kind of change", why=name[:80])
    return found
