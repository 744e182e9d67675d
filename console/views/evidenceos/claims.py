"""A claim of EvidenceOS, verified from the files that its daemon answered with. Nothing is stored."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any, Final

from console import words
from console.forms.evidenceos_claim import ClaimForm
from console.marks import OUTCOMES
from console.views.guard import page
from governance.evidenceos.core import claim_files as claims

if TYPE_CHECKING:
    from django.http import HttpResponse

    from console.views.visit import Visit
    from ledger.core.report import Report

OFFLINE: Final = "python -m governance.evidenceos claim"
_EXAMPLE: Final = {"command": f"{OFFLINE} --key PUBLIC_KEY -- FILE..."}
LARGEST: Final = 4 * 1024 * 1024
MOST_FILES: Final = 64


@page("GET", "POST")
def index(visit: Visit) -> HttpResponse:
    """The form; posted, the verdict above it."""
    if visit.request.method != "POST":
        return visit.page("evidenceos/claims.html", {"form": ClaimForm(), **_EXAMPLE})
    form, problem = ClaimForm(visit.request.POST), _unfit(visit)
    if not form.is_valid() or problem:
        return visit.page("evidenceos/claims.html", {"form": form, "problem": problem, **_EXAMPLE}, 422)
    sent = visit.request.FILES.getlist("files")
    found = claims.sorted_out((one.name or "file", one.read()) for one in sent)
    keys, claim = form.cleaned_data["keys"], form.cleaned_data["claim_id"] or None
    report = claims.judged(found, keys, claim)
    told = _told(report) if report else {"problem": _which(found)}
    context = {"form": form, "shown": found.shown, "command": _command(found, keys, claim), **told}
    return visit.page("evidenceos/claims.html", context, 200 if report else 422)


def _command(found: claims.Evidence, keys: dict[bytes, bytes], claim: str | None) -> str:
    """What verifies these very files under these keys without this server, each word quoted for a shell."""
    asked = [word for key in keys.values() for word in ("--key", key.hex())]
    named = ["--claim-id", claim] if claim else []
    return shlex.join([*OFFLINE.split(), *asked, *named, "--", *(one.name for one in found.shown)])


def _told(report: Report) -> dict[str, Any]:
    return {
        "state": OUTCOMES[report.outcome],
        "answer": claims.ANSWERS[report.outcome],
        "report": report,
        "steps": claims.steps_of(report),
        "subject": [(name.replace("_", " "), value) for name, value in report.subject.items()],
    }


def _unfit(visit: Visit) -> str:
    sent = visit.request.FILES.getlist("files")
    if not sent:
        return "Choose the files of the claim."
    if len(sent) > MOST_FILES:
        return f"Up to {MOST_FILES} files are read at once."
    large = next((one.name for one in sent if (one.size or 0) > LARGEST), None)
    return f"{large} is larger than {words.size(LARGEST)}, the most that is read of one file." if large else ""


def _which(found: claims.Evidence) -> str:
    if not found.fetched:
        return "None of the files is an answer of FetchCapsule, so that there is no claim to verify."
    return "Several claims were shown, and it is not clear which is meant: name it, or leave the others out."
