"""A file of lines to append."""

from __future__ import annotations

from django import forms

FORMATS = {
    "ndjson": "JSON Lines: {type, payload} a line",
    "cloudevents": "CloudEvents, one a line",
    "github": "GitHub webhooks: {event, file, payload}",
    "cloudtrail": "CloudTrail records",
}


class ImportForm(forms.Form):
    """The file is gzipped or plain, up to 32 MiB as it is sent."""

    file = forms.FileField(
        label="File",
        help_text="One JSON object a line, also gzipped, up to 32 MiB. A larger one: ./manage.py ledger_import.",
    )
    format = forms.ChoiceField(label="Format", choices=list(FORMATS.items()), initial="ndjson")
