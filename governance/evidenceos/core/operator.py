"""The operator record of an oracle (TTL, calibration, attestation of disjointness) and the file that holds them all.

Guarantees the object form of the attestation, which is the only one that the daemon parses: `evidenceosctl` writes a
text there, and after it the daemon refuses the whole file. A bad record is told and set aside, the others are read.
Rule: reference, section 2.3.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from governance.evidenceos.core.digests import Domain, digest_in, is_signed
from governance.evidenceos.core.faults import Fault
from governance.evidenceos.core.fields import U32_MAX, Fields, hex_of
from governance.evidenceos.core.jsons import canonical, pretty
from governance.evidenceos.errors import EvidenceOSRefused, FieldMalformed
from ledger.core.types import HASH_BYTES

if TYPE_CHECKING:
    from ledger.core.types import JSON, JSONObject

RECORD_VERSION: Final = 1
STATEMENT_TYPE: Final = "oracle_disjointness_v1"


@dataclass(frozen=True, slots=True)
class Attestation:
    """Who vouches that oracle and training data do not overlap: type, scope, and the SHA-256 of the proof in hex."""

    statement_type: str
    scope: str
    proof_sha256_hex: str

    def to_json(self) -> JSONObject:
        """The object form."""
        return {
            "statement_type": self.statement_type,
            "scope": self.scope,
            "proof_sha256_hex": self.proof_sha256_hex,
        }


@dataclass(frozen=True, slots=True)
class OperatorRecord:
    """One oracle's record; `updated_at_epoch` is in unix seconds, whatever its name says."""

    ttl_epochs: int
    updated_at_epoch: int
    key_id: str
    calibration_manifest_hash_hex: str | None = None
    calibration_epoch: int | None = None
    disjointness_attestation: Attestation | None = None
    nonoverlap_proof_uri: str | None = None
    signature_hex: str = ""
    schema_version: int = RECORD_VERSION

    def payload(self, oracle_id: str) -> bytes:
        """The canonical JSON whose digest is signed; an absent calibration is empty text there, not null."""
        attestation = self.disjointness_attestation
        return canonical(
            {
                "calibration_epoch": self.calibration_epoch,
                "calibration_manifest_hash_hex": self.calibration_manifest_hash_hex or "",
                "disjointness_attestation": None if attestation is None else attestation.to_json(),
                "key_id": self.key_id,
                "nonoverlap_proof_uri": self.nonoverlap_proof_uri,
                "oracle_id": oracle_id,
                "schema_version": self.schema_version,
                "ttl_epochs": self.ttl_epochs,
                "updated_at_epoch": self.updated_at_epoch,
            }
        )

    def signed_digest(self, oracle_id: str) -> bytes:
        """The 32 bytes that are signed."""
        return digest_in(Domain.ORACLE_RECORD, self.payload(oracle_id))

    def to_json(self) -> JSONObject:
        """The record in the file, in struct order."""
        attestation = self.disjointness_attestation
        return {
            "schema_version": self.schema_version,
            "ttl_epochs": self.ttl_epochs,
            "calibration_manifest_hash_hex": self.calibration_manifest_hash_hex,
            "calibration_epoch": self.calibration_epoch,
            "disjointness_attestation": None if attestation is None else attestation.to_json(),
            "nonoverlap_proof_uri": self.nonoverlap_proof_uri,
            "updated_at_epoch": self.updated_at_epoch,
            "key_id": self.key_id,
            "signature_ed25519": self.signature_hex,
        }


def read_operator_config(data: bytes) -> tuple[dict[str, OperatorRecord], dict[str, EvidenceOSRefused]]:
    """Return the records of oracle_operator_config.json by oracle, and the refusals of those that cannot be read.

    Raises where the file itself cannot be read.
    """
    fields = Fields.of(data)
    oracles = fields.object("oracles")
    fields.close()
    records, refused = dict[str, OperatorRecord](), dict[str, EvidenceOSRefused]()
    for oracle_id in oracles.rest():
        try:
            records[oracle_id] = _record(Fields(oracles.take(oracle_id), oracles.place(oracle_id)))
        except EvidenceOSRefused as error:
            refused[oracle_id] = error
    return records, refused


