"""Inviting somebody."""

from __future__ import annotations

from django import forms
from django.core.validators import RegexValidator

from governance.identity.core.names import NAME_PATTERN


class InviteForm(forms.Form):
    """Who, and how they are called."""

    display_name = forms.CharField(
        label="Name",
        max_length=200,
        help_text="As it shall stand beside their decisions.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    email = forms.EmailField(
        label="E-mail", max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        help_text="They sign in with it.",
    )  # fmt: skip
    unit = forms.CharField(
        label="Organisational unit",
        max_length=63,
        required=False,
        validators=[RegexValidator(rf"\A{NAME_PATTERN}\Z", "A unit has a name of a-z, 0-9 and -, like north-2.")],
        help_text="Like north-2, as others of the unit have it. Some rules take one approval of each unit. "
        "Later only a change moves somebody.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
