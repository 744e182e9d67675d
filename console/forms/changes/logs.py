"""Logs: witnesses, publicity, retention, erasure, holds, reliance and signing keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django import forms

from console.forms.changes.base import ChangeForm
from console.views.converters import LARGEST_INDEX
from ledger.core.schemas import ERASURE_REASONS, PARTS

if TYPE_CHECKING:
    from ledger.core.types import JSONObject

_LOGS, _CONTENT, _KEYS = "Logs", "Content", "Keys of logs"
_USES = (("checkpoint", "Checkpoints"), ("receipt", "Receipts"), ("export", "Export manifests"))
_ALGS = (("ed25519", "Ed25519"), ("ml-dsa-44", "ML-DSA-44, a second line on checkpoints"))


class _OfStreamForm(ChangeForm):
    """Of one log, named by its origin."""

    stream = forms.ChoiceField(label="Log")

    def fill(self) -> None:
        """Offer the logs there are."""
        self.offer("stream", self.reader.origins(), "Choose a log")


class StreamPolicyForm(_OfStreamForm):
    """A C2SP policy, whole."""

    kind: ClassVar[str] = "stream.policy"
    group: ClassVar[str] = _LOGS
    hint: ClassVar[str] = "Say which witnesses must cosign a checkpoint before it counts."

    policy = forms.CharField(
        label="Policy (C2SP tlog-policy)",
        strip=False,
        widget=forms.Textarea(attrs={"rows": 8, "class": "mono", "spellcheck": "false"}),
        help_text="Lines such as `witness NAME VKEY`, `group NAME any A B`, and one `quorum NAME` or `quorum none`.",
    )

    @property
    def body(self) -> JSONObject:
        """With the one kind of line end."""
        text = self.cleaned_data["policy"].replace("\r\n", "\n")
        return {"stream": self.cleaned_data["stream"], "policy": text if text.endswith("\n") else text + "\n"}


class StreamPublicityForm(_OfStreamForm):
    """What anybody may read."""

    kind: ClassVar[str] = "stream.publicity"
    group: ClassVar[str] = _LOGS
    hint: ClassVar[str] = "Let anybody read checkpoint and tiles, or the entries too. What was public may be copied."

    tiles = forms.BooleanField(label="Checkpoint and hash tiles are public", required=False)
    entries = forms.BooleanField(label="Entries are public too", required=False)


class StreamRetentionForm(_OfStreamForm):
    """How long content is kept."""

    kind: ClassVar[str] = "stream.retention"
    group: ClassVar[str] = _CONTENT
    hint: ClassVar[str] = "Set after how many days attributes and payloads are erased. Leaves and proofs stay."

    attrs_days = forms.IntegerField(label="Attributes, days", min_value=1, required=False, help_text="Empty: for ever.")
    payload_days = forms.IntegerField(label="Payloads, days", min_value=1, required=False, help_text="Empty: for ever.")


class _RangeForm(_OfStreamForm):
    first = forms.IntegerField(label="First leaf", min_value=0, max_value=LARGEST_INDEX)
    last = forms.IntegerField(label="Last leaf", min_value=0, max_value=LARGEST_INDEX, help_text="It lies inside.")

    @property
    def body(self) -> JSONObject:
        """`from` and `to` both inside."""
        held = self.cleaned_data
        return {"stream": held["stream"], "from": held["first"], "to": held["last"]}

    @classmethod
    def initial_of(cls, body: JSONObject) -> dict[str, object]:
        """Back into the form's own names."""
        return {**body, "first": body["from"], "last": body["to"]}


class PayloadEraseForm(_RangeForm):
    """There is no way back."""

    kind: ClassVar[str] = "payload.erase"
    group: ClassVar[str] = _CONTENT
    hint: ClassVar[str] = "Erase content of a range for good. Leaves, receipts, proofs and checkpoints still verify."

    parts = forms.MultipleChoiceField(
        label="What goes", choices=[(one, one) for one in PARTS], widget=forms.CheckboxSelectMultiple
    )
    reason_code = forms.ChoiceField(label="Ground", choices=[(one, one.replace("_", " ")) for one in ERASURE_REASONS])

    @property
    def body(self) -> JSONObject:
        """With parts and ground."""
        held = self.cleaned_data
        return {**super().body, "parts": sorted(held["parts"]), "reason_code": held["reason_code"]}


class HoldReleaseForm(_OfStreamForm):
    """Its content may be erased again."""

    kind: ClassVar[str] = "hold.release"
    group: ClassVar[str] = _CONTENT
    hint: ClassVar[str] = "End a hold, so that content under it may be erased again."

    case = forms.CharField(label="Case", max_length=64)


class ReliancePauseForm(_RangeForm):
    """Nobody should rely on these leaves."""

    kind: ClassVar[str] = "reliance.pause"
    group: ClassVar[str] = _LOGS
    hint: ClassVar[str] = "Say that nobody should rely on a range. Its bundles verify as incomplete from then on."


class RelianceResumeForm(_RangeForm):
    """They can be relied on again."""

    kind: ClassVar[str] = "reliance.resume"
    group: ClassVar[str] = _LOGS
    hint: ClassVar[str] = "Say that a paused range can be relied on again."


class LogKeyRotateForm(_OfStreamForm):
    """A new key, by a leaf that old and new sign."""

    kind: ClassVar[str] = "log_key.rotate"
    group: ClassVar[str] = _KEYS
    hint: ClassVar[str] = "Give a log a new key. Old checkpoints verify for ever; checkpoint keys overlap."

    use = forms.ChoiceField(label="It signs", choices=_USES, widget=forms.RadioSelect)
    alg = forms.ChoiceField(label="Algorithm", choices=_ALGS, widget=forms.RadioSelect, initial="ed25519")


class _OfLogKeyForm(_OfStreamForm):
    group: ClassVar[str] = _KEYS

    kid = forms.RegexField(r"^[0-9a-f]{32}$", label="Key id", help_text="32 hex digits, from the log's page of keys.")


class LogKeyRetireForm(_OfLogKeyForm):
    """Its line goes from the next checkpoint on."""

    kind: ClassVar[str] = "log_key.retire"
    hint: ClassVar[str] = "End an overlap: from the next checkpoint on the old key's line is gone."

    alg = forms.ChoiceField(label="Algorithm", choices=_ALGS, widget=forms.RadioSelect, initial="ed25519")
