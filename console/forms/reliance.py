"""Pausing reliance on a range of leaves, or resuming it."""

from __future__ import annotations

from typing import Any

from django import forms

from console.views.converters import LARGEST_INDEX

LONGEST_REASON = 500
STATES = (
    ("paused", "Pause: nobody should rely on these leaves until it is resumed"),
    ("resumed", "Resume: they can be relied on again"),
)


class RelianceForm(forms.Form):
    """Which leaves, what holds for them, and why. All of it stays in the log."""

    state = forms.ChoiceField(label="What", choices=STATES, widget=forms.RadioSelect, initial="paused")
    first = forms.IntegerField(label="First leaf", min_value=0, max_value=LARGEST_INDEX)
    last = forms.IntegerField(label="Last leaf", min_value=0, max_value=LARGEST_INDEX, help_text="It lies inside.")
    reason = forms.CharField(
        label="Reason",
        max_length=LONGEST_REASON,
        help_text="It stays in the log for ever and in every bundle of the range. Write no names of persons.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    @property
    def chosen(self) -> dict[str, Any]:
        """The arguments of the action, from a valid form."""
        held = self.cleaned_data
        return {
            "first": held["first"],
            "last": held["last"],
            "paused": held["state"] == "paused",
            "reason": held["reason"],
        }
