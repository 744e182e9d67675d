"""`oracle.register`, `.ttl` and `.calibration`: an oracle's operator record, signed natively by whoever executes.

Guarantees that approvers sign everything of the record but what the executor fixes (key, second and signature), that
the record on the disk is that one, in the object form that the daemon parses, and that it is newer than the one in
force: the daemon itself would take an older one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, cast

from governance.change.core.native import NATIVE_FIELD, declared, fixed_form
from governance.change.core.policy import Direction
from governance.change.errors import EffectRefused
from governance.change.types.base import Applying
from governance.change.types.native_settings import made_members, signed_event, signer_label, trusting
from governance.change.types.nullspec import check_declared
from governance.change.types.targets import (
    MAYBE_U64,
    NAME,
    SLUG,
    OfTarget,
    broken,
    directory_of,
    event_step,
    second_of,
    target_of,
    u64,
)
from governance.evidenceos.core import preflight
from governance.evidenceos.core.directory import OPERATOR_CONFIG
from governance.evidenceos.core.events import GovernanceEvent
from governance.evidenceos.core.operator import (
    STATEMENT_TYPE,
    Attestation,
    OperatorRecord,
    record_faults,
    write_operator_config,
)
from governance.evidenceos.core.preflight import Check, unread
from governance.evidenceos.core.steps import written
from governance.evidenceos.files.snapshot import Snapshot
from governance.evidenceos.models import Effective
from ledger.core.fields import Schema, closed, hex_hash, nullable, text
from ledger.core.json_faults import path_of
from ledger.core.types import JSONObject

if TYPE_CHECKING:
    from governance.change.core.native import NativeMade
    from governance.change.types.native import NativeSigner

UNSIGNED_CODES = frozenset({"oracle_key_unknown", "oracle_signature_wrong"})
"""What cannot be asked of a record before its executor has signed."""


class _OfRecord(OfTarget):
    """A kind that writes one oracle's record."""

    effective = Effective.RELOAD
    event_type = "oracle_ttl_set"
    renews = False
    """Whether it may sign anew what is in force: only the second from which a record holds is another then."""

    def document(self, body: JSONObject) -> str:
        """One document per oracle."""
        return f"oracles/{body['oracle_id']}"

    def base(self, body: JSONObject, *, lock: bool) -> JSONObject:
        """What the record says, without what an executor fixes."""
        record = directory_of(body, lock=lock).directory.records.get(str(body["oracle_id"]))
        return {"record": None if record is None else stated(record)}

    def wanted(self, base: JSONObject, body: JSONObject) -> JSONObject:
        """What the record is to say. Pure; raises EffectRefused."""
        raise NotImplementedError

    def result(self, base: JSONObject, body: JSONObject) -> JSONObject:
        """The same; raises EffectRefused where it says so already, or other artefacts are declared."""
        told = self.wanted(base, body)
        if told == base["record"] and not self.renews:
            raise EffectRefused("The record says this already", path="$.oracle_id")
        check_declared(body, self._declared(told, body))
        return {"record": told}

    def invalidates(self, base: JSONObject, body: JSONObject) -> list[str]:
        """The contracts whose resolution hash breaks."""
        found, name = directory_of(body).directory, str(body["oracle_id"])
        record = record_of(self.wanted(base, body))
        return [*broken(found, {**found.records, name: record}), *super().invalidates(base, body)]

    def checks(self, found: Snapshot, body: JSONObject) -> list[Check]:
        """The record but for its signature, and every other record of the file."""
        name = str(body["oracle_id"])
        before = found.directory.records.get(name)
        record = record_of(self.wanted({"record": None if before is None else stated(before)}, body))
        faults = [one for one in record_faults(name, record, {}) if one.code not in UNSIGNED_CODES]
        others = preflight.operator_record(found.directory, name, record, 0)
        return [
            records_whole(found, name), trusting(found.directory), Check("record", tuple(faults)),
            *(one for one in others if one.name == "others"),
        ]  # fmt: skip

    def payloads(self, base: JSONObject, body: JSONObject, *, signer: NativeSigner | None, at: int) -> list[bytes]:
        """The record's text and that of upstream's event; raises EffectRefused where the signer is not trusted."""
        label = "" if signer is None else signer_label(directory_of(body).directory, signer.public)
        return self._payloads(self.wanted(base, body), body, label, at, whole=signer is not None)

    def check_native(
        self, base: JSONObject, body: JSONObject, made: Sequence[NativeMade], *, signer: NativeSigner, at: int
    ) -> None:
        """The whole file verifies with the new record, which is newer than the one in force."""
        del base
        found, name = directory_of(body, is_fresh=True).directory, str(body["oracle_id"])
        signer_label(found, signer.public)
        self._refuse(body, preflight.operator_record(found, name, signed_record(made[0]), at))

    def apply(self, base: JSONObject, body: JSONObject, *, context: Applying) -> None:
        """Upstream's line, then the file with all of its records."""
        made, event = context.native
        found, name = directory_of(body, is_fresh=True), str(body["oracle_id"])
        record = signed_record(made)
        self._refuse(body, preflight.operator_record(found.directory, name, record, second_of(context)))
        records = {**found.directory.records, name: record}
        steps = [
            event_step(found, signed_event(event), context, name),
            written(found.files, OPERATOR_CONFIG, write_operator_config(records), name),
        ]
        self.write(body, steps, context)

    def event_payload(self, told: JSONObject, body: JSONObject) -> JSONObject:
        """What upstream's event says."""
        return {"oracle_id": str(body["oracle_id"]), "ttl_epochs": int(str(told["ttl_epochs"]))}

    def _payloads(self, told: JSONObject, body: JSONObject, label: str, at: int, *, whole: bool) -> list[bytes]:

        record = replace(record_of(told), key_id=label, updated_at_epoch=at)
        event = GovernanceEvent(self.event_type, at, label, self.event_payload(told, body))
        rows = [("oracle_record", record.payload(str(body["oracle_id"]))), ("governance_event", event.message())]
        return [data if whole else fixed_form(kind, data) for kind, data in rows]

    def _declared(self, told: JSONObject, body: JSONObject) -> list[JSONObject]:
        record, event = self._payloads(told, body, "", 0, whole=True)
        return [declared("oracle_record", "executor", record), declared("governance_event", "executor", event)]

    def _refuse(self, body: JSONObject, checks: list[Check]) -> None:
        """Only in provenance mode, which production runs in, the daemon reads a TTL as seconds."""
        ignored = set() if target_of(body).is_production else {"oracle_record_expired"}
        bad = [one for check in checks if check.outcome == "failed" for one in check.faults if one.code not in ignored]
        if bad:
            told = "; ".join(f"{one.code}: {one.message}" for one in bad)
            raise EffectRefused("The record does not hold", why=told[:500], path="$.oracle_id")


