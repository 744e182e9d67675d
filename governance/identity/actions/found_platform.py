"""The platform's own streams and namespaces, which every audited action needs. Idempotent."""

from __future__ import annotations

from collections.abc import Callable

from governance.identity.actions.create_namespace import create_namespace
from governance.identity.core.principal import Principal
from governance.identity.models.namespace import Namespace
from governance.identity.moment import Moment
from ledger.services.streams import ensure_platform


def found_platform(*, by: Principal, moment: Callable[[], Moment]) -> None:
    """Make what is missing of `_governance`, `_system` and `_platform`; `moment` gives time and randomness."""
    for stream in ensure_platform(entropy=moment().entropy):
        if not Namespace.objects.filter(name=stream.namespace).exists():
            create_namespace(None, stream.namespace, by=by, at=moment())
