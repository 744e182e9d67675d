"""NullSpec contracts of a data directory: written into the store, made to count, made to count no more."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import urlencode

from django import forms
from django.urls import reverse

from console.evidenceos import registry
from console.forms.changes.targets import MONO, JudgedForm, OfTargetForm, choice_field
from governance.change.types.nullspec import MOST_CONTRACT
from governance.evidenceos.core.nullspec import read_contract
from governance.evidenceos.errors import EvidenceOSRefused
from governance.evidenceos.selectors.nullspecs import active_map, nullspecs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from console.forms.changes.base import Choice
    from governance.evidenceos.core.nullspec import Contract
    from governance.evidenceos.selectors.nullspecs import NullSpecView
    from governance.evidenceos.selectors.targets import TargetView
    from ledger.core.types import JSONObject

SHORT = 12


class NullspecInstallForm(JudgedForm):
    """The bytes come from the page on which a contract is authored, or from a file of upstream's tool."""

    kind: ClassVar[str] = "nullspec.install"
    hint: ClassVar[str] = "Write a contract into the store, and in production into the registry. It does not count yet."

    contract = forms.CharField(
        label="Contract", strip=True, max_length=4 * MOST_CONTRACT,
        widget=forms.Textarea(attrs={"rows": 8, **MONO}),
        help_text=(
            "Its JSON. Id and signature are left out: the author signs anew, with the native key, on submitting."
        ),
    )  # fmt: skip
    field_order = ("target", "contract", "lane", "epoch")

    def fill_from(self, one: TargetView) -> None:
        """The way to the page of authoring."""
        super().fill_from(one)
        address = f"{reverse('evidenceos-author')}?{urlencode({'target': one.slug})}"
        self.ways = (("Author a contract from buckets", address),)

    def clean_contract(self) -> str:
        """The text that the author signs; raises ValidationError."""
        try:
            found = read_contract(str(self.cleaned_data["contract"]).encode())
        except EvidenceOSRefused as error:
            raise forms.ValidationError(f"{error.path}: {error.why}. {error.next_step} Code: {error.code}.") from error
        return found.signing_payload().decode()


class NullspecActivateForm(JudgedForm):
    """Which contract counts, for the pair that it was made for."""

    kind: ClassVar[str] = "nullspec.activate"
    hint: ClassVar[str] = "Let a contract of the store count for its oracle and holdout. It counts at once."
    places: ClassVar[Mapping[str, str]] = {"oracle_id": "nullspec_id", "holdout_handle": "nullspec_id"}

    nullspec_id = choice_field("Contract", "It counts for the oracle and the holdout that it was made for.")
    field_order = ("target", "nullspec_id", "lane", "epoch")

    def fill_from(self, one: TargetView) -> None:
        """Offer what lies in the store and does not count."""
        super().fill_from(one)
        found = [row for row in nullspecs(one, self.reader.now) if not row.is_active and row.contract is not None]
        self._offered = {row.id_hex: row.contract for row in found if row.contract is not None}
        self.one_of("nullspec_id", map(_choice, found), "No contract waits in this store: install one first")

    def said(self) -> JSONObject:
        """The pair is the contract's."""
        held = super().said()
        contract = self._offered[str(held["nullspec_id"])]
        return {**held, "oracle_id": contract.oracle_id, "holdout_handle": contract.holdout_handle}

    _offered: Mapping[str, Contract]


class NullspecRetireForm(OfTargetForm):
    """No contract counts."""

    kind: ClassVar[str] = "nullspec.retire"
    hint: ClassVar[str] = "Let no contract count for an oracle and a holdout. In production their claims are refused."
    places: ClassVar[Mapping[str, str]] = {"oracle_id": "pair", "holdout_handle": "pair"}

    pair = choice_field("Oracle and holdout", "Those for which a contract counts now.")

    def fill_from(self, one: TargetView) -> None:
        """Offer the rows of the active map."""
        rows = active_map(one, self.reader.now)
        told = ((_pair(row.oracle_id, row.holdout_handle), _words(row.oracle_id, row.holdout_handle, row.id_hex))
                for row in rows)  # fmt: skip
        self.one_of("pair", told, "No contract counts here")

    def said(self) -> JSONObject:
        """The pair's two names."""
        oracle_id, holdout_handle = json.loads(self.cleaned_data["pair"])
        return {"target": self.cleaned_data["target"], "oracle_id": oracle_id, "holdout_handle": holdout_handle}

    @classmethod
    def initial_of(cls, body: JSONObject) -> dict[str, object]:
        """Back into one."""
        return {"target": body["target"], "pair": _pair(str(body["oracle_id"]), str(body["holdout_handle"]))}

    @classmethod
    def asked(cls, given: Mapping[str, str]) -> dict[str, object]:
        """By the two names."""
        named = {"pair": _pair(given.get("oracle_id", ""), given.get("holdout_handle", ""))}
        return {**super().asked(given), **(named if "oracle_id" in given else {})}


def _pair(oracle_id: str, holdout_handle: str) -> str:
    return json.dumps([oracle_id, holdout_handle])


def _words(oracle_id: str, holdout_handle: str, id_hex: str) -> str:
    return f"{oracle_id} on {holdout_handle}: {id_hex[:SHORT]}"


def _choice(row: NullSpecView) -> Choice:
    contract = row.contract
    assert contract is not None  # noqa: S101  (the caller asked) # nosec B101
    spans = f"epochs {contract.epoch_created} to {contract.last_epoch}"
    told = _words(contract.oracle_id, contract.holdout_handle, row.id_hex)
    return row.id_hex, f"{told}, {spans}, {registry.standing(row)[1]}"
