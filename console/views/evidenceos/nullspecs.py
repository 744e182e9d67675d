"""NullSpec contracts of a target: the list, and one with its plots, its history and how it differs from another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from console.evidenceos import authoring, plots, registry
from console.views.evidenceos.target_access import of_target, shown
from governance.evidenceos.core.samples import null_of
from governance.evidenceos.selectors.nullspecs import history, nullspec, nullspecs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpResponse

    from console.views.visit import Visit
    from governance.evidenceos.core.nullspec import Contract
    from governance.evidenceos.selectors.nullspecs import NullSpecView
    from governance.evidenceos.selectors.targets import TargetView

DONE = {"installed": "pass", "activated": "pass", "retired": "not_evaluated"}


@of_target
def index(visit: Visit, one: TargetView) -> HttpResponse:
    """Every file of the store, sound or not."""
    found = nullspecs(one, visit.now)
    rows = sorted(found, key=lambda row: (not row.is_active, -(row.contract.epoch_created if row.contract else 0)))
    shown_rows = [(row, *registry.standing(row), registry.left(row)) for row in rows]
    return shown(visit, one, "nullspecs", {"rows": shown_rows, "unsound": _unsound(found)})


@of_target
def detail(visit: Visit, one: TargetView, contract: str) -> HttpResponse:
    """One contract, beside another where one is asked for."""
    view = nullspec(one, contract, visit.now)
    found = nullspecs(one, visit.now)
    state, word = registry.standing(view)
    context: dict[str, Any] = {
        "view": view, "state": state, "word": word, "left": registry.left(view),
        "history": [(row, DONE.get(row.what, "not_evaluated")) for row in history(one, view.id_hex, visit.now)],
    }  # fmt: skip
    if view.contract is not None:
        context |= _of_contract(visit, view.contract, found)
    return shown(visit, one, "nullspec", context, under="evidenceos-nullspecs")


def _of_contract(visit: Visit, contract: Contract, found: Sequence[NullSpecView]) -> dict[str, Any]:
    others = [row for row in found if row.contract is not None and row.contract != contract]
    same = [row for row in others if row.contract is not None and row.contract.oracle_id == contract.oracle_id]
    asked = visit.request.GET.get("against", "")
    other = next((row for row in others if row.id_hex == asked), None)
    context: dict[str, Any] = {
        "numbers": authoring.numbers_of(contract, (), ()),
        "lasts": authoring.lasts(contract, None, visit.now).partition(" A date")[0],
        "others": same,
        "text": contract.canonical().decode(),
    }
    if other is not None and other.contract is not None:
        context |= {"other": other, "fields": registry.fields_of(contract, other.contract)}
        context["both"] = _both(contract, other.contract)
    return context


def _both(one: Contract, other: Contract) -> Any:
    """The null of one as bars, that of the other as lines across them; nothing where they have not the same buckets."""
    first, second = null_of(one), null_of(other)
    if len(first) != len(second):
        return ""
    pairs = enumerate(zip(first, second, strict=True))
    return plots.distribution([plots.Share(str(n), p, q) for n, (p, q) in pairs])


def _unsound(found: Sequence[NullSpecView]) -> int:
    return sum(row.verdict == "rejected" for row in found)
