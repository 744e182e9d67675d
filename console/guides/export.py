"""Guides: request an export, and verify a bundle elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse

from console import words
from console.guides.step import DONE, OPEN, UNSEEN, WRONG, Asked, Guide, Step, done_if
from console.seals import address
from ledger.selectors import bundles

if TYPE_CHECKING:
    from ledger.selectors.bundles import BundleView
    from ledger.selectors.streams import StreamView

LOOKED_AT = 100


def newest_of(stream: StreamView) -> BundleView | None:
    """The newest bundle of a stream, whatever came of it."""
    found = bundles.bundles_of([stream.namespace], None, LOOKED_AT)
    return next((one for one in found if one.stream_id == stream.id), None)


def _export(asked: Asked) -> list[Step]:
    stream = asked.stream
    if stream is None:
        return _unchosen(
            "See that a signed root covers it", "Ask for the bundle", "Wait for its verdict", "Hand it over"
        )
    made = newest_of(stream)
    return [
        _chosen(stream),
        _covered(stream),
        Step(
            "Ask for the bundle, with as much opened as its reader needs",
            f"The newest was asked for {words.ago(made.created, asked.visit.now)}." if made else "None yet.",
            done_if(made), reverse("export", args=(stream.namespace, stream.name)), "Export",
        ),
        _verdict(made),
        Step(
            "Hand it over with the trust sheet, each by another way",
            "The sheet carries the key to compare with. Who gets both from one hand trusts that hand.",
            UNSEEN, reverse("trust-sheet", args=(stream.namespace, stream.name)), "Trust sheet",
        ),
    ]  # fmt: skip


def _verify(asked: Asked) -> list[Step]:
    stream = asked.stream
    if stream is None:
        return _unchosen(
            "Have a bundle", "Have the verifier", "Have the trust files", "Verify it", "Compare the outcome"
        )
    made = newest_of(stream)
    page = reverse("bundle", args=(made.public_id,)) if made else reverse("bundles")
    return [
        _chosen(stream),
        Step(
            "Have the bundle, unchanged",
            _range(made),
            done_if(made), page, "Open the bundle" if made else "Exports",
        ),
        Step(
            "Have the verifier: one file without packages, or the page that works in the browser",
            "It reads the bundle where you are, and sends nothing.", UNSEEN, reverse("verify"), "Verify in the browser",
        ),
        Step(
            "Have trust.policy and trust.json by another way than the bundle",
            "Compare the words of the key with the printed sheet.",
            UNSEEN, reverse("trust-sheet", args=(stream.namespace, stream.name)), "Trust sheet",
        ),
        Step(
            "Run it with the network off, and repeat it on a second machine where it matters",
            "Exit code 0 means verified, 1 rejected, 2 incomplete or not evaluated.",
            UNSEEN, reverse("verifier"), "Verifier",
        ),
        _verdict(made),
    ]  # fmt: skip


def _range(made: BundleView | None) -> str:
    if made is None:
        return "None yet."
    return f"The newest holds leaves {words.grouped(made.first)} to {words.grouped(made.last)}."


def _chosen(stream: StreamView) -> Step:
    count = words.counted(stream.size, "leaf", "leaves")
    return Step("Choose the stream", f"{stream.namespace}/{stream.name}, {count}.", DONE, address(stream), "Open it")


def _unchosen(*titles: str) -> list[Step]:
    first = Step("Choose the stream", "Choose it above.", OPEN, reverse("streams"), "Streams")
    return [first, *(Step(title, "", OPEN) for title in titles)]


def _covered(stream: StreamView) -> Step:
    title, signed = "See that a signed root covers what you need", words.grouped(stream.signed_size)
    if stream.stopped:
        return Step(title, f"The stream is stopped ({stream.stopped}).", WRONG, address(stream), "What to do next")
    waiting = stream.size - stream.signed_size
    told = f"The newest covers {signed} of {words.counted(stream.size, 'leaf', 'leaves')}."
    told += " The window closes by itself, or by hand (Seal now)." if waiting else ""
    return Step(title, told, done_if(stream.signed_size), f"{address(stream)}#checkpoint", "Checkpoint")


def _verdict(made: BundleView | None) -> Step:
    title = "Read the verdict of the offline verifier"
    if made is None:
        return Step(title, "There is no bundle yet.", OPEN)
    page = reverse("bundle", args=(made.public_id,))
    if made.outcome is None:
        return Step(title, "The bundle is being made.", OPEN, page, "Open the bundle")
    word = {"verified": DONE, "rejected": WRONG}.get(made.outcome, OPEN)
    return Step(title, f"It said: {made.outcome}.", word, page, "Open the bundle")


EXPORT = Guide(
    slug="request-an-export",
    title="Request an export",
    when="Somebody outside asks for evidence of a range or a period.",
    must_not=(
        "Do not edit, repack or redact the file: its bytes were verified. Ask for another one with less opened.",
        "Do not send passwords, tokens or private keys with it.",
    ),
    on="stream",
    steps=_export,
)
VERIFY = Guide(
    slug="verify-a-bundle",
    title="Verify a bundle",
    when="You were handed a bundle, or want to see what your reader will see.",
    must_not=(
        "Do not take the key from the bundle itself: it proves only that the bundle agrees with itself.",
        "Do not throw a rejected bundle away: keep it with the report.",
    ),
    on="stream",
    steps=_verify,
)
