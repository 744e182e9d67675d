"""Inviting somebody."""

from __future__ import annotations

from django import forms


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
