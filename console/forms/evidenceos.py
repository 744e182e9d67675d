"""A NullSpec contract as a form: what it is for, its null, its e-process, what it is bound to, and how long it holds.

Integers are text fields: a browser's number field may round what lies beyond 2^53.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, cast

from django import forms

from console.evidenceos.authoring import Rate
from governance.evidenceos.core.buckets import CalibrationBuckets
from governance.evidenceos.core.counted import MOST_BUCKETS, read_sequence, read_typed
from governance.evidenceos.core.expected import DEFAULT_TTL
from governance.evidenceos.core.floats import U64_MAX, rounded, serde_float
from governance.evidenceos.core.nullspec import (
    Contract,
    Dirichlet,
    DiscreteBuckets,
    FixedAlternative,
    ParametricBernoulli,
)
from governance.evidenceos.core.renewing import are_unequal, words_of
from governance.evidenceos.core.resolution import DELTA_SIGMA, NO_CALIBRATION, Lane, Resolution
from governance.evidenceos.core.samples import Sample
from governance.evidenceos.errors import EvidenceOSRefused
from ledger.core.types import HASH_BYTES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from governance.evidenceos.core.nullspec import EProcess, Kind
    from governance.evidenceos.core.operator import OperatorRecord

_BETWEEN = re.compile(r"[\s,;]+")
BUCKETS, BERNOULLI = "buckets", "bernoulli"
STATED: Final = "stated"
MOST_STEPS: Final = 1_000
MOST_SEQUENCES: Final = 6
_PLAIN = {"spellcheck": "false", "autocomplete": "off"}
_MONO = {**_PLAIN, "class": "mono"}


class WholeField(forms.IntegerField):
    """An integer from 0 to 2^64-1, typed as text."""

    def __init__(self, label: str, help_text: str = "", **kwargs: Any) -> None:
        """A field of a contract."""
        widget = forms.TextInput(attrs={**_PLAIN, "inputmode": "numeric"})
        super().__init__(label=label, help_text=help_text, min_value=0, max_value=U64_MAX, widget=widget, **kwargs)


class ChanceField(forms.FloatField):
    """A double above 0, kept in the 15 digits that the daemon reads back."""

    def __init__(self, label: str, help_text: str = "", **kwargs: Any) -> None:
        """A field of the null or the e-process."""
        widget = forms.TextInput(attrs={**_PLAIN, "inputmode": "decimal"})
        super().__init__(label=label, help_text=help_text, required=False, widget=widget, **kwargs)

    def clean(self, value: Any) -> float | None:
        """The number, rounded; raises ValidationError."""
        found = super().clean(value)
        if found is not None and not 0 < found < float("inf"):
            raise forms.ValidationError("A number above 0 belongs here.")
        return None if found is None else rounded(found)


class HexField(forms.CharField):
    """Bytes in hexadecimal digits, `length` of them."""

    def __init__(self, label: str, help_text: str = "", *, length: int = HASH_BYTES, required: bool = False) -> None:
        """A field that may stay empty, unless it is required."""
        super().__init__(label=label, help_text=help_text, required=required, max_length=4 * length,
                         widget=forms.TextInput(attrs=_MONO))  # fmt: skip
        self.length = length

    def clean(self, value: Any) -> str:
        """Lower-case digits, or nothing; raises ValidationError."""
        text = str(super().clean(value) or "").strip().lower()
        try:
            is_whole = len(bytes.fromhex(text)) == self.length
        except ValueError:
            is_whole = False
        if text and not is_whole:
            raise forms.ValidationError(f"{2 * self.length} hexadecimal digits belong here.")
        return text


class AuthorForm(forms.Form):
    """A contract of either pair of kind and e-process."""

    use_required_attribute = False

    oracle_id = forms.CharField(label="Oracle", max_length=200, widget=forms.TextInput(attrs=_PLAIN),
                                help_text="Its id, which is also the name of its folder in the registry.")  # fmt: skip
    holdout_handle = forms.CharField(label="Holdout", max_length=200, widget=forms.TextInput(attrs=_PLAIN))
    family = forms.ChoiceField(
        label="Null", initial=BUCKETS, widget=forms.RadioSelect,
        choices=[(BUCKETS, "Buckets from a calibration, against a Dirichlet mixture"),
                 (BERNOULLI, "One chance (Bernoulli), against a fixed alternative")],
    )  # fmt: skip
    counts = forms.CharField(
        label="Counts of the calibration", required=False, max_length=24_000,
        widget=forms.Textarea(attrs={"rows": 4, **_MONO}),
        help_text="One number for each bucket, from bucket 0 on. Each chance is (count + 1) / (sum of count + 1).",
    )  # fmt: skip
    chances = forms.CharField(
        label="Or the chances themselves", required=False, max_length=24_000,
        widget=forms.Textarea(attrs={"rows": 3, **_MONO}),
        help_text="Where there are no counts, as in a renewal under the same null. They have to sum to 1.",
    )  # fmt: skip
    alpha = ChanceField("Weight of each bucket (alpha)", "1 takes every alternative for as likely as any other.")
    weights_before = forms.CharField(required=False, max_length=24_000, widget=forms.HiddenInput)
    p = ChanceField("Chance of bucket 1 under the null",
                    "Left empty, it follows from two counts, smoothed as for buckets.")  # fmt: skip
    alternative = ChanceField("Chance of bucket 1 under the alternative")
    resolution = forms.ChoiceField(
        label="Resolution", initial=Lane.FAST.value, widget=forms.RadioSelect,
        choices=[(Lane.FAST.value, "The resolution of the fast lane, computed here"),
                 (Lane.HEAVY.value, "The resolution of the heavy lane, computed here"),
                 (STATED, "A resolution hash that somebody told me")],
    )  # fmt: skip
    oracle_ttl = WholeField("TTL of the oracle in epochs", "An oracle without a record has 1.", initial=DEFAULT_TTL,
                            required=False)  # fmt: skip
    resolution_hash = HexField("Resolution hash")
    calibration = HexField("Hash of the calibration manifest", "Left empty, the contract names none.")
    epoch_created = WholeField("Epoch of its making", "Logical epochs, not seconds.")
    ttl_epochs = WholeField("Holds for epochs", "It lapses after the epoch of its making plus this many.")
    epoch_now = WholeField("Present epoch", required=False)
    epoch_seconds = forms.IntegerField(
        label="Seconds an epoch", required=False, min_value=1, max_value=10**9,
        widget=forms.TextInput(attrs={**_PLAIN, "inputmode": "numeric"}),
    )  # fmt: skip
    created_by = forms.CharField(label="Author's key", max_length=200, widget=forms.TextInput(attrs=_PLAIN),
                                 help_text="Its name in the keyring of the target.")  # fmt: skip
    sequences = forms.CharField(
        label="Sequences to try", required=False, max_length=24_000, widget=forms.Textarea(attrs={"rows": 3, **_MONO}),
        help_text=f"One a line, buckets parted by spaces, up to {MOST_SEQUENCES}. Else the usual ones are shown.",
    )  # fmt: skip

    target = forms.ChoiceField(label="Data directory", required=False)
    reason = forms.CharField(
        label="Reason", required=False, max_length=4_000, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="It is signed with the change and stays in the record. Name no personal data.",
    )  # fmt: skip

    def __init__(self, *args: Any, offered: Sequence[tuple[str, str]] = (), **kwargs: Any) -> None:
        """`offered` are the slugs and words of the directories that exist for the reader."""
        super().__init__(*args, **kwargs)
        cast("forms.ChoiceField", self.fields["target"]).choices = [("", "Choose a directory"), *offered]

    def clean_counts(self) -> tuple[int, ...]:
        """The counts; raises ValidationError."""
        text = str(self.cleaned_data["counts"])
        return _read(lambda: read_typed(text)) if text.strip() else ()

    def clean_chances(self) -> tuple[float, ...]:
        """Doubles of up to 15 digits; raises ValidationError."""
        try:
            found = [float(one) for one in _BETWEEN.split(str(self.cleaned_data["chances"]).strip()) if one]
        except ValueError:
            raise forms.ValidationError("Numbers belong here, parted by spaces or commas.") from None
        if len(found) > MOST_BUCKETS or not all(0 < one < 1 for one in found):
            raise forms.ValidationError(f"Up to {MOST_BUCKETS} numbers between 0 and 1 belong here.")
        return tuple(rounded(one) for one in found)

    def clean_sequences(self) -> tuple[Sample, ...]:
        """The reader's own sequences; raises ValidationError."""
        lines = [line for line in str(self.cleaned_data["sequences"]).splitlines() if line.strip()]
        if len(lines) > MOST_SEQUENCES:
            raise forms.ValidationError(f"Up to {MOST_SEQUENCES} sequences are shown.")
        found = [_read(lambda text=line, n=n: read_sequence(text, f"line {n}")) for n, line in enumerate(lines, 1)]
        if any(len(one) > MOST_STEPS for one in found):
            raise forms.ValidationError(f"A sequence has up to {MOST_STEPS:,} steps.")
        return tuple(Sample(f"sequence {n}", one) for n, one in enumerate(found, 1))

    def clean(self) -> dict[str, Any]:
        """What the chosen family and resolution need."""
        cleaned = super().clean() or {}
        for name in needs(cleaned):
            if cleaned.get(name) in (None, "", ()) and name not in self.errors:
                self.add_error(name, "This is needed here.")
        if cleaned.get("family") == BERNOULLI and (cleaned.get("p") or 0) >= 1:
            self.add_error("p", "A chance below 1 belongs here.")
        if cleaned.get("family") == BERNOULLI and (cleaned.get("alternative") or 0) >= 1:
            self.add_error("alternative", "A chance below 1 belongs here.")
        return cleaned

    @property
    def lacking(self) -> list[str]:
        """Labels of the fields that are empty or wrong, in the order of the form."""
        return [str(field.label) for name, field in self.fields.items() if name in self.errors]

    @property
    def rate(self) -> Rate | None:
        """How fast epochs pass, where both numbers are given."""
        now, seconds = self.cleaned_data.get("epoch_now"), self.cleaned_data.get("epoch_seconds")
        return Rate(now, seconds) if now is not None and seconds else None

    @property
    def null(self) -> tuple[Kind, EProcess] | None:
        """Kind and e-process, as soon as their own fields hold."""
        return null_of(self.cleaned_data)

    @property
    def contract(self) -> Contract | None:
        """The contract as far as it is said, empty where nothing is said yet; None while there is no null."""
        null, told = self.null, self.cleaned_data
        if null is None:
            return None
        calibration = bytes.fromhex(told.get("calibration") or "") or None
        return Contract(
            oracle_id=told.get("oracle_id") or "",
            oracle_resolution_hash=resolution_of(told, _symbols(null)),
            holdout_handle=told.get("holdout_handle") or "",
            epoch_created=told.get("epoch_created") or 0,
            ttl_epochs=told.get("ttl_epochs") or 0,
            kind=null[0],
            eprocess=null[1],
            calibration_manifest_hash=calibration,
            created_by=told.get("created_by") or "",
        )


