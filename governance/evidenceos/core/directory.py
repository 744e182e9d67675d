"""A data directory of EvidenceOS, read and verified whole, without changing a byte.

Guarantees a row for every file that was given: what it is, whether it verifies, and if not why; nothing is dropped, and
one bad file hides no other. Private keys below `keys/` are neither read nor hashed. Rule: reference, section 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from governance.evidenceos.core.active_map import ActiveMap
from governance.evidenceos.core.canary import Canary
from governance.evidenceos.core.codes import code_of
from governance.evidenceos.core.epoch import EpochControl
from governance.evidenceos.core.events import GovernanceEvent
from governance.evidenceos.core.faults import Fault, fault_of
from governance.evidenceos.core.nullspec import Contract
from governance.evidenceos.core.operator import OperatorRecord
from governance.evidenceos.core.registry import Entry
from governance.evidenceos.core.settlement import Proposal, SignedSettlement
from ledger.core.codes_row import Effect
from ledger.errors import LedgerError

if TYPE_CHECKING:
    from ledger.core.types import JSON

ACTIVE_MAP: Final = "nullspec/active_map.json"
TRUSTED_KEYS: Final = "trusted_oracle_keys.json"
OPERATOR_CONFIG: Final = "oracle_operator_config.json"
EPOCH_CONTROL: Final = "epoch_control.json"
EVENT_LOG: Final = "etl_governance_events.log"
LOG: Final = "etl.log"
LEAVES: Final = "etl.log.leaves"
STATE: Final = "state.json"
LOCK: Final = "kernel.lock"
ACTIVE_KEY: Final = "keys/active_key_id"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a directory is held against: the unix second, a logical epoch, a settlement signer's key, an earlier log.

    What is None was not given, and what would need it is told as not checked. Without `epoch`, the forced one counts.
    """

    now: int | None = None
    epoch: int | None = None
    settlement_key: bytes | None = None
    earlier_log: tuple[int, bytes] | None = None


@dataclass(frozen=True, slots=True)
class FileReading:
    """One file: what it is, its bytes' size and SHA-256 (empty for private keys), and what is wrong with it."""

    path: str
    kind: str
    size: int
    digest: str
    faults: tuple[Fault, ...]

    @property
    def verdict(self) -> str:
        """`rejected`, `incomplete` or `verified`; `unread` for what is not governed."""
        effects = {code_of(fault.code).effect for fault in self.faults}
        if Effect.REJECTED in effects:
            return "rejected"
        if self.kind in UNREAD:
            return "unread"
        return "incomplete" if Effect.INCOMPLETE in effects else "verified"


UNREAD: Final = frozenset({"other", "private_key"})


@dataclass(slots=True)
class Directory:
    """What was read of a directory, by its own names; `files` in the order of their paths."""

    contracts: dict[bytes, Contract] = field(default_factory=dict)
    keyring: dict[str, bytes] = field(default_factory=dict)
    active: ActiveMap = field(default_factory=ActiveMap)
    registry: list[Entry] = field(default_factory=list)
    trusted: dict[str, bytes] = field(default_factory=dict)
    records: dict[str, OperatorRecord] = field(default_factory=dict)
    epoch_control: EpochControl | None = None
    events: dict[int, GovernanceEvent] = field(default_factory=dict)
    entries: list[bytes] = field(default_factory=list)
    canaries: dict[str, Canary] = field(default_factory=dict)
    settlements: dict[str, Proposal | SignedSettlement] = field(default_factory=dict)
    log_keys: list[str] = field(default_factory=list)
    active_log_key: str | None = None
    is_locked: bool = False
    files: tuple[FileReading, ...] = ()

    @property
    def forced_epoch(self) -> int | None:
        """The epoch that counts for every claim, None where each has its own."""
        return None if self.epoch_control is None else self.epoch_control.forced_epoch

    @property
    def verdict(self) -> str:
        """The worst of the files' verdicts; files that are not governed do not count."""
        found = {one.verdict for one in self.files}
        return next((one for one in ("rejected", "incomplete") if one in found), "verified")

    def faults(self) -> list[Fault]:
        """Everything that was found, with the file in front of each path."""
        return [fault.inside(one.path) for one in self.files for fault in one.faults]


def file_rows(found: Directory) -> list[JSON]:
    """What is told of each file: what it is, its bytes' SHA-256, its verdict and what is wrong with it."""
    return [
        {
            "path": row.path, "kind": row.kind, "size": row.size, "sha256": row.digest, "verdict": row.verdict,
            "faults": [{"code": one.code, "path": one.path, "message": one.message} for one in row.faults],
        }
        for row in found.files
    ]  # fmt: skip


class Reading:
    """The directory while it is read: bytes by path, what each is, and what was found so far."""

    def __init__(self, files: Mapping[str, bytes], asked: Asked) -> None:
        self.files, self.asked = files, asked
        self.found = Directory()
        self._kinds: dict[str, str] = {}
        self._faults: dict[str, list[Fault]] = {path: [] for path in files}

    def below(self, folder: str, *, end: str = "", depth: int = 0) -> list[str]:
        """The paths below a folder that no reader took yet, in order; of one depth where it is given."""
        free = [path for path in sorted(self.files) if path not in self._kinds]
        fitting = [path for path in free if path.startswith(folder) and path.endswith(end)]
        return [path for path in fitting if depth in (0, path.removeprefix(folder).count("/") + 1)]

    def take(self, path: str, kind: str) -> bytes | None:
        """The bytes of a file, which is of this kind; None where there is none."""
        if path in self.files:
            self._kinds[path] = kind
        return self.files.get(path)

    def add(self, path: str, faults: Iterable[Fault]) -> None:
        """Record what is wrong with a file."""
        self._faults.setdefault(path, []).extend(faults)

    def refused(self, path: str, error: LedgerError, place: str = "") -> None:
        """Record that a file, or a part of it, could not be read."""
        self.add(path, [fault_of(error, place)])

    def closed(self) -> Directory:
        """The directory with a row for each file, the ones that nobody took among them."""
        for path in self.below(""):
            self._kinds[path] = "other"
            self.add(path, [Fault("file_unread", "", "it is none of the governed files")])
        self.found.files = tuple(self._row(path) for path in sorted(self._faults))
        return self.found

    def _row(self, path: str) -> FileReading:
        data = self.files.get(path)
        is_secret = data is None or self._kinds[path] == "private_key"
        digest = "" if data is None or is_secret else sha256(data).hexdigest()
        return FileReading(path, self._kinds.get(path, "missing"), len(data or b""), digest, tuple(self._faults[path]))
