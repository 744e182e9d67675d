"""Oracles of a data directory: a first record, how long it holds, and by which calibration."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from console import words
from console.forms.changes.targets import OfTargetForm, choice_field, text_field
from console.forms.evidenceos import HexField, WholeField
from governance.evidenceos.selectors.nullspecs import nullspecs
from governance.evidenceos.selectors.settings_of import oracles

if TYPE_CHECKING:
    from collections.abc import Mapping

    from governance.evidenceos.selectors.settings_of import OracleView
    from governance.evidenceos.selectors.targets import TargetView
    from ledger.core.types import JSONObject

SHORT = 12
_TTL = "In epochs at freeze. In production the daemon also reads it as seconds since the record was signed."
_MANIFEST = "SHA-256 of the manifest's exact bytes, 64 hexadecimal digits."
_SECOND = "A unix second, as upstream writes it; the daemon reads it nowhere. Empty: none."
_NONE = "No oracle has a record here: register one first"


class OracleRegisterForm(OfTargetForm):
    """A first record, or one that says everything anew."""

    kind: ClassVar[str] = "oracle.register"
    hint: ClassVar[str] = "Enter an oracle: how long its record holds, its calibration, and what attests its data."
    places: ClassVar[Mapping[str, str]] = {"attestation": "proof_sha256"}

    oracle_id = text_field("Oracle", "Its id, which contracts and claims name.")
    ttl_epochs = WholeField("TTL", _TTL)
    calibration_manifest_hash = HexField("Hash of the calibration manifest", _MANIFEST, required=True)
    calibration_epoch = WholeField("Second of the calibration", _SECOND, required=False)
    scope = text_field("What the attestation covers", "As the proof of disjointness says it.", most=500)
    proof_sha256 = HexField("Hash of the proof of disjointness", "SHA-256 of its exact bytes.", required=True)
    nonoverlap_proof_uri = text_field("Where the proof lies", "An address. Empty: none.", most=1_000, required=False)

    def fill_from(self, one: TargetView) -> None:
        """Say which names are taken, and which are waited for."""
        known = {row.oracle_id for row in oracles(one, self.reader.now)}
        named = {row.contract.oracle_id for row in nullspecs(one, self.reader.now) if row.contract is not None}
        told = "Its id, which contracts and claims name."
        if missing := sorted(named - known):
            told += f" Contracts here name {words.listed(missing[:3])}, without a record."
        if known:
            told += f" The record of {words.listed(sorted(known)[:3])} would be written anew."
        self.fields["oracle_id"].help_text = told

    def said(self) -> JSONObject:
        """Scope and proof are one object."""
        held = super().said()
        attestation: JSONObject = {name: held.pop(name) for name in ("scope", "proof_sha256")}
        return {**held, "attestation": attestation}

    @classmethod
    def initial_of(cls, body: JSONObject) -> dict[str, object]:
        """Back into the form's own names."""
        held = super().initial_of(body)
        return {**held, **cast("dict[str, object]", held.pop("attestation"))}


class _OfOracleForm(OfTargetForm):
    """Of an oracle that has a record."""

    oracle_id = choice_field("Oracle")

    def fill_from(self, one: TargetView) -> None:
        """Offer the oracles that have a record, each with what it says now."""
        self._known = {row.oracle_id: row for row in oracles(one, self.reader.now)}
        self.one_of("oracle_id", ((name, self.told(row)) for name, row in self._known.items()), _NONE)

    def told(self, row: OracleView) -> str:
        """An oracle with what its record says now."""
        raise NotImplementedError

    @property
    def record(self) -> OracleView | None:
        """The oracle that the form begins with."""
        return self._known.get(str(self.initial.get("oracle_id", "")))

    _known: Mapping[str, OracleView]


class OracleTtlForm(_OfOracleForm):
    """How long a record holds; the same again renews it."""

    kind: ClassVar[str] = "oracle.ttl"
    hint: ClassVar[str] = "Sign an oracle's record anew: with the same TTL it is renewed, with another contracts break."

    ttl_epochs = WholeField("TTL", f"{_TTL} The same again renews the record.")

    def fill_from(self, one: TargetView) -> None:
        """Begin with what is in force, which renews it."""
        super().fill_from(one)
        if not self.is_bound and self.record is not None and not self.initial.get("ttl_epochs"):
            self.initial["ttl_epochs"] = str(self.record.record.ttl_epochs)

    def told(self, row: OracleView) -> str:
        """With its TTL."""
        return f"{row.oracle_id}: TTL {row.record.ttl_epochs}"


class OracleCalibrationForm(_OfOracleForm):
    """Another calibration."""

    kind: ClassVar[str] = "oracle.calibration"
    hint: ClassVar[str] = "Name another calibration of an oracle. Contracts that are bound to the one in force break."

    calibration_manifest_hash = HexField("Hash of the new calibration manifest", _MANIFEST, required=True)
    calibration_epoch = WholeField("Second of the calibration", _SECOND, required=False)

    def told(self, row: OracleView) -> str:
        """With its calibration."""
        return f"{row.oracle_id}: {(row.record.calibration_manifest_hash_hex or 'no calibration')[:SHORT]}"
