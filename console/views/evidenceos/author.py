"""Authoring a NullSpec contract: the form, and what forms beside it. Nothing is stored; what is signed is a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from console import words
from console.evidenceos import authoring
from console.evidenceos.authoring import Told
from console.forms.evidenceos import BERNOULLI, BUCKETS, STATED, AuthorForm, example, renewal
from console.views.change_access import moment_of, refused
from console.views.evidenceos.target_access import need_reader, seen
from console.views.guard import page
from console.views.visit import Hidden
from governance.change.actions.draft import draft_change
from governance.change.types import change_type
from governance.change.types.drafting import completed
from governance.evidenceos.core.buckets import read_buckets
from governance.evidenceos.core.counted import read_lines
from governance.evidenceos.errors import EvidenceOSRefused, FieldMalformed
from governance.evidenceos.errors_of_targets import TargetRefused, TargetUnknown
from governance.evidenceos.selectors.nullspecs import nullspec
from governance.evidenceos.selectors.settings_of import epoch, oracles
from governance.evidenceos.selectors.targets import targets
from ledger.errors import RequestError

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

    from console.views.visit import Visit
    from ledger.core.types import JSONObject

LARGEST: Final = 256 * 1024
INSTALL: Final = "nullspec.install"
_EXAMPLES = {BUCKETS, BERNOULLI}


@page("GET", "POST")
def index(visit: Visit) -> HttpResponse:
    """The page; posted, it reads a file of buckets, gives the bytes to sign, or computes again."""
    need_reader(visit)
    if visit.request.method != "POST":
        data = _begun(visit)
        form = _form(visit, data) if data else _form(visit, None)
        return _page(visit, form, forming(visit, form))
    data, problem = _with_file(visit)
    form = _form(visit, data)
    if problem:
        form.add_error("counts", problem)
    step = visit.request.POST.get("step")
    shown = forming(visit, form)
    if step == "payload" and shown.get("state") == "pass":
        return _file(shown["payload"].encode(), f"nullspec-{shown['id'][:16]}.payload")
    if step == "propose" and shown.get("state") == "pass":
        return _proposed(visit, form, shown)
    if step == "read":
        _calm(form, keep="counts" if problem else "")
        shown |= {"read": "" if problem else _read(visit, form)}
    return _page(visit, form, shown, 422 if step == "payload" or form.errors else 200)


@page("POST")
def preview(visit: Visit) -> HttpResponse:
    """What has formed so far."""
    need_reader(visit)
    return visit.partial("evidenceos/_forming.html", forming(visit, _form(visit, visit.request.POST.dict())))


def forming(visit: Visit, form: AuthorForm) -> dict[str, Any]:
    """Numbers, bytes, checks and expiry of the contract as far as it is said."""
    form.is_valid()
    contract = form.contract if form.is_bound else None
    if contract is None:
        return {"lacking": form.lacking if form.is_bound else []}
    told = form.cleaned_data
    checks = authoring.checks_of(contract, [_bound(form), *_weights(form)])
    return {
        "contract": contract,
        "lacking": form.lacking,
        "state": authoring.state_of(form.lacking, checks),
        "numbers": authoring.numbers_of(contract, told.get("counts") or (), told.get("sequences") or ()),
        "checks": checks,
        "lasts": authoring.lasts(contract, form.rate, visit.now),
        "payload": contract.signing_payload().decode(),
        "id": contract.computed_id().hex(),
    }


def _bound(form: AuthorForm) -> Told:
    if form.cleaned_data.get("resolution") == STATED:
        told = "The resolution hash is taken as it was told; nothing here recomputes it."
        return Told("not_evaluated", told, "Choose a lane, and compare the hash that is computed.")
    return Told("pass", "The resolution hash was computed from symbols, lane, calibration, epoch and the oracle's TTL.")


def _weights(form: AuthorForm) -> list[Told]:
    """What the form cannot carry over from the contract that is renewed."""
    before = form.cleaned_data.get("weights_before")
    if not before or form.cleaned_data.get("family") == BERNOULLI:
        return []
    told = f"The contract that is renewed has unequal weights (alpha): {before}. Here every bucket gets the same one."
    keep = "Sign this only if another e-process is meant. To keep the weights, propose a contract file over the API."
    return [Told("stale", told, keep)]


def _form(visit: Visit, data: dict[str, str] | None) -> AuthorForm:
    offered = [(one.slug, f"{one.words} ({one.slug})") for one in targets(visit.principal, visit.now)]
    asked = visit.request.GET.get("target", "")
    return AuthorForm(data, initial={"alpha": "1", "target": asked}, offered=offered)


def _proposed(visit: Visit, form: AuthorForm, shown: dict[str, Any]) -> HttpResponse:
    """A draft of its installation, with the very bytes that are shown; the author signs them on the signing page."""
    told = form.cleaned_data
    for name in ("target", "reason"):
        if not told.get(name):
            form.add_error(name, "This is needed to propose it.")
    if form.errors:
        return _page(visit, form, shown, 422)
    epoch_now = told.get("epoch_now")
    lane = None if told["resolution"] == STATED else told["resolution"]
    body: JSONObject = {
        "target": told["target"], "contract": shown["payload"], "lane": lane,
        "epoch": None if epoch_now is None else str(epoch_now),
    }  # fmt: skip
    try:
        whole = completed(change_type(INSTALL), body)
        row = draft_change(INSTALL, whole, told["reason"], by=visit.principal, at=moment_of(visit))
    except RequestError as error:
        why = f" {error.why}." if error.why else ""
        form.add_error(None, f"{error.what.rstrip('.')}.{why} {error.next_step} Code: {error.code}.")
        return _page(visit, form, shown, 422)
    return HttpResponseRedirect(reverse("change", args=(row.public_id,)))


def _begun(visit: Visit) -> dict[str, str]:
    """What the form begins with: an example, a contract that is renewed, or nothing."""
    asked = visit.request.GET
    if asked.get("example", "") in _EXAMPLES:
        return example(asked["example"])
    if "renews" not in asked:
        return {}
    one = seen(visit, asked.get("target", ""))
    try:
        view = nullspec(one, asked["renews"], visit.now)
        records = {row.oracle_id: row.record for row in oracles(one, visit.now)}
        forced = epoch(one, visit.now)
    except TargetUnknown as unknown:
        raise Hidden(visit.principal.actor) from unknown
    except TargetRefused as error:
        raise refused(error) from error
    if view.contract is None:
        return {}
    told = renewal(view.contract, forced.forced, records.get(view.contract.oracle_id))
    return {**told, "epoch_seconds": str(forced.seconds or ""), "target": one.slug}


def _page(visit: Visit, form: AuthorForm, shown: dict[str, Any], status: int = 200) -> HttpResponse:
    context = {"form": form, "preview": reverse("evidenceos-author-preview"), **shown}
    if visit.request.headers.get("HX-Request"):
        return visit.partial("evidenceos/_author.html", context)
    return visit.page("evidenceos/author.html", context, status)


def _calm(form: AuthorForm, *, keep: str) -> None:
    """After a file was read, what is still empty is no error yet."""
    for name in [name for name in form.errors if not form.data.get(name) and name != keep]:
        del form.errors[name]


def _with_file(visit: Visit) -> tuple[dict[str, str], str]:
    """The posted fields, with what an attached file says in them; and why it could not be read."""
    data = {name: str(value) for name, value in visit.request.POST.items()}
    sent = visit.request.FILES.get("file")
    if sent is None:
        asked = visit.request.POST.get("step") == "read"
        return data, "Choose a file first: CSV or JSON." if asked else ""
    try:
        return data | _fields(sent), ""
    except EvidenceOSRefused as refused:
        return data, f"{refused.path}: {refused.why}. {refused.next_step}"


def _read(visit: Visit, form: AuthorForm) -> str:
    """What a file gave, in words."""
    counts = form.cleaned_data.get("counts") or ()
    sent: Any = visit.request.FILES["file"]
    return f"{str(sent.name)[:80]}: {words.counted(len(counts), 'bucket')}, {words.grouped(sum(counts))} counted."


def _fields(sent: UploadedFile[Any]) -> dict[str, str]:
    if (sent.size or 0) > LARGEST:
        raise FieldMalformed("The file is too large", why=f"at most {LARGEST // 1024} KiB are read", path="file")
    raw = sent.read()
    if not raw.lstrip().startswith(b"{"):
        return {"counts": _joined(read_lines(raw))}
    found = read_buckets(raw)
    manifest = found.calibration_manifest_hash
    told = {"counts": _joined(found.counts), "epoch_created": str(found.epoch_created)}
    return told | ({"calibration": manifest.hex()} if manifest is not None else {})


def _joined(counts: tuple[int, ...]) -> str:
    return ", ".join(map(str, counts))


def _file(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type="application/octet-stream")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response