class OracleRegister(_OfRecord):
    """The first record of an oracle, or one that says everything anew."""

    name = "oracle.register"
    words = "Register an oracle"
    schema: Schema = {
        "target": SLUG, "oracle_id": NAME, "ttl_epochs": u64, "calibration_manifest_hash": hex_hash,
        "calibration_epoch": MAYBE_U64, "attestation": closed({"scope": text(500), "proof_sha256": hex_hash}),
        "nonoverlap_proof_uri": nullable(text(1_000)), "native": NATIVE_FIELD,
    }  # fmt: skip

    def wanted(self, base: JSONObject, body: JSONObject) -> JSONObject:
        """All of the body."""
        del base
        attested = cast("JSONObject", body["attestation"])
        return {
            "ttl_epochs": body["ttl_epochs"], "calibration_manifest_hash": body["calibration_manifest_hash"],
            "calibration_epoch": body["calibration_epoch"],
            "attestation": {**attested, "statement_type": STATEMENT_TYPE},
            "nonoverlap_proof_uri": body["nonoverlap_proof_uri"],
        }  # fmt: skip

    def direction(self, base: JSONObject, result: JSONObject) -> Direction:
        """Claims may be made of it."""
        return Direction.LOOSENS


class OracleTTL(_OfRecord):
    """In epochs; in production the daemon reads it as seconds since the record was signed, too: a record with the same
    TTL, signed again, is its renewal.
    """

    name = "oracle.ttl"
    renews = True
    words = "Set how long an oracle's record holds"
    schema: Schema = {"target": SLUG, "oracle_id": NAME, "ttl_epochs": u64, "native": NATIVE_FIELD}
    numbers: ClassVar[frozenset[str]] = frozenset({"record.ttl_epochs"})

    def wanted(self, base: JSONObject, body: JSONObject) -> JSONObject:
        """The record with another TTL."""
        return {**_known(base), "ttl_epochs": body["ttl_epochs"]}

    def direction(self, base: JSONObject, result: JSONObject) -> Direction:
        """Longer loosens, and so does a renewal: the record holds for longer than it would."""
        before, after = (int(str(cast("JSONObject", one["record"])["ttl_epochs"])) for one in (base, result))
        return Direction.TIGHTENS if after < before else Direction.LOOSENS

    def invalidates(self, base: JSONObject, body: JSONObject) -> list[str]:
        """The contracts whose resolution hash breaks: none by a renewal."""
        again = ["The record is signed anew as it is: in production it holds for its TTL from then on."]
        return [*(again if self.wanted(base, body) == base["record"] else ()), *super().invalidates(base, body)]

    def way_back(self, base: JSONObject, body: JSONObject) -> JSONObject | None:
        """The TTL of before, signed anew; None for a renewal, which takes nothing away."""
        if self.wanted(base, body) == base["record"]:
            return None
        told: JSONObject = {**body, "ttl_epochs": _known(base)["ttl_epochs"]}
        wanted = {**_known(base)}
        return {"type": self.name, "body": {**told, "native": [*self._declared(wanted, told)]}}


