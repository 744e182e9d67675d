"""Whether a freeze stands over a change: what is ready then waits for a thaw, whatever its page could offer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.contained_memo import contained_now
from governance.change.types.freezing import THAW

if TYPE_CHECKING:
    from datetime import datetime

    from governance.change.selectors.changes import ChangeView
    from governance.change.selectors.last_moment import FreezeView


def freeze_over(change: ChangeView, now: datetime) -> FreezeView | None:
    """The freeze of the platform or of the tenant that it is about; None for a thaw, which ends it."""
    if change.listed.type == THAW:
        return None
    tenants = {change.listed.tenant, change.current.body.get("tenant")}
    scopes = {"platform", *(f"tenant:{one}" for one in tenants if one)}
    return next((one for one, _ in contained_now(now).found.freezes if one.scope in scopes), None)
