"""What tests of erasures share: a request, and a bundle that the worker made and verified."""

from __future__ import annotations

from ledger.selectors import bundles
from ledger.selectors.bundles import BundleView
from ledger.selectors.streams import StreamView
from ledger.services import exports
from ledger.services.erasures import Asked
from tests.support.streams import ACTOR, fresh


def asked(*spans: tuple[int, int], parts: tuple[str, ...] = ("payload",), reason: str = "asked") -> Asked:
    """A request of a subject."""
    return Asked(spans, parts, "subject", reason, "person:1")


def exported(stream: StreamView, first: int, last: int) -> BundleView:
    """A bundle of leaves `first` to `last`, written and verified."""
    view, job = exports.request_bundle(fresh(stream), first, last + 1, actor=ACTOR)
    exports.run_export(job.public_id)
    return bundles.bundle(view.public_id)


def notes(view: BundleView) -> set[str]:
    """Codes of the notes in the verifier's report."""
    assert view.report is not None
    return {note["code"] for note in view.report["notes"]}
