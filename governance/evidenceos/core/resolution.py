"""The oracle resolution and its hash: what a NullSpec contract is bound to.

Guarantees the struct order of serde, not a sorted one. The daemon fills in calibration, epoch and TTL at freeze,
so each of them, the lane too, makes another hash. Rule: reference, section 1.4.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from governance.evidenceos.core.fields import octets_json
from governance.evidenceos.core.jsons import compact
from ledger.core.types import HASH_BYTES

if TYPE_CHECKING:
    from ledger.core.types import JSONObject

CODEC: Final = b"oracle-resolution/v1;codec=unsigned-big-endian;canonical=zero-high-bits;bucket-range=[0,num_symbols)"
CODEC_HASH: Final = sha256(CODEC).digest()
NO_CALIBRATION: Final = bytes(HASH_BYTES)


class Lane(StrEnum):
    """The lane of a claim; it decides the noise `delta_sigma`."""

    FAST = "fast"
    HEAVY = "heavy"


class TieBreaker(StrEnum):
    """How a value between two buckets is rounded."""

    LOWER = "Lower"
    UPPER = "Upper"
    NEAREST_EVEN = "NearestEven"


DELTA_SIGMA: Final = {Lane.FAST: 0.0, Lane.HEAVY: 0.25}


def _one_bit() -> JSONObject:
    return {"hamming": {"max_bits": 1}}


@dataclass(frozen=True, slots=True)
class Resolution:
    """What an oracle answers in: `num_symbols` buckets under a calibration, at an epoch, for a TTL in epochs."""

    num_symbols: int
    calibration_manifest_hash: bytes = NO_CALIBRATION
    calibrated_at_epoch: int = 0
    ttl_epochs: int | None = None
    delta_sigma: float = 0.0
    tie_breaker: TieBreaker = TieBreaker.NEAREST_EVEN
    locality_policy: JSONObject | str = field(default_factory=_one_bit)

    @property
    def bit_width(self) -> int:
        """Bits of one answer: the binary logarithm of the number of symbols, rounded up."""
        return max(self.num_symbols - 1, 0).bit_length()

    def to_bytes(self) -> bytes:
        """Serde's JSON of the struct, which is what is hashed."""
        return compact(
            {
                "num_symbols": self.num_symbols,
                "bit_width": self.bit_width,
                "codec_hash": octets_json(CODEC_HASH),
                "calibration_manifest_hash": octets_json(self.calibration_manifest_hash),
                "calibrated_at_epoch": self.calibrated_at_epoch,
                "ttl_epochs": self.ttl_epochs,
                "delta_sigma": self.delta_sigma,
                "tie_breaker": self.tie_breaker.value,
                "locality_policy": self.locality_policy,
            }
        )

    def hash(self) -> bytes:
        """SHA-256 of `to_bytes`, 32 bytes."""
        return sha256(self.to_bytes()).digest()
