"""Opening an incident, and going on with one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST = 4_000


class IncidentForm(forms.Form):
    """What it is, why, and whose."""

    kind = forms.CharField(label="Kind", max_length=64, help_text="In a few words, such as `canary drift`.")
    reason = forms.CharField(
        label="What was seen",
        max_length=LONGEST,
        help_text="It stays in the record for ever. Write no names of persons.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(
        self,
        places: list[tuple[str, str]],
        data: Mapping[str, Any] | None = None,
        asked: Mapping[str, Any] | None = None,
    ) -> None:
        """`places` as the selector gives them, '' for the platform; `asked` is what the address fills in."""
        super().__init__(data, initial=dict(asked or {}))
        self.fields["tenant"] = forms.ChoiceField(
            label="Whose", choices=places, required="" not in dict(places),
            help_text="What is a tenant's is read by its people too.",
        )  # fmt: skip
