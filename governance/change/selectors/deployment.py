"""Which deployment this is: the origin of its `_governance/changes`, and the digest of what founded it."""

from __future__ import annotations

from dataclasses import dataclass

from governance.change.core.statement import digest_of
from governance.change.errors import NotFounded
from governance.identity.selectors.founding import founding
from ledger.core.types import JSONObject
from ledger.selectors.streams import StreamView, written_to

CHANGES = ("_governance", "changes")


@dataclass(frozen=True, slots=True)
class Deployment:
    """What every statement binds, so that it means nothing anywhere else."""

    origin: str
    genesis: str

    def to_json(self) -> JSONObject:
        """As it stands in a statement."""
        return {"genesis": self.genesis, "origin": self.origin}


def changes_stream() -> StreamView:
    """The stream of decisions as it is now; raises StreamUnknown."""
    return written_to(*CHANGES)


def deployment(genesis: JSONObject | None = None) -> Deployment:
    """What statements bind here; `genesis` is the founding body while there is none yet. Raises NotFounded."""
    found = founding()
    if found is None and genesis is None:
        raise NotFounded("This deployment has not been founded")
    return Deployment(changes_stream().origin, found.genesis if found is not None else digest_of(genesis))
