"""The field in which an event is tried."""

from __future__ import annotations

from django import forms


class TrialForm(forms.Form):
    """A payload, an event in the plain form, or a CloudEvent. What is sent is answered and kept nowhere."""

    event = forms.CharField(
        label="Event",
        strip=False,
        help_text="A payload, an event in the plain form, or a CloudEvent, up to 64 KiB. Nothing of it is stored.",
        widget=forms.Textarea(attrs={"rows": 16, "spellcheck": "false", "autocomplete": "off"}),
    )
