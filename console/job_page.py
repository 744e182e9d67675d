"""What a job is for, who may end it, and what came of it, in words; its bar stands in `job_face`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from console import words
from console.marks import OUTCOMES
from governance.identity.core.roles import Capability

if TYPE_CHECKING:
    from governance.identity.core.principal import Principal
    from ledger.selectors.bundles import BundleView
    from ledger.selectors.jobs import JobView

KINDS = {
    "export": "Export",
    "import": "Import",
    "verify": "Verification",
    "seal": "Seal",
    "retention": "Retention",
}
STATES = {
    "queued": "waiting",
    "running": "running",
    "done": "done",
    "failed": "failed",
    "cancelled": "cancelled",
}
TONES = {"done": "pass", "failed": "fail", "cancelled": "stale"}
_NEEDED = {"export": Capability.EXPORT, "import": Capability.APPEND, "seal": Capability.APPEND}
OPEN = frozenset({"queued", "running"})


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a job: a meaning, a sentence, lines beneath, and where the thing itself is."""

    state: str
    sentence: str
    lines: tuple[str, ...] = ()
    href: str = ""
    word: str = ""


def title_of(job: JobView) -> str:
    """`Verification of acme/decisions`."""
    kind, stream = KINDS.get(job.kind, job.kind.capitalize()), stream_of(job)
    place = f"{job.namespace}/{stream}" if stream else job.namespace
    return f"{kind} {'into' if job.kind == 'import' else 'of'} {place}" if place else kind


def stream_of(job: JobView) -> str:
    """The name of the stream that the job is about; empty where it does not name one."""
    told = job.params.get("stream", "")
    return told if isinstance(told, str) else ""


def may_cancel(principal: Principal, job: JobView) -> bool:
    """Who asked for it, or who may ask for such a job there."""
    if job.state not in OPEN:
        return False
    return job.actor == principal.actor or principal.may(_NEEDED.get(job.kind, Capability.MANAGE), job.namespace)


def result_of(job: JobView, bundle: BundleView | None) -> Result | None:
    """None while there is none."""
    if job.state == "failed":
        return _failed(job.error or {})
    if job.state != "done" or job.result is None:
        return None
    return _TOLD[job.kind](job, job.result) if job.kind in _TOLD else _exported(job, job.result, bundle)


def _exported(job: JobView, told: dict[str, Any], bundle: BundleView | None) -> Result:
    if job.kind != "export":
        return Result("pass", "It is done.", tuple(f"{name}: {value}" for name, value in told.items()))
    href = reverse("bundle", args=(bundle.public_id,)) if bundle else ""
    return Result(
        "pass", "The bundle is written and was read by the offline verifier.", href=href, word="Open the bundle"
    )


def _failed(error: dict[str, Any]) -> Result:
    lines = tuple(str(error[part]) for part in ("why", "next") if error.get(part))
    return Result("fail", f"{error.get('what', 'The job failed')} ({error.get('code', 'unknown')}).", lines)


def _verified(_job: JobView, told: dict[str, Any]) -> Result:
    outcome, found = str(told["outcome"]), int(told.get("problems_found", len(told["problems"])))
    counts = [words.counted(number, _one(what), what) for what, number in told["checked"].items()]
    checked = f"Checked: {words.listed(counts)}." if counts else "Nothing was there to check."
    sentence = f"The store is {outcome}, in {told['mode']} mode. {checked}"
    problems = tuple(f"{one['code']} at {one['path']}: {one['message']}" for one in told["problems"])
    rest = (f"{words.counted(found - len(problems), 'more problem')}.",) if found > len(problems) else ()
    return Result(OUTCOMES.get(outcome, "not_evaluated"), sentence, (*problems, *rest))


def _one(what: str) -> str:
    """`policies` as `policy`, `heads` as `head`, `leaves` as `leaf`."""
    if what == "leaves":
        return "leaf"
    return f"{what.removesuffix('ies')}y" if what.endswith("ies") else what.removesuffix("s")


def _imported(job: JobView, told: dict[str, Any]) -> Result:
    lines, added, before = (int(told[name]) for name in ("lines", "appended", "replayed"))
    again = f", {words.grouped(before)} were there before" if before else ""
    sentence = f"{words.counted(lines, 'line')} read: {words.counted(added, 'event')} appended{again}."
    href = reverse("events", args=(job.namespace, job.params["stream"]))
    return Result("pass", sentence, href=href, word="Open the events")


def _sealed(job: JobView, told: dict[str, Any]) -> Result:
    if told["window"] is None:
        return Result("not_evaluated", "No leaf was waiting: nothing was sealed.")
    number, count = int(told["window"]), words.counted(int(told["leaves"]), "leaf", "leaves")
    href = reverse("window", args=(job.namespace, job.params["stream"], number))
    return Result("pass", f"Window {words.grouped(number)} is closed over {count}, and its root is signed.", href=href,
                  word="Open the window")  # fmt: skip


def _retained(job: JobView, told: dict[str, Any]) -> Result:
    events, leaves, held = (int(told[name]) for name in ("events", "leaves", "held"))
    stays = f" {words.counted(held, 'event')} that a hold covers stay." if held else ""
    if not events:
        return Result("pass", f"Nothing was older than declared.{stays}")
    said = words.counted(leaves, "erasure leaf says so", "erasure leaves say so")
    sentence = f"The content of {words.counted(events, 'event')} is erased; {said}."
    href = reverse("stream", args=(job.namespace, job.params["stream"]))
    return Result("pass", f"{sentence}{stays}", href=href, word="Open the stream")


_TOLD = {"verify": _verified, "import": _imported, "seal": _sealed, "retention": _retained}