def needs(told: dict[str, Any]) -> tuple[str, ...]:
    """Names of the fields that the chosen family and resolution need besides those that every contract has."""
    p = () if len(told.get("counts") or ()) == 2 else ("p",)
    null = () if told.get("chances") else ("counts",)
    family = (*null, "alpha") if told.get("family") != BERNOULLI else (*p, "alternative")
    return (*family, "resolution_hash") if told.get("resolution") == STATED else (*family, "oracle_ttl")


def null_of(told: dict[str, Any]) -> tuple[Kind, EProcess] | None:
    """Kind and e-process of what is told; None while a number is missing."""
    counts: tuple[int, ...] = told.get("counts") or ()
    buckets = CalibrationBuckets(counts, None, 0)
    if told.get("family") != BERNOULLI:
        return _buckets(buckets, told.get("chances") or (), told.get("alpha"))
    p, other = told.get("p"), told.get("alternative")
    if p is None and len(counts) == 2:
        p = buckets.null(steady=True).p0[1]
    if not p or not other or p >= 1 or other >= 1:
        return None
    return ParametricBernoulli(p), FixedAlternative((rounded(1 - other), other))


def _buckets(
    counted: CalibrationBuckets, chances: tuple[float, ...], alpha: float | None
) -> tuple[Kind, EProcess] | None:
    """Counts come before chances; None while either they or the weight are missing."""
    null = counted.null(steady=True) if counted.counts else DiscreteBuckets(chances)
    return (null, Dirichlet((alpha,) * len(null.p0))) if null.p0 and alpha else None