def write_operator_config(records: Mapping[str, OperatorRecord]) -> bytes:
    """Return oracle_operator_config.json: pretty, oracles in order."""
    members: dict[str, JSON] = {oracle_id: records[oracle_id].to_json() for oracle_id in sorted(records)}
    return pretty({"oracles": members}).encode("utf-8")


def record_faults(oracle_id: str, record: OperatorRecord, trusted: Mapping[str, bytes]) -> Iterator[Fault]:
    """Version, TTL, hashes, attestation, key and signature of a record; times are `time_faults`."""
    if record.schema_version != RECORD_VERSION:
        yield Fault("oracle_record_field", "$.schema_version", f"{record.schema_version} with {RECORD_VERSION}")
    if not record.ttl_epochs:
        yield Fault("oracle_record_field", "$.ttl_epochs", "a TTL has to be above 0")
    yield from _provenance(record)
    public = trusted.get(record.key_id)
    if public is None:
        yield Fault("oracle_key_unknown", "$.key_id", f"{record.key_id!a} is not among {len(trusted)} trusted keys")
    elif not is_signed(public, record.signed_digest(oracle_id), _signature(record)):
        told = f"the signature with the record's digest under {record.key_id!a}"
        yield Fault("oracle_signature_wrong", "$.signature_ed25519", told)


def time_faults(record: OperatorRecord, now: int) -> Iterator[Fault]:
    """The unix second `now` with the record's time; in provenance mode the daemon reads its TTL as seconds."""
    if record.updated_at_epoch > now:
        yield Fault("oracle_record_future", "$.updated_at_epoch", f"{record.updated_at_epoch} is after {now}")
    elif now - record.updated_at_epoch > record.ttl_epochs:
        told = f"{now - record.updated_at_epoch} seconds with a TTL of {record.ttl_epochs}, read as seconds"
        yield Fault("oracle_record_expired", "$.updated_at_epoch", told)


def _provenance(record: OperatorRecord) -> Iterator[Fault]:
    """What provenance mode, which production runs in, asks for."""
    attestation = record.disjointness_attestation
    if not _is_hash(record.calibration_manifest_hash_hex or ""):
        yield Fault("oracle_record_field", "$.calibration_manifest_hash_hex", "64 hexadecimal digits belong here")
    if attestation is None:
        yield Fault("oracle_record_field", "$.disjointness_attestation", "provenance mode asks for one")
        return
    if attestation.statement_type != STATEMENT_TYPE:
        told = f"{attestation.statement_type!a} with {STATEMENT_TYPE}"
        yield Fault("oracle_record_field", "$.disjointness_attestation.statement_type", told)
    if not attestation.scope.strip():
        yield Fault("oracle_record_field", "$.disjointness_attestation.scope", "the scope is blank")
    if not _is_hash(attestation.proof_sha256_hex):
        told = "64 hexadecimal digits belong here"
        yield Fault("oracle_record_field", "$.disjointness_attestation.proof_sha256_hex", told)


def _record(fields: Fields) -> OperatorRecord:
    record = OperatorRecord(
        schema_version=fields.unsigned("schema_version", U32_MAX),
        ttl_epochs=fields.unsigned("ttl_epochs"),
        calibration_manifest_hash_hex=fields.maybe_text("calibration_manifest_hash_hex"),
        calibration_epoch=fields.maybe_unsigned("calibration_epoch"),
        disjointness_attestation=_attestation(fields),
        nonoverlap_proof_uri=fields.maybe_text("nonoverlap_proof_uri"),
        updated_at_epoch=fields.unsigned("updated_at_epoch"),
        key_id=fields.text("key_id"),
        signature_hex=fields.text("signature_ed25519"),
    )
    fields.close()
    return record


def _attestation(fields: Fields) -> Attestation | None:
    value = fields.maybe("disjointness_attestation")
    if value is None:
        return None
    inner = Fields(value, fields.place("disjointness_attestation"))
    found = Attestation(inner.text("statement_type"), inner.text("scope"), inner.text("proof_sha256_hex"))
    inner.close()
    return found


def _is_hash(text: str) -> bool:
    try:
        return len(hex_of(text, "$", HASH_BYTES)) == HASH_BYTES
    except FieldMalformed:
        return False


def _signature(record: OperatorRecord) -> bytes:
    try:
        return hex_of(record.signature_hex.lower(), "$")
    except FieldMalformed:
        return b""
