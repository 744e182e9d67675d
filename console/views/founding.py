"""The founding: before it what is drafted, what its people compare aloud and who has signed; afterwards what it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from console import words
from console.changes.subjects import names_in, tenant_names
from console.views.change_access import readable
from console.views.guard import page
from governance.change.core.fingerprints import fingerprints
from governance.change.core.statement import digest_of
from governance.change.core.states import State
from governance.change.core.verbs import Verb
from governance.change.selectors.changes import change_in, changes_in
from governance.change.types.genesis import GENESIS
from governance.identity.core.roles import Role
from governance.identity.selectors.founding import founding

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpResponse

    from console.views.visit import Visit
    from governance.change.selectors.changes import ChangeView
    from ledger.core.types import JSONObject

MOST = 5


@page("GET")
def index(visit: Visit) -> HttpResponse:
    """The genesis in force, or the drafts that the reader may see, the newest first."""
    scope, found = readable(visit), founding()
    state = State.APPLIED if found is not None else State.DRAFT
    rows = changes_in(scope, kind=GENESIS, states={state}, limit=MOST)
    views = [change_in(scope, one.id, visit.now) for one in rows]
    names = {**names_in(person for one in views for person in _named(one)), **tenant_names()}
    context = {
        "founding": found,
        "drafts": [_told(one, names, visit.principal.actor) for one in views],
        "answer": _answer(founded=found is not None, drafts=len(views)),
    }
    return visit.page("changes/founding.html", context)


def _answer(*, founded: bool, drafts: int) -> str:
    if founded:
        return "This deployment is founded: what a policy governs takes a signed change."
    if not drafts:
        return "This deployment is not founded. Who sits at the server decides, until a genesis is drafted and signed."
    return f"{words.counted(drafts, 'genesis', 'geneses')} drafted. Read the words of each key aloud before you sign."


def _told(view: ChangeView, names: Mapping[str, str], reader: str) -> dict[str, Any]:
    body, revision = view.current.body, view.listed.revision
    signed = {one.person: one for one in view.words if one.verb == Verb.FOUND and one.revision == revision}
    return {
        "listed": view.listed, "digest": digest_of(body), "name": body["name"], "signers": body["signers"],
        "signed": len(signed), "recovery": body["recovery"], "mine": reader in _named(view) and reader not in signed,
        "people": [_person(one, names, signed, body) for one in cast("list[JSONObject]", body["people"])],
    }  # fmt: skip


def _person(
    one: JSONObject, names: Mapping[str, str], signed: Mapping[str, Any], body: JSONObject
) -> dict[str, Any]:  # fmt: skip
    actor = f"person:{one['person']}"
    return {
        "name": names.get(actor, actor),
        "roles": _roles(cast("list[JSONObject]", one["roles"]), names),
        "unit": str(one.get("unit", "")),
        "groups": words.listed([str(group) for group in cast("list[str]", one["groups"])]),
        "keys": [key for key in fingerprints(body) if key.person == one["person"]],
        "signed": signed.get(actor),
    }


def _roles(held: list[JSONObject], names: Mapping[str, str]) -> list[str]:
    """`approver in the platform, Acme and Inventory`, one for each role."""
    places: dict[str, list[str]] = {}
    for one in held:
        place = "the platform" if one["tenant"] is None else names.get(f"tenant:{one['tenant']}", "a tenant")
        places.setdefault(Role(str(one["role"])).words, []).append(place)
    return [f"{role} in {words.listed(found)}" for role, found in places.items()]


def _named(view: ChangeView) -> list[str]:
    return [f"person:{one['person']}" for one in cast("list[JSONObject]", view.current.body["people"])]
