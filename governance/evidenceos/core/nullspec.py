"""The NullSpec contract (schema `evidenceos.nullspec.v1`): read strictly, written exactly, its id and signing payload.

Guarantees that `read_contract(contract.canonical()) == contract`, and that the id is the SHA-256 of the payload that is
signed: the contract with an id of zeros and an empty signature. Rule: reference, sections 1.1 and 1.2.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Final, TypeAlias

from governance.evidenceos.core.fields import Fields, malformed, octets_json
from governance.evidenceos.core.floats import U64_MAX
from governance.evidenceos.core.jsons import canonical
from ledger.core.types import HASH_BYTES

if TYPE_CHECKING:
    from ledger.core.types import JSON, JSONObject

SCHEMA: Final = "evidenceos.nullspec.v1"
NO_ID: Final = bytes(HASH_BYTES)


@dataclass(frozen=True, slots=True)
class DiscreteBuckets:
    """A null over buckets: the probability of each."""

    p0: tuple[float, ...]

    def to_json(self) -> JSONObject:
        """Serde's externally tagged form."""
        return {"DiscreteBuckets": {"p0": list(self.p0)}}


@dataclass(frozen=True, slots=True)
class ParametricBernoulli:
    """A null over two buckets: the probability of bucket 1."""

    p: float

    def to_json(self) -> JSONObject:
        """Serde's externally tagged form."""
        return {"ParametricBernoulli": {"p": self.p}}


@dataclass(frozen=True, slots=True)
class Dirichlet:
    """The e-process against buckets: weights of a Dirichlet mixture."""

    alpha: tuple[float, ...]

    def to_json(self) -> JSONObject:
        """Serde's externally tagged form."""
        return {"DirichletMultinomialMixture": {"alpha": list(self.alpha)}}


@dataclass(frozen=True, slots=True)
class FixedAlternative:
    """The e-process against two buckets: probabilities [P(0), P(1)] of the alternative."""

    alt: tuple[float, ...]

    def to_json(self) -> JSONObject:
        """Serde's externally tagged form."""
        return {"LikelihoodRatioFixedAlt": {"alt": list(self.alt)}}


Kind: TypeAlias = "DiscreteBuckets | ParametricBernoulli"
EProcess: TypeAlias = "Dirichlet | FixedAlternative"


@dataclass(frozen=True, slots=True)
class Contract:
    """One contract; hashes and ids are 32 bytes, epochs logical, `signature` 64 bytes once it is signed."""

    oracle_id: str
    oracle_resolution_hash: bytes
    holdout_handle: str
    epoch_created: int
    ttl_epochs: int
    kind: Kind
    eprocess: EProcess
    calibration_manifest_hash: bytes | None
    created_by: str
    nullspec_id: bytes = NO_ID
    signature: bytes = b""
    schema: str = SCHEMA

    def to_json(self) -> JSONObject:
        """Every field, absent ones as null, bytes as arrays of integers."""
        calibration = self.calibration_manifest_hash
        return {
            "schema": self.schema,
            "nullspec_id": octets_json(self.nullspec_id),
            "oracle_id": self.oracle_id,
            "oracle_resolution_hash": octets_json(self.oracle_resolution_hash),
            "holdout_handle": self.holdout_handle,
            "epoch_created": self.epoch_created,
            "ttl_epochs": self.ttl_epochs,
            "kind": self.kind.to_json(),
            "eprocess": self.eprocess.to_json(),
            "calibration_manifest_hash": None if calibration is None else octets_json(calibration),
            "created_by": self.created_by,
            "signature_ed25519": octets_json(self.signature),
        }

    def canonical(self) -> bytes:
        """The bytes on disk, which the registry's `.sig` covers."""
        return canonical(self.to_json())

    def signing_payload(self) -> bytes:
        """The bytes that the author signs as they are, without a digest in between."""
        return replace(self, nullspec_id=NO_ID, signature=b"").canonical()

    def computed_id(self) -> bytes:
        """SHA-256 of the signing payload, without a domain."""
        return sha256(self.signing_payload()).digest()

    def signed(self, signature: bytes) -> Contract:
        """The contract with its id and a signature that was made over `signing_payload`."""
        return replace(self, nullspec_id=self.computed_id(), signature=signature)

    @property
    def last_epoch(self) -> int:
        """The last logical epoch in which it holds; saturates at 2^64-1."""
        return min(self.epoch_created + self.ttl_epochs, U64_MAX)

    def is_expired(self, epoch: int) -> bool:
        """Whether the daemon refuses it in this logical epoch."""
        return epoch > self.last_epoch


def read_contract(data: bytes) -> Contract:
    """Return the contract of one JSON text, whatever the order of its fields.

    Raises JSONUnreadable, FieldMissing, FieldUnknown or FieldMalformed with the path. Whether it is canonical, sound
    and signed is asked elsewhere (`nullspec_checks`).
    """
    return contract_of(Fields.of(data))


def contract_of(fields: Fields) -> Contract:
    """The contract of an object that was read already; raises as `read_contract` does."""
    calibration = fields.maybe("calibration_manifest_hash")
    contract = Contract(
        schema=fields.text("schema"),
        nullspec_id=fields.hash("nullspec_id"),
        oracle_id=fields.text("oracle_id"),
        oracle_resolution_hash=fields.hash("oracle_resolution_hash"),
        holdout_handle=fields.text("holdout_handle"),
        epoch_created=fields.unsigned("epoch_created"),
        ttl_epochs=fields.unsigned("ttl_epochs"),
        kind=_kind(fields.object("kind")),
        eprocess=_eprocess(fields.object("eprocess")),
        calibration_manifest_hash=None if calibration is None else fields.hash("calibration_manifest_hash"),
        created_by=fields.text("created_by"),
        signature=fields.octets("signature_ed25519"),
    )
    fields.close()
    return contract


def _kind(fields: Fields) -> Kind:
    tag, inner = _variant(fields, "DiscreteBuckets", "ParametricBernoulli")
    found: Kind = (
        DiscreteBuckets(inner.numbers("p0")) if tag == "DiscreteBuckets" else ParametricBernoulli(inner.number("p"))
    )
    inner.close()
    return found


def _eprocess(fields: Fields) -> EProcess:
    tag, inner = _variant(fields, "DirichletMultinomialMixture", "LikelihoodRatioFixedAlt")
    is_mixture = tag == "DirichletMultinomialMixture"
    found: EProcess = Dirichlet(inner.numbers("alpha")) if is_mixture else FixedAlternative(inner.numbers("alt"))
    inner.close()
    return found


def _variant(fields: Fields, *tags: str) -> tuple[str, Fields]:
    """The one tag of an externally tagged enum, and what it holds."""
    members: list[tuple[str, JSON]] = list(fields.rest().items())
    if len(members) != 1 or members[0][0] not in tags:
        raise malformed(fields.path, f"one of {' and '.join(tags)}", [name for name, _ in members])
    return members[0][0], fields.object(members[0][0])
