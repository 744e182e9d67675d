"""What to put into a bundle: a range of leaves or a period, and what is opened to its reader."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms

from console import words
from console.forms.event_filters import MomentField
from ledger.core.bundle import Period
from ledger.core.times import format_time
from ledger.selectors.evidence import span_of

if TYPE_CHECKING:
    from datetime import datetime

    from ledger.selectors.streams import StreamView

RANGE, PERIOD = "range", "period"


@dataclass(frozen=True, slots=True)
class Chosen:
    """Leaves `start` to `last`, both inside; `period` where they were chosen by time."""

    start: int
    last: int
    period: Period | None = None

    @property
    def count(self) -> int:
        """How many leaves."""
        return self.last - self.start + 1


class ExportForm(forms.Form):
    """A request for a bundle of one stream."""

    by = forms.ChoiceField(
        label="Choose by",
        choices=[(RANGE, "Leaves, by their index"), (PERIOD, "A period, by the time of recording")],
        widget=forms.RadioSelect,
        initial=RANGE,
    )
    first = forms.IntegerField(label="First leaf", min_value=0, required=False)
    last = forms.IntegerField(label="Last leaf", min_value=0, required=False)
    recorded_from = MomentField("From (UTC)")
    recorded_to = MomentField("Before (UTC)")
    attrs = forms.BooleanField(
        label="Attributes", required=False, initial=True,
        help_text="Id, source, time, subject and sequence of each event.",
    )  # fmt: skip
    payload = forms.BooleanField(
        label="Payloads", required=False,
        help_text="What each event says. Whoever holds the bundle can read it.",
    )  # fmt: skip

    def __init__(self, *args: Any, stream: StreamView, **kwargs: Any) -> None:
        """`stream` bounds the range: only what a signed root covers can be exported."""
        super().__init__(*args, **kwargs)
        self.stream = stream
        self.chosen: Chosen | None = None

    def clean(self) -> dict[str, Any]:
        """Resolve range or period to one contiguous range under the newest signed root."""
        cleaned = super().clean() or {}
        if not self.errors:
            self.chosen = self._period(cleaned) if cleaned["by"] == PERIOD else self._range(cleaned)
        return cleaned

    @property
    def disclosed(self) -> tuple[str, ...]:
        """Which objects travel in the bundle."""
        return tuple(role for role in ("attrs", "payload") if self.cleaned_data.get(role))

    def _range(self, cleaned: dict[str, Any]) -> Chosen | None:
        newest = self.stream.signed_size - 1
        first = cleaned.get("first") or 0
        last = newest if cleaned.get("last") is None else cleaned["last"]
        if first > last:
            self.add_error("last", f"The last leaf comes before the first, {words.grouped(first)}.")
        elif last > newest:
            self.add_error("last", f"The newest signed root ends at leaf {words.grouped(newest)}. Seal, then export.")
        else:
            return Chosen(first, last)
        return None

    def _period(self, cleaned: dict[str, Any]) -> Chosen | None:
        period = Period("recorded", _written(cleaned["recorded_from"]), _written(cleaned["recorded_to"]))
        span = span_of(self.stream, period, self.stream.signed_size)
        if span is None:
            self.add_error(None, "No signed leaf was recorded in this period. Choose a wider one, or seal first.")
            return None
        return Chosen(*span, period)


def _written(moment: datetime | None) -> str | None:
    return None if moment is None else format_time(moment)
