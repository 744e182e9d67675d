"""A governed data directory in which something happened: contracts that hold, lapse and cannot be read, a frozen
canary, a file that somebody changed, a decision that was written.
"""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.utils import timezone

from governance.evidenceos.actions.watch import tend_one
from governance.evidenceos.core.active_map import ActiveMap
from governance.evidenceos.core.canary import CanaryConfig, begun, stream_key
from governance.evidenceos.core.expected import resolution_of
from governance.evidenceos.core.jsons import compact
from governance.evidenceos.core.nullspec import Contract, Dirichlet, DiscreteBuckets
from governance.evidenceos.core.resolution import Lane
from governance.evidenceos.models import CanarySample, Target
from governance.evidenceos.selectors.targets import TargetView, any_target
from tests.support.evidenceos import RECORD, signed, unsigned
from tests.support.evidenceos_files import directory
from tests.support.evidenceos_target import adopted, decided, put
from tests.support.world import moment

EPOCH = 12
BOUND = resolution_of(RECORD, 3, Lane.FAST, EPOCH).hash()
HOLDS = signed(replace(unsigned(), oracle_resolution_hash=BOUND, epoch_created=EPOCH))
"""Active for settle on holdout-a: it fits, and holds through epoch 32."""
LAPSES = signed(replace(unsigned(), holdout_handle="holdout-b", epoch_created=0, ttl_epochs=14))
"""Active for settle on holdout-b: it fits nothing, and lapses after epoch 14."""
EARLIER = signed(replace(
    unsigned(DiscreteBuckets((0.25, 0.25, 0.5)), Dirichlet((2.0, 2.0, 2.0))), epoch_created=1, ttl_epochs=4,
))  # fmt: skip
"""In the store, lapsed."""
UNREADABLE = "nullspec/" + "0" * 64 + ".json"
DECIDED = str(uuid.UUID(int=7))
FROZEN = stream_key("settle", "holdout-b")


def files() -> dict[str, bytes]:
    """The directory before anything happens to it."""
    active = ActiveMap().activated("settle", "holdout-a", HOLDS.nullspec_id)
    calm = replace(begun(CanaryConfig()), e_drift=3.25, last_epoch_checked=EPOCH, counts=(4, 2, 9), total=15)
    frozen = replace(begun(CanaryConfig()), e_drift=41.5, last_epoch_checked=11, drift_frozen=True)
    states: Any = [[stream_key("settle", "holdout-a"), calm.to_json()], [FROZEN, frozen.to_json()]]
    return {
        **directory(),
        **{f"nullspec/{one.nullspec_id.hex()}.json": one.canonical() for one in (HOLDS, LAPSES, EARLIER)},
        UNREADABLE: b'{"schema":',
        "nullspec/active_map.json": active.activated("settle", "holdout-b", LAPSES.nullspec_id).to_bytes(),
        "state.json": compact({"canary_states": states}),
    }


def registry(root: Path, slug: str = "lab", tenant: str = "acme", **settings: Any) -> TargetView:
    """The target, adopted; a change was written, a file changed by hand, a canary seen while it rose."""
    adopted(put(root, files()), slug, tenant=tenant, **settings)
    decided(slug, DECIDED)
    (root / "trusted-nullspec-keys" / "stranger.pub").write_text("aa" * 32)
    (root / "epoch_control.json").write_bytes((root / "epoch_control.json").read_bytes() + b"\n")
    row = Target.objects.get(slug=slug)
    _rising(row)
    tend_one(row, moment())
    return any_target(slug)


def page_of(contract: Contract, slug: str = "lab") -> str:
    """Where the contract has its page."""
    return f"/evidenceos/targets/{slug}/nullspecs/{contract.nullspec_id.hex()}/"


def _rising(row: Target) -> None:
    now = timezone.now()
    for back in range(60, 0, -1):
        e = 1.066 ** (60 - back) * (0.8 if back % 7 < 3 else 1.0)
        at = now - timedelta(hours=3 * back)
        CanarySample.objects.create(target=row, key=FROZEN, e_drift=e, barrier=20.0, epoch=11, frozen=e >= 20, at=at)
