"""Making a system key, and giving it a new secret."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django import forms

from console import words
from governance.identity.core.principal import Scope

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

LONGEST_NAME = 100
OVERLAPS = {
    "0": timedelta(0),
    "1h": timedelta(hours=1),
    "1d": timedelta(days=1),
    "7d": timedelta(days=7),
    "30d": timedelta(days=30),
}
DEFAULT_OVERLAP = "1d"
_SCOPES = ((Scope.APPEND.value, "Append events"), (Scope.READ.value, "Read and export"))


class KeyForm(forms.Form):
    """Where, for which program, and what for."""

    namespace = forms.ChoiceField(label="Namespace")
    name = forms.CharField(
        label="Name of the program",
        max_length=LONGEST_NAME,
        help_text="It stands beside the key in lists. The ledger knows the key by its id alone.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    scopes = forms.MultipleChoiceField(
        label="What it may do", choices=_SCOPES, widget=forms.CheckboxSelectMultiple, initial=[Scope.APPEND.value]
    )

    def __init__(self, *args: Any, namespaces: Collection[str], **kwargs: Any) -> None:
        """`namespaces` are those whose keys the reader manages."""
        super().__init__(*args, **kwargs)
        field = self.fields["namespace"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  (declared above)
        field.choices = [(name, name) for name in sorted(namespaces)]

    @property
    def chosen_scopes(self) -> frozenset[Scope]:
        """The scopes of a valid form."""
        return frozenset(Scope(scope) for scope in self.cleaned_data["scopes"])


class RotateForm(forms.Form):
    """For how long the old secret goes on working."""

    overlap = forms.ChoiceField(label="The old secret works", widget=forms.RadioSelect, initial=DEFAULT_OVERLAP)

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        """`now` is when the page is made: each choice names its moment."""
        super().__init__(*args, **kwargs)
        field = self.fields["overlap"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  (declared above)
        field.choices = [(key, _told(span, now)) for key, span in OVERLAPS.items()]

    @property
    def chosen(self) -> timedelta:
        """The overlap of a valid form."""
        return OVERLAPS[self.cleaned_data["overlap"]]


def _told(span: timedelta, now: datetime) -> str:
    if not span:
        return "no longer: it ends at once"
    return f"for {words.duration(span)}, until {words.moment(now + span)}"
