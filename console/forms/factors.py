"""Enrolling an authenticator, and beginning with an invitation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django_otp.oath import TOTP

from console.forms.signing_in import TotpForm
from governance.identity.actions.enrol_totp import LONGEST_NAME
from governance.identity.models.second_factor import DIGITS, STEP_S, TOLERANCE

if TYPE_CHECKING:
    from datetime import datetime

    from governance.identity.models import Person

WRONG_CODE = "This code does not belong to the secret above. Check the clock of the device, then type the next one."


class _ProvenForm(TotpForm):
    """A code that shows that the authenticator holds the secret."""

    def __init__(self, *args: Any, secret: bytes, now: datetime, **kwargs: Any) -> None:
        """`secret` (20 bytes) is the one that was shown, `now` the time at which the code counts."""
        super().__init__(*args, **kwargs)
        self.secret, self.now = secret, now
        self.fields["code"].label = "Code that it shows now"
        self.fields["code"].widget.attrs.pop("autofocus", None)

    def clean_code(self) -> str:
        """The digits, if they are a code of now, a step earlier or later."""
        clock = TOTP(self.secret, STEP_S, 0, DIGITS)
        clock.time = self.now.timestamp()
        if not clock.verify(int(self.token()), TOLERANCE):
            raise ValidationError(WRONG_CODE)
        return self.token()


class NewAuthenticatorForm(_ProvenForm):
    """One more authenticator."""

    name = forms.CharField(
        label="Name of the device",
        max_length=LONGEST_NAME,
        help_text="So that you know later which one it is.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    field_order = ("name", "code")


class BeginForm(_ProvenForm):
    """A first password and a first factor."""

    password = forms.CharField(
        label="New password",
        max_length=1024,
        strip=False,
        help_text="At least 12 characters; a sentence is good.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label="The same again",
        max_length=1024,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    field_order = ("password", "again", "code")

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        """`person` begins: no password that is like their name or address."""
        super().__init__(*args, **kwargs)
        self.person = person

    def clean_password(self) -> str:
        """As Django's validators want it."""
        password = str(self.cleaned_data["password"])
        validate_password(password, self.person)
        return password

    def clean(self) -> dict[str, Any]:
        """Both alike."""
        found = super().clean() or self.cleaned_data
        if "password" in found and found.get("again") != found["password"]:
            self.add_error("again", "The two passwords differ.")
        return found


class AgainForm(_ProvenForm):
    """A new factor in place of lost ones: with the password, which proves who comes."""

    password = forms.CharField(
        label="Your password",
        max_length=1024,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    field_order = ("password", "code")