def resolution_of(told: dict[str, Any], symbols: int) -> bytes:
    """The hash that the contract is bound to: stated, or that of symbols, lane, calibration, epoch and TTL."""
    if told.get("resolution") == STATED:
        return bytes.fromhex(told.get("resolution_hash") or "") or bytes(HASH_BYTES)
    calibration = bytes.fromhex(told.get("calibration") or "") or NO_CALIBRATION
    sigma = DELTA_SIGMA[Lane(told.get("resolution") or Lane.FAST)]
    return Resolution(symbols, calibration, told.get("epoch_created") or 0, told.get("oracle_ttl"), sigma).hash()


def example(family: str) -> dict[str, str]:
    """A contract to begin with."""
    usual = {
        "oracle_id": "settle", "holdout_handle": "holdout-a", "family": family, "resolution": Lane.FAST.value,
        "oracle_ttl": "1", "epoch_created": "10", "ttl_epochs": "20", "created_by": "author-1",
    }  # fmt: skip
    if family == BERNOULLI:
        return {**usual, "p": "0.4", "alternative": "0.7"}
    return {**usual, "counts": "412, 268, 170, 96, 41, 13", "alpha": "1"}


def renewal(contract: Contract, epoch: int | None, record: OperatorRecord | None) -> dict[str, str]:
    """What a contract says, under the epoch, calibration and TTL that are in force now."""
    calibration = (record.calibration_manifest_hash_hex if record else None) or ""
    told = {
        "oracle_id": contract.oracle_id, "holdout_handle": contract.holdout_handle, "resolution": Lane.FAST.value,
        "oracle_ttl": str(record.ttl_epochs if record else DEFAULT_TTL), "calibration": calibration,
        "epoch_created": str(contract.epoch_created if epoch is None else epoch), "created_by": contract.created_by,
        "ttl_epochs": str(contract.ttl_epochs), "epoch_now": "" if epoch is None else str(epoch),
    }  # fmt: skip
    if isinstance(contract.kind, DiscreteBuckets):
        weight = (
            contract.eprocess.alpha[0] if isinstance(contract.eprocess, Dirichlet) and contract.eprocess.alpha else 1.0
        )
        chances = ", ".join(map(serde_float, contract.kind.p0))
        before = words_of(contract.eprocess.alpha) if are_unequal(contract) else ""  # type: ignore[union-attr]  # a mixture
        return {
            **told, "family": BUCKETS, "chances": chances, "alpha": serde_float(weight), "weights_before": before,
        }  # fmt: skip
    alt = contract.eprocess.alt if isinstance(contract.eprocess, FixedAlternative) else (0.5, 0.5)
    return {**told, "family": BERNOULLI, "p": serde_float(contract.kind.p), "alternative": serde_float(alt[-1])}


def _symbols(null: tuple[Kind, EProcess]) -> int:
    return 2 if isinstance(null[0], ParametricBernoulli) else len(null[0].p0)


def _read(reader: Any) -> tuple[int, ...]:
    try:
        found: tuple[int, ...] = reader()
    except EvidenceOSRefused as refused:
        raise forms.ValidationError(f"{refused.path}: {refused.why}.") from None
    return found
