"""What the frame of every page needs: paper, areas, who the reader is in words, posture banners."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from console import words
from console.help_topics import help_for
from console.page_words import PAGES
from console.system_access import reads_log
from governance.change.selectors.changes import READERS
from governance.identity.core.roles import CAPABILITIES, Capability, Role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest

    from governance.change.selectors.contained import Contained
    from governance.change.selectors.last_moment import FreezeView
    from governance.identity.core.principal import Principal
    from governance.identity.selectors.tenants import MembershipView
    from ledger.selectors.reliance import Pause
    from ledger.selectors.streams import StreamView

THEMES = ("system", "light", "dark")
THEME_COOKIE = "countersign-paper"
SHORTCUTS_COOKIE = "countersign-shortcuts"
PLACES_TOLD = 4
POSTURES_NAMED = 3

_OPERATORS = frozenset({Role.AUTHOR, Role.APPROVER, Role.EXECUTOR, Role.PLATFORM_OPERATOR})
_TENANTS = frozenset({Role.TENANT_ADMIN, Role.TENANT_DEVELOPER, Role.TENANT_VIEWER})
_COMPLIANCE = frozenset({Role.COMPLIANCE_OFFICER, Role.INTERNAL_AUDITOR, Role.GUEST_AUDITOR})
_AUDITORS = frozenset({Role.COMPLIANCE_OFFICER, Role.INTERNAL_AUDITOR})
_INVITERS = frozenset({Role.PLATFORM_OPERATOR, Role.TENANT_ADMIN, Role.COMPLIANCE_OFFICER, Role.INTERNAL_AUDITOR})


@dataclass(frozen=True, slots=True)
class Area:
    """One entry of the rail."""

    name: str
    href: str
    current: bool


@dataclass(frozen=True, slots=True)
class Who:
    """Roles in one place, in words: `Internal auditor` in `Acme`, `read only, until 14 Dec 2026`."""

    roles: str
    place: str
    limits: str


@dataclass(frozen=True, slots=True)
class Posture:
    """A restriction in force that stands above every page and cannot be dismissed."""

    state: str
    what: str
    why: str
    next: str = ""
    href: str = ""


def paper(request: HttpRequest) -> dict[str, Any]:
    """Context processor: the reader's choice of paper and of shortcuts, also before sign-in."""
    chosen = request.COOKIES.get(THEME_COOKIE, "")
    return {
        "themes": THEMES,
        "theme": chosen if chosen in THEMES else THEMES[0],
        "shortcuts": request.COOKIES.get(SHORTCUTS_COOKIE) != "off",
    }


def frame(
    request: HttpRequest,
    principal: Principal,
    memberships: tuple[MembershipView, ...],
    stopped: Sequence[StreamView],
    *,
    reads_changes: bool,
) -> dict[str, Any]:
    """What `frame.html` shows around a page of somebody who is signed in. Reads nothing."""
    return {
        "areas": areas_of(principal, request.path, reads_changes=reads_changes),
        "bundles_area": _bundles_area(principal),
        "who": who_is(memberships),
        "postures": postures_of(stopped),
        "query": request.GET.get("q", ""),
        "what_is_this": PAGES.get(request.resolver_match.url_name or "") if request.resolver_match else "",
        "help_here": help_for(request.resolver_match.view_name if request.resolver_match else ""),
    }


def postures_of(stopped: Sequence[StreamView]) -> tuple[Posture, ...]:
    """One banner for each stopped stream, and one for all beyond the third."""
    named = [
        Posture(
            state="fail",
            what=f"{one.namespace}/{one.name} is stopped ({one.stopped}).",
            why="It takes no event, closes no window and signs no checkpoint until somebody has looked.",
            next="What to do next",
            href=f"{reverse('stream', args=(one.namespace, one.name))}#path-receipt",
        )
        for one in stopped[:POSTURES_NAMED]
    ]
    if rest := len(stopped) - len(named):
        what = f"{words.counted(rest, 'more stream')} {'is' if rest == 1 else 'are'} stopped."
        named.append(Posture("fail", what, "They stand first in the overview.", "Overview", reverse("overview")))
    return tuple(named)


def paused_postures(pauses: Sequence[Pause]) -> tuple[Posture, ...]:
    """One banner for each range on which reliance is paused, and one for all beyond the third."""
    named = [
        Posture(
            state="stale",
            what=f"Reliance on {_leaves(one)} of {one.namespace}/{one.name} is paused.",
            why=one.by.reason,
            next="All pauses",
            href=reverse("reliance", args=(one.namespace, one.name)),
        )
        for one in pauses[:POSTURES_NAMED]
    ]
    if rest := len(pauses) - len(named):
        streams = reverse("streams")
        named.append(
            Posture("stale", f"Reliance is paused on {words.counted(rest, 'more range')}.", "", "Streams", streams)
        )
    return tuple(named)


