"""The claim capsule: what a verdict needs of it; the rest is kept as it stands.

Guarantees that hash and leaf are over the very bytes. Upstream adds fields from release to release, so that unknown
ones are no fault here. Rule: reference, sections 1.4 and 3.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from governance.evidenceos.core.etl import CAPSULE_SCHEMA
from governance.evidenceos.core.faults import Fault
from governance.evidenceos.core.fields import Fields, hex_of
from governance.evidenceos.core.jsons import canonical, parse
from governance.evidenceos.core.nullspec import Contract, Dirichlet
from ledger.core.types import HASH_BYTES

if TYPE_CHECKING:
    from ledger.core.types import JSONObject

MIXTURE: Final = "dirichlet_multinomial_mixture"
RATIO: Final = "likelihood_ratio_fixed_alt"


@dataclass(frozen=True, slots=True)
class Capsule:
    """A capsule's bytes, and what they say of the claim, what it rests on, and its contract."""

    data: bytes
    schema: str
    claim_id_hex: str
    dependencies: tuple[bytes, ...]
    nullspec_id_hex: str | None
    oracle_resolution_hash_hex: str | None
    eprocess_kind: str | None
    rest: JSONObject

    @property
    def hash(self) -> bytes:
        """SHA-256 of the bytes."""
        return sha256(self.data).digest()


def read_capsule(data: bytes) -> Capsule:
    """Return the capsule of these bytes; raises as the other readers do."""
    fields = Fields.of(data)
    hashes = fields.list("dependency_capsule_hashes")
    return Capsule(
        data=data,
        schema=fields.text("schema"),
        claim_id_hex=fields.text("claim_id_hex"),
        dependencies=tuple(
            hex_of(one, f"$.dependency_capsule_hashes[{n}]", HASH_BYTES) for n, one in enumerate(hashes)
        ),
        nullspec_id_hex=fields.maybe_text("nullspec_id_hex"),
        oracle_resolution_hash_hex=fields.maybe_text("oracle_resolution_hash_hex"),
        eprocess_kind=fields.maybe_text("eprocess_kind"),
        rest=fields.rest(),
    )


def capsule_faults(capsule: Capsule) -> Iterator[Fault]:
    """Schema and bytes."""
    if capsule.schema != CAPSULE_SCHEMA:
        yield Fault("capsule_schema", "$.schema", f"{capsule.schema[:64]!a} with {CAPSULE_SCHEMA}")
    if canonical(parse(capsule.data)) != capsule.data:
        yield Fault("evidenceos_not_canonical", "$", "the capsule's bytes with their canonical form")


def contract_faults(capsule: Capsule, contract: Contract) -> Iterator[Fault]:
    """Id, resolution hash and e-process of the capsule with those of a contract."""
    kind = MIXTURE if isinstance(contract.eprocess, Dirichlet) else RATIO
    pairs = (
        ("nullspec_id_hex", capsule.nullspec_id_hex, contract.computed_id().hex()),
        ("oracle_resolution_hash_hex", capsule.oracle_resolution_hash_hex, contract.oracle_resolution_hash.hex()),
        ("eprocess_kind", capsule.eprocess_kind, kind),
    )
    for name, stated, shown in pairs:
        if stated != shown:
            yield Fault("capsule_contract_mismatch", f"$.{name}", f"{stated!a} with {shown}")
