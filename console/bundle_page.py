"""Everything the page of one bundle tells, from the request to the verdict of the offline verifier."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse

from console import words
from console.chain import Seal
from console.job_face import face_of
from console.marks import OUTCOMES
from console.seals import NO_ANCHOR, NO_WITNESS, leaf_address
from console.trust_files import OPTIONS, asks_for_witnesses, log_lines
from console.verifier import FILE_NAME
from governance.change.selectors.deployment import changes_stream
from ledger.core.steps import NONE, STEPS
from ledger.core.verify.words import step_in_words
from ledger.selectors import streams
from ledger.selectors.health import policy_in_force

if TYPE_CHECKING:
    from datetime import datetime

    from ledger.selectors.bundles import BundleView
    from ledger.selectors.jobs import JobView
    from ledger.selectors.streams import StreamView

_FOLLOWS = "The worker then verifies the file offline, and the verdict stands here."
_DONE = "The worker verified the file offline after writing it; the verdict stands below."
_ANSWERS = {
    "verified": "Verified offline just after it was written: {count} and none found fault.",
    "incomplete": "Incomplete: the offline verifier found nothing wrong, and could not evaluate everything.",
    "rejected": "Rejected by the offline verifier. Do not hand it over.",
}


def context_of(bundle: BundleView, job: JobView, now: datetime) -> dict[str, Any]:
    """The context of `bundles/detail.html`."""
    stream = streams.stream(bundle.namespace, bundle.stream)
    face = face_of(job, now, reverse("job-bar", args=(job.public_id,)), _FOLLOWS, _DONE)
    report = bundle.report or {}
    return {
        "bundle": bundle,
        "stream": stream,
        "title": title_of(bundle),
        "answer": answer(bundle, job),
        "outcome": outcome_line(bundle),
        "seals": seals_of(bundle, stream, now),
        "job": face,
        "refresh": face.running,
        "count": bundle.last - bundle.first + 1,
        "disclosed": words.listed(_disclosed(bundle)) or "nothing: leaves and proofs alone",
        "checked": _checked(report),
        "none": [NONE[step] for step, count in report.get("counts", {}).items() if count == 0 and step in NONE],
        "not_claimed": report.get("not_claimed", []),
        "problems": report.get("problems", []),
        "notes": report.get("notes", []),
        "command": command(bundle),
        "decisions": _decisions(bundle, report),
        "witnesses": asks_for_witnesses(policy_in_force(stream).encode()),
    }


def _decisions(bundle: BundleView, report: dict[str, Any]) -> dict[str, Any] | None:
    """What travels along of the log of decisions, what the judge said, and what a reader needs to judge it too."""
    if bundle.decisions is None or "decisions" not in report:
        return None
    log = changes_stream()
    said = report["decisions"]
    hidden = "decision_hidden" in said["notes"]
    return {**said, "size": bundle.decisions, "origin": log.origin, "lines": log_lines(log), "hidden": hidden}


def _checked(report: dict[str, Any]) -> list[str]:
    counts = report.get("counts", {})
    return [step_in_words(step, counts.get(step)) for step in report.get("checked", []) if step in STEPS]


def title_of(bundle: BundleView) -> str:
    """The name of a bundle: its stream and its range."""
    first, last = words.grouped(bundle.first), words.grouped(bundle.last)
    return f"{bundle.namespace}/{bundle.stream}, leaves {first} to {last}"


def answer(bundle: BundleView, job: JobView) -> str:
    """The first line of the page."""
    if bundle.outcome is None:
        unfinished = {"failed": "This bundle could not be made.", "cancelled": "This bundle was cancelled."}
        return unfinished.get(job.state, "This bundle is being made.")
    checks = len((bundle.report or {}).get("checked", []))
    return _ANSWERS[bundle.outcome].format(count=words.counted(checks, "step ran", "steps ran"))


def outcome_line(bundle: BundleView) -> tuple[str, str]:
    """State and word of a bundle on one line."""
    if bundle.outcome is None:
        return "not_evaluated", "not finished"
    return OUTCOMES[bundle.outcome], bundle.outcome


def seals_of(bundle: BundleView, stream: StreamView, now: datetime) -> tuple[Seal, ...]:
    """The chain of the range: everything in it stands under the head that the request froze."""
    state, word = outcome_line(bundle)
    finished = words.ago(bundle.finished, now) if bundle.finished else "in the making"
    edge = "but for the last manifest" if bundle.last == bundle.head_size - 1 else "all of them"
    count = words.counted(bundle.last - bundle.first + 1, "leaf", "leaves")
    span = f"{words.grouped(bundle.first)} to {words.grouped(bundle.last)}"
    return (
        Seal("received", "pass", count, span, leaf_address(stream, bundle.first)),
        Seal("windowed", "pass", "windowed", edge, leaf_address(stream, bundle.last)),
        Seal("checkpointed", "pass", "signed", f"head of {words.grouped(bundle.head_size)}"),
        NO_WITNESS,
        NO_ANCHOR,
        Seal("bundled", state, word, finished),
    )


def command(bundle: BundleView) -> str:
    """How the reader verifies the file with the server off."""
    return f"python3 -S {FILE_NAME} bundle {bundle_file_name(bundle)} {OPTIONS}"


def bundle_file_name(bundle: BundleView) -> str:
    """Under which name the file is saved."""
    return f"{bundle.namespace}-{bundle.stream}-{bundle.first}-{bundle.last}.tar.gz"


def _disclosed(bundle: BundleView) -> list[str]:
    names = {"attrs": "attributes", "payload": "payloads"}
    return [names[role] for role in names if role in bundle.disclose]
