"""The row that founds a deployment; the genesis change writes its own event, in the same transaction."""

from __future__ import annotations

from django.db import transaction

from governance.identity.errors import NameTaken
from governance.identity.models.founding import Founding
from governance.identity.moment import Moment


def found_deployment(change: str, index: int, genesis: str, *, at: Moment) -> Founding:
    """Write down that from now on decisions are needed, in the caller's transaction; raises NameTaken the second time.

    `change` is the genesis change's public id, `index` its place in `_governance/changes`, `genesis` its digest in
    hex.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("a founding belongs into the transaction of its genesis change")
    if Founding.objects.exists():
        raise NameTaken("This deployment is founded", next_step="Nothing needs to be done.")
    return Founding.objects.create(change=change, index=index, genesis=genesis, at=at.now)
