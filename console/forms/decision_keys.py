"""Registering a key that lives outside of browsers, and giving a key up."""

from __future__ import annotations

import base64
import binascii

from django import forms
from django.core.exceptions import ValidationError

from governance.identity.core.person_keys import PUBLIC_BYTES, KeyUse
from ledger.core.ed25519 import check_public
from ledger.errors import WeakKey

LONGEST_ENVELOPE = 16_384


class _NamedForm(forms.Form):
    name = forms.CharField(
        label="Name of the key",
        max_length=100,
        help_text="Where it is kept, in words that help nobody else to find it.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


class FileKeyForm(_NamedForm):
    """The public half, as the command line shows it."""

    public_key = forms.CharField(
        label="Public key",
        max_length=64,
        help_text="Base64, as countersign-sign key show tells it.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    use = forms.ChoiceField(
        label="What it signs",
        choices=[(one.value, one.words.capitalize()) for one in KeyUse],
        initial=KeyUse.DECISION.value,
        required=False,
        help_text="A native key signs the bytes of EvidenceOS beside a decision; make it with --use native.",
    )
    field_order = ("public_key", "use", "name")

    def clean_use(self) -> KeyUse:
        """Decisions, unless something else is said."""
        return KeyUse(self.cleaned_data["use"] or KeyUse.DECISION)

    def clean_public_key(self) -> str:
        """32 bytes that may serve as a key."""
        text = str(self.cleaned_data["public_key"])
        try:
            raw = base64.b64decode(text, validate=True)
            if len(raw) != PUBLIC_BYTES:
                raise ValidationError("A public key has 32 bytes.")
            check_public(raw)
        except binascii.Error as error:
            raise ValidationError("This is no base64.") from error
        except WeakKey as error:
            raise ValidationError(f"{error.what}: {error.why}.") from error
        return text

    @property
    def key_use(self) -> KeyUse:
        """What the key of a valid form signs."""
        return KeyUse(self.cleaned_data["use"])

    @property
    def public(self) -> bytes:
        """The bytes of a valid form."""
        return base64.b64decode(self.cleaned_data["public_key"])


class ProofForm(_NamedForm):
    """The envelope that the command line wrote."""

    envelope = forms.CharField(
        label="Signed envelope",
        max_length=LONGEST_ENVELOPE,
        help_text="The whole content of the file that countersign-sign sign wrote.",
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false", "autocomplete": "off"}),
    )
    field_order = ("envelope", "name")

    @property
    def octets(self) -> bytes:
        """The bytes of a valid form."""
        return str(self.cleaned_data["envelope"]).strip().encode()


class GiveUpForm(forms.Form):
    """Why a key ends: it stays in the record."""

    reason = forms.CharField(
        label="Reason",
        max_length=500,
        help_text="It stays in the record for ever. Write no names of persons.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
