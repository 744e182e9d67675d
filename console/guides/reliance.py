"""Guide: pause reliance on a range."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse

from console import words
from console.guides.export import LOOKED_AT
from console.guides.step import DONE, OPEN, UNSEEN, Asked, Guide, Step, done_if
from console.seals import address
from ledger.selectors import bundles
from ledger.selectors.reliance import pauses_of, reliance_leaves

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ledger.selectors.reliance import Pause


def _steps(asked: Asked) -> list[Step]:
    stream = asked.stream
    if stream is None:
        titles = ("Keep the evidence", "Pause reliance", "Tell who holds a bundle", "Resume when it is cleared")
        first = Step("Choose the stream", "Choose it above.", OPEN, reverse("streams"), "Streams")
        return [first, *(Step(title, "", OPEN) for title in titles)]
    args, paused = (stream.namespace, stream.name), pauses_of(stream)
    said = reliance_leaves(stream)
    held = [
        one
        for one in bundles.bundles_of([stream.namespace], None, LOOKED_AT)
        if one.stream_id == stream.id and any(pause.overlaps(one.first, one.last) for pause in paused)
    ]
    ended = bool(said) and not paused
    return [
        Step("Choose the stream", f"{stream.namespace}/{stream.name}.", DONE, address(stream), "Open it"),
        Step(
            "Keep what raised the doubt: the two heads, the report, request ids and times",
            "A client that saw two histories has written misbehaviour-*.json: keep that file.", UNSEEN,
        ),
        Step(
            "Pause reliance on the range, with a reason",
            _now(paused, ended=ended),
            done_if(said), reverse("reliance-change", args=args), "Pause",
        ),
        Step(
            "Tell who holds a bundle with one of these leaves",
            f"Of this stream: {words.counted(len(held), 'bundle')}." if held else "No bundle overlaps a pause.",
            UNSEEN if held else done_if(said), reverse("bundles"), "Exports",
        ),
        Step(
            "Resume when it is cleared, with the reason",
            "Resumed." if ended else "Still paused." if paused else "There is nothing to resume.",
            done_if(ended), reverse("reliance", args=args), "Pauses",
        ),
    ]  # fmt: skip


def _now(paused: Sequence[Pause], *, ended: bool) -> str:
    if paused:
        parts = [f"{words.grouped(one.first)} to {words.grouped(one.last)}" for one in paused]
        return f"Paused: leaves {words.listed(parts)}."
    return "It was paused, and is resumed." if ended else "Nothing is paused."


GUIDE = Guide(
    slug="pause-reliance",
    title="Pause reliance on a range",
    when="Somebody was shown another history, a verifier rejected a bundle, or a range is in doubt for another reason.",
    must_not=(
        "Do not delete or rewrite anything: the log that is in doubt is the evidence.",
        "Do not call it a false alarm without evidence. Resuming takes a reason, and both stay in the log.",
    ),
    on="stream",
    steps=_steps,
)
