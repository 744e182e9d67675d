"""What forms about a data directory share: which directory, and what is read from it to choose from.

What a body says with names that the directory has is chosen from the directory, never typed; 64-bit numbers are text
fields, and stand in bodies as decimal text; what EvidenceOS wants signed itself is listed by the kind.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django import forms
from django.urls import reverse

from console.forms.changes.base import ChangeForm, Choice, Nothing
from console.forms.evidenceos import WholeField
from governance.change.types import change_type
from governance.change.types.drafting import completed
from governance.evidenceos.core.resolution import Lane
from governance.evidenceos.errors_of_targets import TargetRefused
from governance.evidenceos.selectors.settings_of import epoch

if TYPE_CHECKING:
    from collections.abc import Iterable

    from governance.evidenceos.selectors.targets import TargetView
    from ledger.core.types import JSONObject

GROUP = "EvidenceOS"
FIRST = "Choose a directory first"
PLAIN = {"spellcheck": "false", "autocomplete": "off"}
MONO = {**PLAIN, "class": "mono"}
_LANES = (
    ("", "Either lane"),
    (Lane.FAST.value, "Claims of the fast lane"),
    (Lane.HEAVY.value, "Claims of the heavy lane"),
)
_ANEW = {
    "hx-post": "", "hx-vals": '{"step":"read"}', "hx-trigger": "change consume", "hx-target": "#change-form",
    "hx-swap": "outerHTML",
}  # fmt: skip


class OfTargetForm(ChangeForm):
    """Of one data directory, named by its slug; `fill_from` offers what that directory has."""

    group: ClassVar[str] = GROUP
    chosen: TargetView | None = None

    target = forms.ChoiceField(
        label="Data directory", help_text="What can be chosen below is read from it when it is chosen."
    )

    def fill(self) -> None:
        """Offer the directories that were adopted, and what the chosen one has."""
        there = self.reader.targets()
        adopted = {one.slug: one for one in there if one.adopted is not None}
        if not adopted:
            self.nothing = _nothing(there)
        self.offer("target", ((slug, f"{one.words} ({slug})") for slug, one in adopted.items()), "Choose a directory")
        self.fields["target"].widget.attrs.update(_ANEW)
        if not self.is_bound and not self.initial.get("target") and len(adopted) == 1:
            self.initial["target"] = next(iter(adopted))
        self.chosen = adopted.get(str(self.data.get("target") if self.is_bound else self.initial.get("target")))
        if self.chosen is None:
            return
        self.read = (self.chosen,)
        try:
            self.fill_from(self.chosen)
        except TargetRefused as error:
            self.problem = error

    def fill_from(self, one: TargetView) -> None:
        """Offer what this directory has; raises TargetUnreadable."""

    @property
    def body(self) -> JSONObject:
        """The body with what EvidenceOS wants signed itself; raises EffectRefused where it means nothing."""
        return completed(change_type(self.kind), self.said())

    def said(self) -> JSONObject:
        """The fields as they stand in a body: numbers as text, empty ones as null."""
        held = self.cleaned_data.items()
        return {name: None if value in ("", None) else str(value) for name, value in held}

    @classmethod
    def initial_of(cls, body: JSONObject) -> dict[str, object]:
        """Without what is listed by the kind."""
        return {name: value for name, value in body.items() if name != "native"}

    def one_of(self, name: str, rows: Iterable[Choice], none: str) -> None:
        """Offer these for a field; `none` where there are none."""
        found = list(rows)
        self.offer(name, found, "Choose one" if found else none)


class JudgedForm(OfTargetForm):
    """A form about a contract: by which claims it is judged."""

    lane = forms.ChoiceField(
        label="Judged for", choices=_LANES, required=False,
        help_text="Its resolution hash has to be that of these claims.",
    )  # fmt: skip
    epoch = WholeField("Judged as of epoch", "Where the directory forces no epoch: that of the claims it is for.",
                       required=False)  # fmt: skip

    def fill_from(self, one: TargetView) -> None:
        """Say which epoch is in force."""
        forced = epoch(one, self.reader.now).forced
        if forced is not None:
            self.fields["epoch"].help_text = f"Left empty, it is judged as of epoch {forced}, which is forced here."


def choice_field(label: str, help_text: str = "") -> forms.ChoiceField:
    """A choice of what the directory has."""
    return forms.ChoiceField(label=label, help_text=help_text, choices=[("", FIRST)])


def text_field(label: str, help_text: str = "", *, most: int = 200, required: bool = True) -> forms.CharField:
    """A line of text as it is written, without corrections."""
    return forms.CharField(
        label=label, help_text=help_text, max_length=most, required=required, widget=forms.TextInput(attrs=PLAIN)
    )


def _nothing(there: list[TargetView]) -> Nothing:
    home = reverse("evidenceos")
    if there:
        why = f"Nothing is changed before every file was looked at: ./manage.py evidenceos_adopt {there[0].slug}."
        return Nothing("No data directory is adopted yet", why, home, "The directories")
    why = (
        "Whoever runs this server enters one (./manage.py evidenceos_target) and adopts it without changing a byte "
        "(./manage.py evidenceos_adopt)."
    )
    return Nothing("No data directory is governed from here yet", why, home, "EvidenceOS")
