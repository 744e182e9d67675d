"""A claim that is verified: whose keys are trusted, and which claim is meant. The files stand beside it."""

from __future__ import annotations

from django import forms

from governance.evidenceos.core.claim_files import keys_of
from governance.evidenceos.errors import EvidenceOSRefused

_MONO = {"spellcheck": "false", "autocomplete": "off", "class": "mono"}


class ClaimForm(forms.Form):
    """What does not come out of the files."""

    use_required_attribute = False

    keys = forms.CharField(
        label="Public keys of the log that you trust", max_length=16_000,
        widget=forms.Textarea(attrs={"rows": 3, **_MONO}),
        help_text="One a line, in hexadecimal digits or Base64. They have to come another way than the files.",
    )  # fmt: skip
    claim_id = forms.CharField(
        label="Claim that is meant", required=False, max_length=200, widget=forms.TextInput(attrs=_MONO),
        help_text="Its id in hexadecimal digits. Left empty, it is the one on which no other rests.",
    )  # fmt: skip

    def clean_keys(self) -> dict[bytes, bytes]:
        """The keys by their id; raises ValidationError."""
        try:
            return keys_of(str(self.cleaned_data["keys"]))
        except EvidenceOSRefused as refused:
            raise forms.ValidationError(f"{refused.path}: {refused.why}.") from None
