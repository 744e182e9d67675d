"""Filters of the list of events: they live in the address, so that a view can be sent to somebody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms

from ledger.selectors.leaves import EventFilter

if TYPE_CHECKING:
    from datetime import datetime

_MOMENT = {"type": "datetime-local", "step": "1"}
FORMATS = ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d"]


class MomentField(forms.DateTimeField):
    """A moment in UTC, as a browser's own control sends it."""

    def __init__(self, label: str, help_text: str = "") -> None:
        """A field that may stay empty."""
        widget = forms.DateTimeInput(attrs=_MOMENT, format=FORMATS[0])
        super().__init__(label=label, required=False, input_formats=FORMATS, widget=widget, help_text=help_text)


class EventFilters(forms.Form):
    """Equal to the filters of the API's list."""

    type = forms.CharField(label="Type", max_length=256, required=False)
    source = forms.CharField(label="Source", max_length=2048, required=False)
    subject = forms.CharField(label="Subject", max_length=1024, required=False)
    recorded_from = MomentField("Recorded from (UTC)")
    recorded_to = MomentField("Recorded before (UTC)")

    def chosen(self, since: datetime | None = None) -> EventFilter:
        """What the selector takes; a wrong form narrows nothing. `since` is the start of a relative range."""
        values: dict[str, str | datetime | None] = dict(self.cleaned_data) if self.is_valid() else {}
        values |= {"recorded_from": since} if since else {}
        return EventFilter(**{name: value for name, value in values.items() if value})  # type: ignore[arg-type]  # each field's type is that of its namesake
