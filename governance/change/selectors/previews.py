"""The effect of a body before anybody drafts it, for those who may draft it or read every change."""

from __future__ import annotations

from datetime import datetime

from governance.change.selectors.changes import Scope
from governance.change.selectors.deployment import changes_stream
from governance.change.selectors.effects import Effect, effect_of
from governance.change.selectors.whose import check_right, drafted_for
from governance.change.types.base import ChangeType, Finding
from governance.identity.core.principal import Principal
from ledger.core.types import JSONObject


def previewed(
    kind: ChangeType, body: JSONObject, by: Principal, now: datetime, *, scope: Scope | None = None
) -> tuple[Effect, list[Finding]]:
    """What a body would do now, and what was checked; raises what drafting raises. `scope` is what exists for `by`,
    where that was asked already.
    """
    check_right(by, kind, body, now, scope=scope)
    stream = changes_stream()
    effect = effect_of(kind, body, index=stream.size, now=int(max(now, stream.recorded).timestamp()))
    drafted_for(by, kind, body, effect, now)
    return effect, kind.preflight(effect.base, body)
