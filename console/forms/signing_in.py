"""Signing in: password, then a code."""

from __future__ import annotations

from django import forms

TOTP_DIGITS = 6


class PasswordForm(forms.Form):
    """The first step."""

    email = forms.EmailField(
        label="E-mail",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True}),
    )
    password = forms.CharField(
        label="Password",
        max_length=1024,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class TotpForm(forms.Form):
    """The second step, with the authenticator."""

    code = forms.RegexField(
        r"^\s*\d{3}\s?\d{3}\s*$",
        label="Code from your authenticator",
        help_text="Six digits; a new code appears every 30 seconds.",
        error_messages={"invalid": "A code has six digits."},
        widget=forms.TextInput(
            attrs={
                "autocomplete": "one-time-code",
                "inputmode": "numeric",
                "maxlength": "8",
                "autofocus": True,
            }
        ),
    )

    def token(self) -> str:
        """The digits alone."""
        return "".join(str(self.cleaned_data["code"]).split())


class RecoveryForm(forms.Form):
    """The second step, with a recovery code."""

    code = forms.CharField(
        label="Recovery code",
        max_length=64,
        help_text="Each code works once. It signs you in; it does not count as fresh.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autofocus": True}),
    )

    def token(self) -> str:
        """The code as it is stored: without spaces and hyphens, in lower case."""
        return "".join(str(self.cleaned_data["code"]).replace("-", "").split()).lower()
