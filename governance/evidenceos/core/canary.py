"""The drift canary: an e-process against a barrier, for each claim name and holdout.

Guarantees the daemon's order: frozen stays frozen, staleness before rarity, the barrier inclusive, epoch 0 for never
checked. Rule: reference, section 4.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from governance.evidenceos.core.evalues import Evidence, after
from governance.evidenceos.core.faults import Fault
from governance.evidenceos.core.fields import U32_MAX, Fields, malformed, text_of, unsigned_of
from governance.evidenceos.core.nullspec import Contract
from governance.evidenceos.errors import EvidenceOSRefused

if TYPE_CHECKING:
    from ledger.core.types import JSON, JSONObject

MICROS: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class CanaryConfig:
    """Taken over when a stream begins: drift level in millionths, and two counts of epochs."""

    alpha_drift_micros: int = 50_000
    check_every_epochs: int = 1
    max_staleness_epochs: int = 100

    @property
    def is_valid(self) -> bool:
        """Whether the daemon begins a stream with it."""
        return 0 < self.alpha_drift_micros <= MICROS and self.check_every_epochs > 0

    @property
    def barrier(self) -> float:
        """The e-value at which the stream freezes; of a valid config only."""
        return 1.0 / (self.alpha_drift_micros / 1_000_000.0)


@dataclass(frozen=True, slots=True)
class Canary:
    """The state of one stream."""

    config: CanaryConfig
    barrier: float
    e_drift: float = 1.0
    last_epoch_checked: int = 0
    drift_frozen: bool = False
    counts: tuple[int, ...] = ()
    total: int = 0

    def is_stale(self, epoch: int) -> bool:
        """Whether the next update at this epoch freezes it for its age alone."""
        age = epoch - self.last_epoch_checked
        return self.last_epoch_checked > 0 and age > self.config.max_staleness_epochs

    def updated(self, contract: Contract, bucket: int, epoch: int) -> Canary:
        """The state after one execution; raises BucketOutOfRange where the daemon fails."""
        age = epoch - self.last_epoch_checked
        if self.drift_frozen:
            return self
        if self.is_stale(epoch):
            return replace(self, drift_frozen=True)
        if self.last_epoch_checked > 0 and 0 < age < self.config.check_every_epochs:
            return self
        found = after(contract, Evidence(self.e_drift, self.counts, self.total), bucket)
        return replace(
            self,
            e_drift=found.e,
            counts=found.counts,
            total=found.total,
            last_epoch_checked=epoch,
            drift_frozen=found.e >= self.barrier,
        )

    def reset(self) -> Canary:
        """The state after a reset: config and barrier stay."""
        return Canary(self.config, self.barrier)

    def to_json(self) -> JSONObject:
        """The state as it stands in state.json, in struct order."""
        return {
            "e_drift": self.e_drift,
            "barrier": self.barrier,
            "last_epoch_checked": self.last_epoch_checked,
            "config": {
                "alpha_drift_micros": self.config.alpha_drift_micros,
                "check_every_epochs": self.config.check_every_epochs,
                "max_staleness_epochs": self.config.max_staleness_epochs,
            },
            "drift_frozen": self.drift_frozen,
            "counts": list(self.counts),
            "total": self.total,
        }


def begun(config: CanaryConfig) -> Canary:
    """Return a new stream of a valid config."""
    return Canary(config, config.barrier)


def stream_key(claim_name: str, holdout_ref: str) -> str:
    """Return the key of a stream in state.json."""
    return f"{claim_name}::{holdout_ref}"


def read_canaries(state: bytes) -> tuple[dict[str, Canary], dict[str, EvidenceOSRefused]]:
    """Return the streams of state.json by key, and the refusals of those that cannot be read, by key or place.

    What else the file holds is the daemon's own and stays unread. Raises where the file itself cannot be read.
    """
    fields = Fields.of(state)
    if "canary_states" not in fields.rest():
        return {}, {}
    found, refused = dict[str, Canary](), dict[str, EvidenceOSRefused]()
    for place, row in enumerate(fields.list("canary_states")):
        path = f"$.canary_states[{place}]"
        try:
            key, canary = _row(row, path)
        except EvidenceOSRefused as error:
            refused[path] = error
        else:
            found[key] = canary
    return found, refused


def canary_faults(canary: Canary) -> Iterator[Fault]:
    """Config and barrier of a stream."""
    if not canary.config.is_valid:
        yield Fault("canary_invalid", "$.config", "the drift level or the number of epochs is out of its range")
    elif canary.barrier != canary.config.barrier:
        yield Fault("canary_invalid", "$.barrier", f"{canary.barrier} with {canary.config.barrier} of its config")
    if canary.drift_frozen:
        yield Fault(
            "canary_frozen", "$.drift_frozen", f"an e-value of {canary.e_drift} at a barrier of {canary.barrier}"
        )


def _row(row: JSON, path: str) -> tuple[str, Canary]:
    if not isinstance(row, list) or len(row) != 2:
        raise malformed(path, "a key and a state", row)
    fields = Fields(row[1], f"{path}[1]")
    config = fields.object("config")
    canary = Canary(
        config=CanaryConfig(
            config.unsigned("alpha_drift_micros", U32_MAX),
            config.unsigned("check_every_epochs"),
            config.unsigned("max_staleness_epochs"),
        ),
        barrier=fields.number("barrier"),
        e_drift=fields.number("e_drift"),
        last_epoch_checked=fields.unsigned("last_epoch_checked"),
        drift_frozen=fields.flag("drift_frozen"),
        counts=_counts(fields),
        total=fields.maybe_unsigned("total") or 0,
    )
    config.close()
    fields.close()
    return text_of(row[0], f"{path}[0]"), canary


def _counts(fields: Fields) -> tuple[int, ...]:
    if fields.maybe("counts") is None:
        return ()
    return tuple(unsigned_of(one, f"{fields.place('counts')}[{n}]") for n, one in enumerate(fields.list("counts")))
