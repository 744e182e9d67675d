"""Who may read a log in its public form: anybody where it is public, else who may read the stream.

Guarantees one answer, 404, for a log that is not there and for one that is not the caller's, with whatever
credentials it was asked for; only the record tells them apart. A public log is given without a look at
credentials, so that its answers are the same for all and may lie in shared caches.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from console.api.call import Call, not_found
from console.api.credentials import principal_of
from console.api.problems import ProblemError
from console.api.rate import spend
from governance.identity.core.principal import Principal, PrincipalKind, Scope
from governance.identity.core.roles import Capability
from governance.identity.selectors.tenants import is_disabled
from ledger.errors import StreamUnknown
from ledger.selectors.publicity import publicity
from ledger.selectors.streams import StreamView, stream

Part = Literal["tiles", "entries"]
_NEEDS = {"tiles": Capability.SEE, "entries": Capability.READ}


@dataclass(frozen=True, slots=True)
class Opened:
    """A log that this caller may read, and whether everybody may."""

    stream: StreamView
    public: bool


def opened(call: Call, namespace: str, name: str, part: Part) -> Opened:
    """The log, if the caller may read that part of it; raises not_found, or rate_limited for a known caller."""
    found = _found(namespace, name)
    if getattr(publicity(namespace, name), part) and found is not None and not is_disabled(namespace):
        return Opened(found, public=True)
    principal = _principal(call)
    spend(call)
    if not principal.knows(namespace) or not _may(principal, namespace, part):
        raise not_found("namespace_hidden")
    if found is None:
        raise not_found()
    return Opened(found, public=False)


def _found(namespace: str, name: str) -> StreamView | None:
    try:
        return stream(namespace, name)
    except StreamUnknown:
        return None


def _principal(call: Call) -> Principal:
    try:
        call.principal = principal_of(call.request, call.now)
    except ProblemError as refused:
        raise not_found(refused.code) from refused
    return call.principal


def _may(principal: Principal, namespace: str, part: Part) -> bool:
    """Metadata is enough for hashes, entries take the right to read; a key needs the scope read for either."""
    scoped = principal.kind is not PrincipalKind.SYSTEM_KEY or Scope.READ in principal.scopes
    return scoped and principal.may(_NEEDS[part], namespace)
