"""The forced epoch of a data directory, its canaries, and the keys that its daemon trusts and signs with."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar, cast

from django import forms
from django.urls import reverse

from console import words
from console.forms.changes.targets import FIRST, MONO, OfTargetForm, choice_field
from console.forms.evidenceos import HexField, WholeField
from governance.evidenceos.core.canary import stream_key
from governance.evidenceos.core.floats import U64_MAX, serde_float
from governance.evidenceos.selectors.canaries import canaries
from governance.evidenceos.selectors.settings_of import epoch, log_keys, trusted_keys

if TYPE_CHECKING:
    from collections.abc import Mapping

    from governance.evidenceos.selectors.canaries import CanaryView
    from governance.evidenceos.selectors.targets import TargetView
    from ledger.core.types import JSONObject

_KEY = re.compile(r"(\S.*?)\s+([0-9a-fA-F]{64})")
_MOST_REASON = 60


class EpochAdvanceForm(OfTargetForm):
    """To the next epoch."""

    kind: ClassVar[str] = "epoch.advance"
    hint: ClassVar[str] = "Force the next epoch for every claim. What lapses by it is told before anybody signs."

    to = choice_field("To epoch", "An advance goes to the next epoch; every other step is forced out of turn.")

    def fill_from(self, one: TargetView) -> None:
        """Offer the one that comes next."""
        forced = epoch(one, self.reader.now).forced
        irregular = f"{reverse('change-new-kind', args=('epoch.irregular',))}?target={one.slug}"
        self.ways = (("Force another epoch", irregular),)
        if forced is None or forced >= U64_MAX:
            self.offer("to", [], "No epoch is forced here: the first is forced out of turn")
            return
        self.offer("to", [(str(forced + 1), f"{forced + 1} (now {forced})")], "Choose an epoch")
        self.initial.setdefault("to", str(forced + 1))


class EpochIrregularForm(OfTargetForm):
    """The first, a leap, or back."""

    kind: ClassVar[str] = "epoch.irregular"
    hint: ClassVar[str] = (
        "Force an epoch out of turn: the first, a leap, or an earlier one. What lapsed may hold again."
    )

    to = WholeField("To epoch", "Any but the next: an advance goes there.")

    def fill_from(self, one: TargetView) -> None:
        """Say what is in force."""
        forced = epoch(one, self.reader.now).forced
        told = "None is forced now: each claim counts its own." if forced is None else f"Epoch {forced} is forced now."
        self.fields["to"].help_text = f"{told} Any but the next: an advance goes there."


class CanaryResetForm(OfTargetForm):
    """After an incident."""

    kind: ClassVar[str] = "canary.reset"
    hint: ClassVar[str] = "Let a canary begin anew. It takes an open incident, and the daemon stopped."
    places: ClassVar[Mapping[str, str]] = {"claim_name": "stream", "holdout": "stream"}

    stream = choice_field("Canary", "What it has learned is gone afterwards; its configuration and barrier stay.")
    incident = forms.ChoiceField(label="Incident", choices=[("", FIRST)], help_text="The open one that it belongs to.")

    def fill_from(self, one: TargetView) -> None:
        """Offer the streams, frozen ones first, and the open incidents."""
        found = sorted(canaries(one, self.reader.now), key=lambda row: (row.state != "frozen", row.key))
        self.one_of("stream", ((row.key, _canary(row)) for row in found), "No claim has begun a canary here")
        self.ways = (("Open an incident", f"{reverse('incidents')}?kind=canary%20drift#open"),)
        theirs = (row for row in self.reader.incidents() if row.tenant in {None, one.tenant})
        rows = ((row.id, f"{row.kind}: {row.reason[:_MOST_REASON]} ({words.moment(row.opened)})") for row in theirs)
        self.one_of("incident", rows, "No incident is open: open one first")

    def said(self) -> JSONObject:
        """The stream's two names."""
        held = super().said()
        claim, _, holdout = str(held.pop("stream")).partition("::")
        return {**held, "claim_name": claim, "holdout": holdout}

    @classmethod
    def initial_of(cls, body: JSONObject) -> dict[str, object]:
        """Back into one."""
        named = stream_key(str(body["claim_name"]), str(body["holdout"]))
        return {"target": body["target"], "stream": named, "incident": body["incident"]}

    @classmethod
    def asked(cls, given: Mapping[str, str]) -> dict[str, object]:
        """By the two names."""
        named = {"stream": stream_key(given.get("claim_name", ""), given.get("holdout", ""))}
        return {**super().asked(given), **(named if "claim_name" in given else {})}


class OracleKeysForm(OfTargetForm):
    """Whose signatures count."""

    kind: ClassVar[str] = "oracle_keys.set"
    hint: ClassVar[str] = "Say whose signatures count for records and epochs. What is in force must verify afterwards."

    keys = forms.CharField(
        label="Trusted keys", required=False, widget=forms.Textarea(attrs={"rows": 5, **MONO}),
        help_text="All of them, one a line: its label, a space, and the public key in 64 hexadecimal digits.",
    )  # fmt: skip

    def fill_from(self, one: TargetView) -> None:
        """Begin with those in force."""
        if not self.is_bound and "keys" not in self.initial:
            found = (row for row in trusted_keys(one, self.reader.now) if row.use == "operator")
            self.initial["keys"] = "\n".join(f"{row.label} {row.public_hex}" for row in found)

    def clean_keys(self) -> list[dict[str, str]]:
        """Labels and keys; raises ValidationError."""
        lines = [line.strip() for line in str(self.cleaned_data["keys"]).splitlines() if line.strip()]
        found = [_KEY.fullmatch(line) for line in lines]
        bad = next((n for n, one in enumerate(found, start=1) if one is None), None)
        if bad is not None:
            raise forms.ValidationError(f"Line {bad} is no label with a key of 64 hexadecimal digits.")
        return [{"label": one[1], "public": one[2].lower()} for one in found if one]

    def said(self) -> JSONObject:
        """Keys as a list."""
        held: dict[str, Any] = self.cleaned_data
        return {"target": held["target"], "keys": held["keys"]}

    @classmethod
    def initial_of(cls, body: JSONObject) -> dict[str, object]:
        """One a line."""
        rows = cast("list[dict[str, str]]", body["keys"])
        return {"target": body["target"], "keys": "\n".join(f"{row['label']} {row['public']}" for row in rows)}

    @classmethod
    def anew(cls, given: Mapping[str, str]) -> dict[str, object]:
        """Another directory trusts other keys."""
        return {name: value for name, value in super().anew(given).items() if name != "keys"}


class EtlKeyForm(OfTargetForm):
    """The daemon's own key."""

    kind: ClassVar[str] = "etl_key.rotate"
    hint: ClassVar[str] = "Name another key of the daemon's log. Its seed is made offline and never comes here."

    public = HexField("Public key", "64 hexadecimal digits.", required=True)

    def fill_from(self, one: TargetView) -> None:
        """Say which keys lie there."""
        found = log_keys(one, self.reader.now)
        known = words.listed([key[:12] for key in found.known[:4]]) or "none"
        self.fields["public"].help_text = (
            "64 hexadecimal digits. Its seed has to lie in the directory already, as keys/ID.key with rights 0600, "
            f"the id being the SHA-256 of the public key. There now: {known}."
        )


def _canary(row: CanaryView) -> str:
    value, barrier = serde_float(row.canary.e_drift), serde_float(row.canary.barrier)
    return f"{row.claim_name} on {row.holdout}: {row.state}, e-value {value} of {barrier}"