def contained_postures(
    found: Contained, memberships: Sequence[MembershipView], recovery: str = ""
) -> tuple[Posture, ...]:
    """Recovery, freezes and open incidents, for those who decide and for the tenants that they concern."""
    decides = any(one.tenant is None and one.role in READERS for one in memberships)
    mine = {one.tenant for one in memberships}
    told = [_recovering(recovery)] if recovery and decides else []
    told += [
        _frozen(one, None if tenant is None else tenant[1], leads=decides)
        for one, tenant in found.freezes if tenant is None or decides or tenant[0] in mine
    ]  # fmt: skip
    if found.incidents and decides:
        open_now = words.counted(found.incidents, "incident")
        what = f"{open_now} {'is' if found.incidents == 1 else 'are'} open."
        why = "Power was used in an emergency." if found.emergencies else "Somebody looks into something."
        told.append(Posture("stale", what, why, "Look at it", reverse("incidents")))
    return tuple(told)


def _recovering(why: str) -> Posture:
    return Posture("fail", "This deployment is in RECOVERY.", why, "The policy", reverse("policy"))


def _frozen(one: FreezeView, tenant: str | None, *, leads: bool) -> Posture:
    what = f"{tenant} is frozen." if tenant is not None else "Everything is frozen."
    lasts = " It has lasted for more than 72 hours." if one.escalates else ""
    why = f"{one.reason.rstrip('.')}. No change is carried out until a change thaws it.{lasts}"
    return Posture("fail", what, why, "All freezes" if leads else "", reverse("incidents") if leads else "")


def _leaves(one: Pause) -> str:
    first, last = words.grouped(one.first), words.grouped(one.last)
    return f"leaf {first}" if one.first == one.last else f"leaves {first} to {last}"


def areas_of(principal: Principal, path: str, *, reads_changes: bool) -> tuple[Area, ...]:
    """The areas that exist for this reader, in the order of the rail; the one that holds `path` is the current one."""
    entries = _areas(principal, reads_changes=reads_changes)
    home = reverse("overview")
    fitting = [
        (len(prefix), name)
        for name, prefixes in entries
        for prefix in prefixes
        if path == prefix or (prefix != home and path.startswith(prefix))
    ]
    best = max(fitting, default=(0, ""))[1]
    return tuple(Area(name, prefixes[0], name == best) for name, prefixes in entries)


def _areas(principal: Principal, *, reads_changes: bool) -> list[tuple[str, tuple[str, ...]]]:
    """Names with where they lead, and what else belongs to them."""
    operator, tenant = bool(principal.roles & _OPERATORS), bool(principal.roles & _TENANTS)
    found = [
        (True, "Overview" if operator or not tenant else "Health", ("overview",)),
        (True, "Streams", ("streams",)),
        (bool(principal.roles & _COMPLIANCE), "Search", ("search",)),
        (True, _bundles_area(principal), ("bundles",)),
        (True, "Verify", ("verify",)),
        (True, "Jobs", ("jobs",)),
        (reads_changes, "Changes", ("changes", "founding", "policy")),
        (bool(principal.roles & READERS), "EvidenceOS", ("evidenceos",)),
        (bool(principal.roles & (_OPERATORS | _AUDITORS)), "Integrity", ("integrity",)),
        (bool(principal.roles & READERS), "Incidents", ("incidents",)),
        (tenant, "Keys", ("keys",)),
        (tenant, "Guides", ("guides",)),
        (bool(principal.roles & _INVITERS), "People", ("people",)),
        (reads_log(principal, "events"), "System ledger", ("system",)),
        (Role.PLATFORM_OPERATOR in principal.roles, "Administration", ("admin:index",)),
    ]
    return [(name, tuple(map(reverse, places))) for shown, name, places in found if shown]


def _bundles_area(principal: Principal) -> str:
    """Bundles are what tenants ask for as exports."""
    tenant_alone = principal.roles & _TENANTS and not principal.roles & _OPERATORS
    return "Exports" if tenant_alone else "Bundles"


def who_is(memberships: tuple[MembershipView, ...]) -> tuple[Who, ...]:
    """One entry for the places in which somebody is the same, in the order in which roles were granted."""
    places: dict[str, list[MembershipView]] = {}
    for row in memberships:
        places.setdefault(row.tenant_name, []).append(row)
    same: dict[tuple[str, str], list[str]] = {}
    for place, rows in places.items():
        same.setdefault(_role_and_limits(rows), []).append(place)
    return tuple(Who(roles, _places(found), limits) for (roles, limits), found in same.items())


def _role_and_limits(rows: list[MembershipView]) -> tuple[str, str]:
    roles = words.listed([row.role.words for row in rows])
    rights = frozenset[Capability]().union(*(CAPABILITIES[row.role] for row in rows))
    writes = rights & {Capability.APPEND, Capability.MANAGE}
    limits = [] if writes else ["reads and exports" if Capability.EXPORT in rights else "read only"]
    ends = [row.expires for row in rows if row.expires]
    limits += [f"until {words.day(min(ends))}"] if ends else []
    return roles[:1].upper() + roles[1:], ", ".join(limits)


def _places(found: list[str]) -> str:
    return words.listed(found) if len(found) <= PLACES_TOLD else words.counted(len(found), "place")
