"""Guide: rotate a system key without losing a call."""

from __future__ import annotations

from datetime import timedelta

from django.urls import reverse

from console import words
from console.guides.step import DONE, OPEN, UNSEEN, Asked, Guide, Step, done_if
from governance.identity.selectors.system_keys import changes_of

RECENT = timedelta(days=30)
_ROTATED = "identity:system_key:rotated"


def _steps(asked: Asked) -> list[Step]:
    key, now = asked.key, asked.visit.now
    listed = reverse("keys")
    if key is None:
        return [Step("Choose the key", "Choose it above, or open it from the list.", OPEN, listed, "Keys"), *_later("")]
    page = reverse("key", args=(key.public_id,))
    rotated = next((one.recorded for one in changes_of(key.public_id) if one.type == _ROTATED), None)
    recent = rotated is not None and now - rotated <= RECENT
    overlap = key.overlap_until if key.overlap_until and key.overlap_until > now else None
    told = f"Rotated {words.ago(rotated, now)}." if rotated and recent else "Not rotated in the last 30 days."
    used = f"Last used on {key.last_used:%Y-%m-%d}" if key.last_used else "Never used"
    ends = f"The old secret works until {words.moment(overlap)}." if overlap else "No old secret works."
    return [
        Step("Choose the key", f"{key.name} of {key.namespace}.", DONE, page, "Open it"),
        Step(
            "Make a new secret with an overlap as long as your deployment takes",
            told, done_if(recent), reverse("key-rotate", args=(key.public_id,)), "Rotate",
        ),
        Step("Give the new token to the program", "Only you can see that.", UNSEEN),
        Step(
            "See the program work with it",
            f"{used}. The day is kept and not which of two secrets it was.", UNSEEN, page, "Open it",
        ),
        Step("Let the old secret end", ends, done_if(recent and overlap is None), page, "Open it"),
    ]  # fmt: skip


def _later(told: str) -> list[Step]:
    titles = (
        "Make a new secret with an overlap as long as your deployment takes",
        "Give the new token to the program",
        "See the program work with it",
        "Let the old secret end",
    )
    return [Step(title, told, OPEN) for title in titles]


GUIDE = Guide(
    slug="rotate-a-key",
    title="Rotate a system key",
    when="The secret is old, or somebody left who knew it. Where it is known to a stranger, choose no overlap.",
    must_not=(
        "Do not disable the key before its program has the new secret: calls are refused from that moment on.",
        "Do not put a token into code, a ticket or a chat.",
    ),
    on="key",
    steps=_steps,
)
