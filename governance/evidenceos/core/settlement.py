"""Offline settlement: a proposal that leaves the daemon, and the record that comes back signed.

Guarantees the signed bytes: the canonical JSON of the proposal, without a domain. `sth_hash_hex` is the root of the
log, whatever its name says. Rule: reference, section 5.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from governance.evidenceos.core.digests import is_signed
from governance.evidenceos.core.faults import Fault
from governance.evidenceos.core.fields import U32_MAX, Fields, malformed, unsigned_of
from governance.evidenceos.core.jsons import canonical
from governance.evidenceos.core.keys import KEY_BYTES, SIGNATURE_BYTES
from ledger.core.types import HASH_BYTES

if TYPE_CHECKING:
    from ledger.core.types import JSONObject

VERSION: Final = 1
MOST_REASONS: Final = 64
_I32: Final = 2**31


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is to be settled; hashes are 64 hexadecimal digits."""

    claim_id_hex: str
    claim_state: str
    epoch: int
    etl_index: int
    sth_hash_hex: str
    decision: int
    reason_codes: tuple[int, ...]
    capsule_hash_hex: str
    schema_version: int = VERSION

    def to_json(self) -> JSONObject:
        """The proposal in struct order."""
        return {
            "schema_version": self.schema_version,
            "claim_id_hex": self.claim_id_hex,
            "claim_state": self.claim_state,
            "epoch": self.epoch,
            "etl_index": self.etl_index,
            "sth_hash_hex": self.sth_hash_hex,
            "decision": self.decision,
            "reason_codes": list(self.reason_codes),
            "capsule_hash_hex": self.capsule_hash_hex,
        }

    def signing_payload(self) -> bytes:
        """The bytes that are signed as they are."""
        return canonical(self.to_json())


@dataclass(frozen=True, slots=True)
class SignedSettlement:
    """A proposal with the key that signed it and the signature."""

    proposal: Proposal
    signer_public_key: bytes
    signature: bytes


def read_proposal(data: bytes) -> Proposal:
    """Return a proposal of the spool; raises as the other readers do."""
    return _proposal(Fields.of(data))


def read_settlement(data: bytes) -> SignedSettlement:
    """Return a signed record; raises as the other readers do."""
    fields = Fields.of(data)
    found = SignedSettlement(
        _proposal(fields.object("proposal")),
        fields.hex("signer_public_key_hex", KEY_BYTES),
        fields.hex("signature_hex", SIGNATURE_BYTES),
    )
    fields.close()
    return found


def proposal_faults(proposal: Proposal) -> Iterator[Fault]:
    """Version, state and number of reasons: what upstream asks of every proposal."""
    if proposal.schema_version != VERSION:
        yield Fault("settlement_invalid", "$.schema_version", f"{proposal.schema_version} with {VERSION}")
    if not proposal.claim_state:
        yield Fault("settlement_invalid", "$.claim_state", "the state is empty")
    if len(proposal.reason_codes) > MOST_REASONS:
        yield Fault("settlement_invalid", "$.reason_codes", f"{len(proposal.reason_codes)} with at most {MOST_REASONS}")


def settlement_faults(record: SignedSettlement, expected: bytes) -> Iterator[Fault]:
    """The proposal, and key and signature with the key that is expected."""
    yield from proposal_faults(record.proposal)
    if record.signer_public_key != expected:
        told = f"{record.signer_public_key.hex()} with {expected.hex()}"
        yield Fault("settlement_key_unknown", "$.signer_public_key_hex", told)
    elif not is_signed(expected, record.proposal.signing_payload(), record.signature):
        yield Fault("settlement_signature_wrong", "$.signature_hex", "the signature with the proposal")


def _proposal(fields: Fields) -> Proposal:
    decision = fields.take("decision")
    if not isinstance(decision, int) or isinstance(decision, bool) or not -_I32 <= decision < _I32:
        raise malformed(fields.place("decision"), "an integer of 32 bits", decision)
    codes = fields.list("reason_codes")
    found = Proposal(
        schema_version=fields.unsigned("schema_version", U32_MAX),
        claim_id_hex=fields.hex("claim_id_hex", HASH_BYTES).hex(),
        claim_state=fields.text("claim_state"),
        epoch=fields.unsigned("epoch"),
        etl_index=fields.unsigned("etl_index"),
        sth_hash_hex=fields.hex("sth_hash_hex", HASH_BYTES).hex(),
        decision=decision,
        reason_codes=tuple(
            unsigned_of(one, f"{fields.place('reason_codes')}[{n}]", U32_MAX) for n, one in enumerate(codes)
        ),
        capsule_hash_hex=fields.hex("capsule_hash_hex", HASH_BYTES).hex(),
    )
    fields.close()
    return found
