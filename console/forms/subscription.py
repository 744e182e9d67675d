"""Asking to be told of a stream, or of every stream of a namespace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from governance.watching.core.rules import Kind
from governance.watching.models.subscription import LONGEST_MINUTES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ledger.selectors.streams import StreamView

KINDS = (
    (Kind.PATH_OFF.value, "A health path is off pass (stale or fails) for that long"),
    (Kind.SILENT.value, "No event is recorded for that long"),
)


class SubscriptionForm(forms.Form):
    """What, for how long, and how it is told."""

    target = forms.ChoiceField(label="Of")
    kind = forms.ChoiceField(label="Tell me when", choices=KINDS, widget=forms.RadioSelect, initial=KINDS[0][0])
    minutes = forms.IntegerField(
        label="Minutes",
        min_value=1,
        max_value=LONGEST_MINUTES,
        initial=10,
        help_text="From 1 to 10,080 (a week). You are told once when it begins, and once when it ends.",
    )
    counts_not_evaluated = forms.BooleanField(
        label="Count a path that is not evaluated as off pass too",
        required=False,
        help_text="A stream without witnesses has such a path for good.",
    )
    by_mail = forms.BooleanField(label="Also by mail, to the address you sign in with", required=False)

    def __init__(self, *args: Any, streams: Sequence[StreamView], mail: bool, **kwargs: Any) -> None:
        """`streams` are those that the reader may see; `mail` says whether mails leave this installation."""
        super().__init__(*args, **kwargs)
        field, self.streams = self.fields["target"], {f"{one.namespace}/{one.name}": one for one in streams}
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  (declared above)
        namespaces = sorted({one.namespace for one in streams})
        field.choices = [
            *((name, f"every stream of {name}, also later ones") for name in namespaces),
            *((name, name) for name in self.streams),
        ]
        if not mail:
            self.fields["by_mail"].disabled = True
            self.fields["by_mail"].help_text = "No mail leaves this installation: no platform operator has set it up."