class OracleCalibration(_OfRecord):
    """`calibration_epoch` is a unix second, as upstream writes it; the daemon signs it and reads it nowhere."""

    name = "oracle.calibration"
    words = "Rotate an oracle's calibration"
    event_type = "oracle_calibration_rotated"
    schema: Schema = {
        "target": SLUG, "oracle_id": NAME, "calibration_manifest_hash": hex_hash, "calibration_epoch": MAYBE_U64,
        "native": NATIVE_FIELD,
    }  # fmt: skip

    def wanted(self, base: JSONObject, body: JSONObject) -> JSONObject:
        """The record with another calibration."""
        names = ("calibration_manifest_hash", "calibration_epoch")
        return {**_known(base), **{name: body[name] for name in names}}

    def direction(self, base: JSONObject, result: JSONObject) -> Direction:
        """Neither more nor less."""
        return Direction.NEUTRAL

    def event_payload(self, told: JSONObject, body: JSONObject) -> JSONObject:
        """What upstream's event says."""
        return {"oracle_id": str(body["oracle_id"]), "calibration_hash": str(told["calibration_manifest_hash"])}

    def way_back(self, base: JSONObject, body: JSONObject) -> JSONObject | None:
        """The calibration of before, signed anew; None where the record had none."""
        before = _known(base)
        if before["calibration_manifest_hash"] is None:
            return None
        names = ("calibration_manifest_hash", "calibration_epoch")
        told: JSONObject = {**body, **{name: before[name] for name in names}}
        return {"type": self.name, "body": {**told, "native": [*self._declared({**before}, told)]}}


def records_whole(found: Snapshot, oracle_id: str) -> Check:
    """Whether every other record of the file was read; one that evidenceosctl wrote as text is replaced by its own."""
    own = f"{OPERATOR_CONFIG} $.oracles{path_of([oracle_id]).removeprefix('$')}"
    others = [one for one in unread(found.directory, OPERATOR_CONFIG) if not f"{one.path}.".startswith(f"{own}.")]
    return Check("readable", tuple(others))


def stated(record: OperatorRecord) -> JSONObject:
    """What a record says, without key, second and signature; 64-bit numbers as text."""
    attested, epoch = record.disjointness_attestation, record.calibration_epoch
    return {
        "ttl_epochs": str(record.ttl_epochs), "calibration_manifest_hash": record.calibration_manifest_hash_hex,
        "calibration_epoch": None if epoch is None else str(epoch),
        "attestation": None if attested is None else {
            "statement_type": attested.statement_type, "scope": attested.scope,
            "proof_sha256": attested.proof_sha256_hex,
        },
        "nonoverlap_proof_uri": record.nonoverlap_proof_uri,
    }  # fmt: skip


def record_of(told: JSONObject) -> OperatorRecord:
    """The record that says this, unsigned."""
    attested, epoch = cast("JSONObject | None", told["attestation"]), told["calibration_epoch"]
    calibration, uri = told["calibration_manifest_hash"], told["nonoverlap_proof_uri"]
    return OperatorRecord(
        ttl_epochs=int(str(told["ttl_epochs"])), updated_at_epoch=0, key_id="",
        calibration_manifest_hash_hex=None if calibration is None else str(calibration),
        calibration_epoch=None if epoch is None else int(str(epoch)),
        disjointness_attestation=None if attested is None else Attestation(
            str(attested["statement_type"]), str(attested["scope"]), str(attested["proof_sha256"])
        ),
        nonoverlap_proof_uri=None if uri is None else str(uri),
    )  # fmt: skip


def signed_record(made: NativeMade) -> OperatorRecord:
    """The record that was signed, from its own text."""
    fields = made_members(made)
    attested, uri = fields["disjointness_attestation"], fields["nonoverlap_proof_uri"]
    calibration = str(fields["calibration_manifest_hash_hex"])
    inner = cast("JSONObject", attested)
    return OperatorRecord(
        ttl_epochs=cast("int", fields["ttl_epochs"]), updated_at_epoch=cast("int", fields["updated_at_epoch"]),
        key_id=str(fields["key_id"]), calibration_manifest_hash_hex=calibration or None,
        calibration_epoch=cast("int | None", fields["calibration_epoch"]),
        disjointness_attestation=None if attested is None else Attestation(
            str(inner["statement_type"]), str(inner["scope"]), str(inner["proof_sha256_hex"])
        ),
        nonoverlap_proof_uri=None if uri is None else str(uri), signature_hex=made.signature.hex(),
    )  # fmt: skip


def _known(base: JSONObject) -> JSONObject:
    record = cast("JSONObject | None", base["record"])
    if record is None:
        raise EffectRefused("There is no record of this oracle", path="$.oracle_id", next_step="Register it first.")
    return record
