"""The active map: which contract counts for an oracle and a holdout; the daemon reads it at every execution.

Guarantees one contract for each pair, sorted as the daemon sorts. Rule: reference, section 1.5.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from governance.evidenceos.core.faults import Fault
from governance.evidenceos.core.fields import Fields
from governance.evidenceos.core.jsons import compact
from ledger.core.types import HASH_BYTES

if TYPE_CHECKING:
    from ledger.core.types import JSON

Pair: TypeAlias = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Mapping:
    """One row: oracle, holdout, and the 32 bytes of the contract's id."""

    oracle_id: str
    holdout_handle: str
    nullspec_id: bytes

    @property
    def pair(self) -> Pair:
        """What the row is found by."""
        return self.oracle_id, self.holdout_handle


@dataclass(frozen=True, slots=True)
class ActiveMap:
    """The rows in the order of the file."""

    mappings: tuple[Mapping, ...] = ()

    def active(self, oracle_id: str, holdout_handle: str) -> bytes | None:
        """The id that counts for the pair: the first row's, as the daemon finds it."""
        return next((one.nullspec_id for one in self.mappings if one.pair == (oracle_id, holdout_handle)), None)

    def activated(self, oracle_id: str, holdout_handle: str, nullspec_id: bytes) -> ActiveMap:
        """The map with this contract in the pair's place."""
        others = self.retired(oracle_id, holdout_handle).mappings
        return ActiveMap(_sorted([*others, Mapping(oracle_id, holdout_handle, nullspec_id)]))

    def retired(self, oracle_id: str, holdout_handle: str) -> ActiveMap:
        """The map without the pair. Upstream has no command for it; its reader takes the file."""
        return ActiveMap(_sorted(one for one in self.mappings if one.pair != (oracle_id, holdout_handle)))

    def to_bytes(self) -> bytes:
        """The file: compact, in struct order, rows in the order of this map."""
        rows: list[JSON] = [
            {"oracle_id": m.oracle_id, "holdout_handle": m.holdout_handle, "nullspec_id_hex": m.nullspec_id.hex()}
            for m in self.mappings
        ]
        return compact({"mappings": rows})

    def faults(self) -> Iterator[Fault]:
        """Rows out of order, and pairs that stand twice: of those the daemon takes the first."""
        seen = set[Pair]()
        for place, one in enumerate(self.mappings):
            if one.pair in seen:
                yield Fault(
                    "active_map_repeated", f"$.mappings[{place}]", f"{one.oracle_id!a} and {one.holdout_handle!a}"
                )
            seen.add(one.pair)
        if self.mappings != _sorted(self.mappings):
            yield Fault("active_map_unsorted", "$.mappings", "the rows with their order by oracle and holdout")


def read_active_map(data: bytes) -> ActiveMap:
    """Return the map of nullspec/active_map.json; raises as the other readers do."""
    fields, rows = Fields.of(data), []
    for place, value in enumerate(fields.list("mappings")):
        row = Fields(value, f"$.mappings[{place}]")
        found = Mapping(row.text("oracle_id"), row.text("holdout_handle"), row.hex("nullspec_id_hex", HASH_BYTES))
        row.close()
        rows.append(found)
    fields.close()
    return ActiveMap(tuple(rows))


def _sorted(rows: Iterable[Mapping]) -> tuple[Mapping, ...]:
    return tuple(sorted(rows, key=lambda one: one.pair))
