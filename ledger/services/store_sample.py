"""A sample of the published leaves, each proved on its own: row, chain, tiles, entry bundle, receipt, objects.

Which leaves are looked at follows from a seed and the size alone, so that a run can be repeated; the seed is drawn
anew unless it is given, so that nobody can know beforehand where nobody will look.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ledger.core.entry_bundles import EntryBundle, decode_entries
from ledger.core.merkle import NodeReader, inclusion_proof, leaf_hash, verify_inclusion
from ledger.core.sampling import chance_to_meet, damaged_at, drawn
from ledger.core.tiles import TILE_WIDTH
from ledger.core.types import Hash
from ledger.errors import LedgerError, NameInvalid
from ledger.models import Leaf
from ledger.services.store_erased import Erased, erasures
from ledger.services.store_findings import StoreFindings
from ledger.services.store_frozen import Frozen
from ledger.services.store_segment import Segment, verifying
from ledger.storage import store, tile_key

SHARE = 0.01
_SEED_BYTES = 8
MOST_TOLD = 0.9995


@dataclass(frozen=True, slots=True)
class Sample:
    """`count` of the first `total` leaves by `seed`."""

    seed: str
    total: int
    count: int

    @property
    def indices(self) -> list[int]:
        """Which leaves, ascending."""
        return drawn(self.seed, self.total, self.count)

    @property
    def name(self) -> str:
        """What `--seed` takes to look at the same leaves again, also when the log has grown."""
        return f"{self.seed}@{self.total}"

    def to_json(self) -> dict[str, Any]:
        """As it stands in the report, with what it gives."""
        damaged = damaged_at(self.total, SHARE)
        return {
            "seed": self.name, "leaves": self.count, "of": self.total, "damaged": damaged,
            "chance": chance_to_meet(self.total, damaged, self.count), "sentence": self.sentence,
        }  # fmt: skip

    @property
    def sentence(self) -> str:
        """What the sample gives, in words."""
        if self.count == self.total:
            return f"All {self.total:,} published leaves were looked at."
        chance = chance_to_meet(self.total, damaged_at(self.total, SHARE), self.count)
        told = f"{100 * chance:.1f} %" if chance < MOST_TOLD else "more than 99.9 %"
        return (
            f"Had {100 * SHARE:.0f} % of the {self.total:,} published leaves been damaged, "
            f"this sample of {self.count:,} would have met one with {told}."
        )


def sample_of(signed: int, count: int, seed: str | None) -> Sample:
    """Draw from the `signed` leaves, or repeat the sample that `seed` (`SEED` or `SEED@SIZE`) names."""
    name, _, size = (seed or secrets.token_hex(_SEED_BYTES)).partition("@")
    if size and (not size.isdecimal() or int(size) > signed):
        raise NameInvalid("A seed names a size that is not published", why=f"{size}, published {signed}")
    total = int(size) if size else signed
    return Sample(name, total, min(count, total))


def check_sample(frozen: Frozen, found: StoreFindings, sample: Sample, read: NodeReader, root: Hash) -> Iterator[int]:
    """Look at each leaf of the sample; `read` and `root` are of the published tree. Yields 1 for each."""
    gone: list[tuple[int, str]] = []
    for index in sample.indices:
        segment = Segment(frozen, index, index + 1, verifying(frozen, files=False))
        segment.run(lambda _: None)
        found.absorb(segment.account.findings)
        if not segment.account.hole:
            _placed(frozen, found, index, segment, read, root)
        gone += segment.account.gone
        yield 1
    if gone:
        erased = Erased()
        erased.mark(erasures(frozen.stream.id, 0))
        erased.tell(found, gone)
    found.count("sampled", sample.count)


def _placed(frozen: Frozen, found: StoreFindings, index: int, leaf: Segment, read: NodeReader, root: Hash) -> None:
    """The leaf stands in the published tree, its bundle and the chain."""
    path, digest = f"leaf {index}", Hash(bytes(leaf.hashes))
    try:
        verify_inclusion(index, frozen.signed, digest, inclusion_proof(index, frozen.signed, read), root)
    except LedgerError as error:
        found.refused(error, path, "file_missing" if error.code == "not_found" else "range_root_mismatch")
    if index and leaf.account.first_kind and _hash_of(frozen, index - 1) != leaf.account.first_prev:
        found.problem("chain_broken", path, "prev is not the hash of the leaf before.")
    _bundled(frozen, found, index, digest)


def _hash_of(frozen: Frozen, index: int) -> str | None:
    """Hash of the stored bytes, in hex; None where there are none."""
    raw = Leaf.objects.filter(stream_id=frozen.stream.id, index=index).values_list("bytes", flat=True).first()
    return None if raw is None else leaf_hash(bytes(raw)).hex()


def _bundled(frozen: Frozen, found: StoreFindings, index: int, digest: Hash) -> None:
    number = index // TILE_WIDTH
    width = min(TILE_WIDTH, frozen.signed - number * TILE_WIDTH)
    path = EntryBundle(number, width).path
    try:
        held = decode_entries(store().get(tile_key(frozen.stream.origin, path)), width)
    except LedgerError as error:
        found.refused(error, path, "file_missing" if error.code == "not_found" else "range_root_mismatch")
        return
    if leaf_hash(held[index % TILE_WIDTH]) != digest:
        found.problem("range_root_mismatch", path, "A published file is not that of the leaves.")
