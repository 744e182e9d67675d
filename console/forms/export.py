"""What to put into a bundle: a range of leaves or a period, and what is opened to its reader."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms

from console import words
from console.forms.event_filters import MomentField
from ledger.selectors import leaves
from ledger.selectors.leaves import EventFilter

if TYPE_CHECKING:
    from datetime import datetime

    from ledger.selectors.streams import StreamView

RANGE, PERIOD = "range", "period"


@dataclass(frozen=True, slots=True)
class Chosen:
    """Leaves `start` to `last`, both inside; `told` is what the page says of them."""

    start: int
    last: int
    told: str

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
            return Chosen(first, last, "")
        return None

    def _period(self, cleaned: dict[str, Any]) -> Chosen | None:
        since, before = cleaned.get("recorded_from"), cleaned.get("recorded_to")
        first, last = self._edge(since, before), self._edge(since, before, newest_first=True)
        signed = self.stream.signed_size - 1
        if first is None or last is None:
            self.add_error(None, "No event was recorded in this period. Choose a wider one.")
        elif first > signed:
            self.add_error(None, "No signed root covers this period yet. Seal the window, then export.")
        else:
            late = last - signed
            told = f"{words.counted(late, 'later leaf is', 'later leaves are')} not signed yet and stay out." if late > 0 else ""
            return Chosen(first, min(last, signed), told)
        return None

    def _edge(self, since: datetime | None, before: datetime | None, *, newest_first: bool = False) -> int | None:
        inside = EventFilter(recorded_from=since, recorded_to=before)
        found = leaves.events_in(self.stream, limit=1, filters=inside, newest_first=newest_first)
        return found[0].index if found else None
