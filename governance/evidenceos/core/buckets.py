"""A contract from calibration buckets: Laplace-smoothed probabilities, as `evidenceosctl nullspec create` makes them.

Guarantees the same doubles in the same order of operations; `steady` gives instead the nearest ones that the daemon
reads back unchanged. Rule: reference, section 1.5.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from governance.evidenceos.core.fields import Fields, hex_of, malformed, unsigned_of
from governance.evidenceos.core.floats import rounded
from governance.evidenceos.core.nullspec import Dirichlet, DiscreteBuckets
from ledger.core.types import HASH_BYTES

SMOOTHING: Final = 1.0


@dataclass(frozen=True, slots=True)
class CalibrationBuckets:
    """What a calibration counted; `epoch_created` is a logical epoch."""

    counts: tuple[int, ...]
    calibration_manifest_hash: bytes | None
    epoch_created: int

    def null(self, *, steady: bool = False) -> DiscreteBuckets:
        """p0 of each bucket: (count + 1) / sum of (count + 1)."""
        smoothed = [float(count) + SMOOTHING for count in self.counts]
        p0 = [one / total_of(smoothed) for one in smoothed]
        return DiscreteBuckets(tuple(rounded(one) if steady else one for one in p0))

    def mixture(self, alpha: float) -> Dirichlet:
        """The same weight for every bucket."""
        return Dirichlet((alpha,) * len(self.counts))


def total_of(numbers: list[float] | tuple[float, ...]) -> float:
    """The sum from left to right, one rounding a step: Rust's, where Python 3.12 would compensate."""
    total = 0.0
    for one in numbers:
        total += one
    return total


def read_buckets(data: bytes) -> CalibrationBuckets:
    """Return the buckets of a calibration file; raises as the other readers do, also for no bucket at all."""
    fields = Fields.of(data)
    counts = [unsigned_of(one, f"$.counts[{n}]") for n, one in enumerate(fields.list("counts"))]
    if not counts:
        raise malformed("$.counts", "at least one count", [])
    manifest = fields.maybe("calibration_manifest_hash")
    found = CalibrationBuckets(
        tuple(counts),
        None if manifest is None else hex_of(manifest, "$.calibration_manifest_hash", HASH_BYTES),
        fields.unsigned("epoch_created"),
    )
    fields.close()
    return found
