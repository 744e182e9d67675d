"""What every page of a target asks first: whether it exists for this reader, and whether its directory can be read."""

from __future__ import annotations

from functools import update_wrapper
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeAlias

from django.urls import reverse

from console.views.change_access import readable, refused
from console.views.guard import page
from console.views.visit import Hidden
from governance.evidenceos.errors_of_targets import TargetRefused, TargetUnknown
from governance.evidenceos.selectors.targets import READERS, TargetView, target

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse, HttpResponseBase

    from console.views.visit import Visit

P = ParamSpec("P")
Shown: TypeAlias = "Callable[Concatenate[Visit, TargetView, P], HttpResponse]"

TABS = (
    ("evidenceos-target", "In force"),
    ("evidenceos-nullspecs", "Contracts"),
    ("evidenceos-oracles", "Oracles"),
    ("evidenceos-settings", "Epoch and keys"),
    ("evidenceos-canaries", "Canaries"),
    ("evidenceos-ahead", "Ahead"),
    ("evidenceos-events", "Events"),
    ("evidenceos-files", "Files"),
    ("evidenceos-guide", "Safe order"),
)


def of_target(view: Shown[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Wrap a page of one target: unknown ones are 404, a directory that cannot be read is told with its reason."""

    def guarded(visit: Visit, target: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        one = seen(visit, target)
        try:
            return view(visit, one, *args, **kwargs)
        except TargetUnknown as unknown:
            raise Hidden(visit.principal.actor) from unknown
        except TargetRefused as error:
            raise refused(error) from error

    return page("GET")(update_wrapper(guarded, view))  # type: ignore[arg-type]  # the slug is in the address


def need_reader(visit: Visit) -> None:
    """403 where the reader's roles read no changes; asks nothing where they do."""
    if not any(one.role in READERS for one in visit.memberships):
        readable(visit)


def seen(visit: Visit, slug: str) -> TargetView:
    """The target, or the 404 that every unknown address gets."""
    need_reader(visit)
    try:
        return target(visit.principal, slug, visit.now)
    except TargetUnknown as unknown:
        raise Hidden(visit.principal.actor) from unknown


def shown(visit: Visit, one: TargetView, name: str, context: dict[str, Any], *, under: str = "") -> HttpResponse:
    """A page in the frame of its target; `under` is the tab that it belongs to."""
    tab = under or (visit.request.resolver_match.url_name if visit.request.resolver_match else "")
    tabs = [(label, reverse(to, args=(one.slug,)), to == tab) for to, label in TABS]
    return visit.page(f"evidenceos/target/{name}.html", {"target": one, "tabs": tabs, **context})
