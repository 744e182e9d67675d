"""What the steps of one verification know so far, and hand on to the next."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from ledger.core.bundle.manifest import Manifest
from ledger.core.checkpoint import Checkpoint
from ledger.core.control import ControlHistory
from ledger.core.dsse import Envelope as Signed
from ledger.core.envelope import Envelope
from ledger.core.note import Note
from ledger.core.report import Findings
from ledger.core.signature_check import SignatureCheck, SignatureMemory
from ledger.core.trust import Reader
from ledger.core.types import Hash
from ledger.core.verify.archive import Archive
from ledger.core.verify.table import LeafTable

Task = TypeVar("Task")
Result = TypeVar("Result")


class Spread(Protocol):
    """A `map`: results in the order of the tasks, whoever works them out, and some tasks at a time."""

    def __call__(self, work: Callable[[Task], Result], tasks: Iterable[Task], /) -> Iterator[Result]:
        """The result of `work` on each of `tasks`."""


@dataclass(frozen=True, slots=True)
class Held:
    """A checkpoint of the bundle: its file and what it says."""

    path: str
    note: Note
    checkpoint: Checkpoint


@dataclass(slots=True)
class Case:
    """One bundle before one reader."""

    reader: Reader
    findings: Findings
    archive: Archive
    manifest: Manifest | None = None
    signed_manifest: Signed | None = None
    notes: list[Held] = field(default_factory=list)
    head: Held | None = None
    leaves: LeafTable | None = None
    proved_roots: dict[int, Hash] = field(default_factory=dict)
    range_proved: bool = False
    attached: dict[int, Envelope] = field(default_factory=dict)
    history: ControlHistory | None = None
    check: SignatureCheck = field(default_factory=SignatureMemory)
    spread: Spread = map

    @property
    def head_signed(self) -> bool:
        """Whether a log key of the reader's policy signed the head: without it nothing here is the log's word."""
        return self.findings.passed("head")

    @property
    def origin(self) -> str | None:
        """The log this bundle is about: the head's, else the manifest's."""
        if self.head is not None:
            return self.head.checkpoint.origin
        return self.manifest.origin if self.manifest is not None else None

    def known(self, kinds: frozenset[str]) -> dict[int, Envelope]:
        """Leaves of these kinds by index: those of the range and those attached."""
        inside = self.leaves.kept if self.leaves is not None else {}
        both = {**self.attached, **inside}
        return {index: both[index] for index in sorted(both) if both[index].kind in kinds}
