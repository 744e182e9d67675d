"""What every form of a change has: its fields become a closed body, and a reason that stays."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django import forms

if TYPE_CHECKING:
    from datetime import datetime

    from ledger.core.types import JSONObject

MOST_REASON = 4_000


class ChangeForm(forms.Form):
    """`kind` is the name of the type, `group` the heading under which it is offered, `hint` what it is for."""

    kind: ClassVar[str]
    group: ClassVar[str]
    hint: ClassVar[str]

    def body(self, now: datetime) -> JSONObject:
        """The body that a valid form describes."""
        raise NotImplementedError

    @classmethod
    def initial_of(cls, body: JSONObject) -> dict[str, object]:
        """The form's values for a body, for an edit."""
        return dict(body)


class ReasonForm(forms.Form):
    """Why: for those who sign, and for whoever reads it in ten years."""

    reason = forms.CharField(
        label="Reason",
        max_length=MOST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="It is signed with the change and stays in the record. Name no personal data.",
    )


def choices_of(rows: list[tuple[str, str]], blank: str) -> list[tuple[str, str]]:
    """`rows` behind an empty first choice."""
    return [("", blank), *rows]
