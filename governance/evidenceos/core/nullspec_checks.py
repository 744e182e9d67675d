"""What must hold of a NullSpec contract before it is signed, installed or used; each check tells all that it finds.

Guarantees the daemon's own checks (reference, sections 1.2, 1.3 and 1.7) and those that it leaves out: probabilities
that sum to 1, numbers that its reader takes for what they are, and the bytes on disk being the canonical ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import fsum, isfinite
from typing import Final

from governance.evidenceos.core.digests import is_signed
from governance.evidenceos.core.faults import Fault
from governance.evidenceos.core.floats import daemon_reads, serde_float
from governance.evidenceos.core.nullspec import (
    SCHEMA,
    Contract,
    Dirichlet,
    DiscreteBuckets,
    FixedAlternative,
    ParametricBernoulli,
)

SUM_TOLERANCE: Final = 1e-9
"""How far probabilities may be from 1 together: far above rounding, far below what changes an e-value."""

ALTERNATIVES: Final = 2


def signature_faults(contract: Contract, keyring: Mapping[str, bytes]) -> Iterator[Fault]:
    """Schema, key, signature and id, in the daemon's order; `keyring` has the public key of each label."""
    if contract.schema != SCHEMA:
        yield Fault("nullspec_schema", "$.schema", f"{contract.schema!a} with {SCHEMA}")
    public = keyring.get(contract.created_by)
    if public is None:
        yield Fault("nullspec_key_unknown", "$.created_by", f"{contract.created_by!a} is in no keyring")
    elif not is_signed(public, contract.signing_payload(), contract.signature):
        told = f"the signature with the payload under the key {contract.created_by!a}"
        yield Fault("nullspec_signature_wrong", "$.signature_ed25519", told)
    yield from id_faults(contract)


def id_faults(contract: Contract) -> Iterator[Fault]:
    """The id with the SHA-256 of the payload."""
    computed = contract.computed_id()
    if contract.nullspec_id != computed:
        told = f"the id {contract.nullspec_id.hex()} with the payload's {computed.hex()}"
        yield Fault("nullspec_id_mismatch", "$.nullspec_id", told)


def canonical_faults(contract: Contract, data: bytes) -> Iterator[Fault]:
    """The bytes that were read with those that the daemon would write over them."""
    if contract.canonical() != data:
        told = f"{len(data)} bytes with the {len(contract.canonical())} canonical ones"
        yield Fault("evidenceos_not_canonical", "$", told)


def number_faults(contract: Contract) -> Iterator[Fault]:
    """Kind against e-process, the range of each number, and both sums."""
    kind, eprocess = contract.kind, contract.eprocess
    if isinstance(kind, DiscreteBuckets) and isinstance(eprocess, Dirichlet):
        yield from _buckets(kind, eprocess)
    elif isinstance(kind, ParametricBernoulli) and isinstance(eprocess, FixedAlternative):
        yield from _bernoulli(kind, eprocess)
    else:
        told = f"{type(kind).__name__} does not go with {type(eprocess).__name__}"
        yield Fault("nullspec_pair", "$.eprocess", told)


def expiry_faults(contract: Contract, epoch: int) -> Iterator[Fault]:
    """The logical epoch with the last one in which the contract holds."""
    if contract.is_expired(epoch):
        told = f"epoch {epoch} is past {contract.last_epoch}, the last in which it holds"
        yield Fault("nullspec_expired", "$.ttl_epochs", told)


def reading_faults(contract: Contract) -> Iterator[Fault]:
    """Numbers that the daemon's reader takes for their neighbour: it would compute another id, and rename the file."""
    for path, number in numbers_of(contract):
        text = serde_float(number)
        read = daemon_reads(text)
        if read != number:
            told = f"{text} is read as {'nothing' if read is None else serde_float(read)}"
            yield Fault("nullspec_number_unstable", path, told)


def numbers_of(contract: Contract) -> Iterator[tuple[str, float]]:
    """Every double of a contract with its JSON path."""
    kind, eprocess = contract.kind, contract.eprocess
    if isinstance(kind, DiscreteBuckets):
        yield from ((f"$.kind.DiscreteBuckets.p0[{n}]", one) for n, one in enumerate(kind.p0))
    else:
        yield "$.kind.ParametricBernoulli.p", kind.p
    if isinstance(eprocess, Dirichlet):
        yield from ((f"$.eprocess.DirichletMultinomialMixture.alpha[{n}]", one) for n, one in enumerate(eprocess.alpha))
    else:
        yield from ((f"$.eprocess.LikelihoodRatioFixedAlt.alt[{n}]", one) for n, one in enumerate(eprocess.alt))


def _buckets(kind: DiscreteBuckets, eprocess: Dirichlet) -> Iterator[Fault]:
    p0, alpha = "$.kind.DiscreteBuckets.p0", "$.eprocess.DirichletMultinomialMixture.alpha"
    if not eprocess.alpha or len(kind.p0) != len(eprocess.alpha):
        yield _number(alpha, f"{len(kind.p0)} probabilities and {len(eprocess.alpha)} weights")
    yield from _above_zero(p0, kind.p0)
    yield from _above_zero(alpha, eprocess.alpha)
    yield from _sum(p0, kind.p0)


def _bernoulli(kind: ParametricBernoulli, eprocess: FixedAlternative) -> Iterator[Fault]:
    alt = "$.eprocess.LikelihoodRatioFixedAlt.alt"
    if not 0 < kind.p < 1:
        yield _number("$.kind.ParametricBernoulli.p", f"{kind.p} is not between 0 and 1")
    if len(eprocess.alt) != ALTERNATIVES:
        yield _number(alt, f"{len(eprocess.alt)} probabilities where two belong")
    for place, one in enumerate(eprocess.alt):
        if not isfinite(one) or one < 0:
            yield _number(f"{alt}[{place}]", f"{one} is no probability")
    yield from _sum(alt, eprocess.alt)


def _above_zero(path: str, numbers: tuple[float, ...]) -> Iterator[Fault]:
    for place, one in enumerate(numbers):
        if not isfinite(one) or one <= 0:
            yield _number(f"{path}[{place}]", f"{one} is not above 0")


def _sum(path: str, numbers: tuple[float, ...]) -> Iterator[Fault]:
    if all(map(isfinite, numbers)) and abs(fsum(numbers) - 1) > SUM_TOLERANCE:
        yield Fault("nullspec_sum", path, f"the probabilities sum to {fsum(numbers)!r}, not to 1")


def _number(path: str, told: str) -> Fault:
    return Fault("nullspec_number", path, told)
