"""A founded deployment with a change at each stage of its way, for pictures and for whoever checks every page."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django.conf import settings

from governance.change.actions.ask import ask_to_sign
from governance.change.actions.comment import comment_on
from governance.change.actions.edit import edit_change
from governance.change.actions.hold import hold_change
from governance.change.actions.incident import note_incident
from governance.change.actions.revert import draft_revert
from governance.change.actions.settle import settle_change
from governance.change.actions.withdraw import withdraw_change
from governance.change.core.policy import Policy, Tier
from governance.change.core.verbs import Verb
from governance.change.models import Change
from governance.identity.core.roles import Role
from governance.identity.models import Person
from tests.support.governed import World, rule, world
from tests.support.world import moment, person, signed_in

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

KINDS = (
    "tenant.state", "role.grant", "role.revoke", "key.enrol", "key.rotate", "policy.change", "thaw",
    "stream.policy", "log_key.rotate",
)  # fmt: skip
AT_ONCE = ("stream.retention", "stream.publicity", "reliance.pause", "reliance.resume", "emergency.apply")
POLICY = Policy((
    *(rule(kind) for kind in KINDS), *(rule(kind, lock_s=0) for kind in AT_ONCE),
    rule("freeze", tier=Tier.EMERGENCY, lock_s=0), rule("key.revoke", tier=Tier.EMERGENCY, lock_s=0),
))  # fmt: skip
NAMES = {
    "ada": "Ada Lovelace", "ben": "Ben Okafor", "cyd": "Cyd Marsh", "dov": "Dov Adler", "eva": "Eva Lindqvist",
    "fay": "Fay Wong",
}  # fmt: skip
Stages = dict[str, tuple[str, str]]
"""By name: who looks, and the address."""


def deployment() -> World:
    """Six people with names and keys, and a policy under which some kinds wait and others do not."""
    it = world(POLICY)
    for short, name in NAMES.items():
        Person.objects.filter(pk=it[short].row.pk).update(display_name=name)
    return it


def staged(it: World) -> Stages:
    """A change at each stage."""
    made = {**_drafted(it), **_reviewed(it), **_approved(it), **_ended(it), **_carried_out(it), **_emergency(it)}
    found = {f"change-{name}": (who, f"/changes/{row.key}/") for name, (who, row) in made.items()}
    edit = made["draft"][1]
    return {
        **found,
        "changes-to-sign": ("dov", "/changes/"), "changes-all": ("ada", "/changes/?view=all"),
        "changes-none": ("eva", "/changes/?view=drafts&kind=thaw"), "change-choose": ("ada", "/changes/new/"),
        "change-form": ("ada", "/changes/new/tenant.state/"), "change-form-edit": ("ada", f"/changes/{edit.key}/edit/"),
        "policy-in-force": ("ben", "/policy/"), "founding-done": ("ben", "/founding/"),
        "incident-open": ("cyd", "/incidents/"), "overview-to-sign": ("dov", "/"), "person-decides":
        ("ops", f"/people/{it['ben'].row.public_id}/"),
    }  # fmt: skip


def frozen(it: World) -> Stages:
    """Everything stops; what was ready waits."""
    ready = it.approved(_retention(it, 45), "ben", "cyd")
    row = it.draft("freeze", {"scope": "platform", "reason": "A key of the log may have leaked."})
    it.say(row, Verb.FREEZE, "dov")
    return {
        "freeze-ready": ("eva", f"/changes/{ready.key}/"), "freeze-list": ("ada", "/changes/"),
        "freeze-incidents": ("ben", "/incidents/"), "freeze-applied": ("dov", f"/changes/{row.key}/"),
    }  # fmt: skip


def _drafted(it: World) -> dict[str, tuple[str, Change]]:
    shorter = [dataclasses.replace(one, lock_s=7_200) if one.name == "thaw" else one for one in POLICY.rules]
    proposed: Any = Policy(tuple(shorter)).to_json()
    return {
        "draft": ("ada", it.draft("tenant.state", it.suspend, reason="Their programs send events in a loop.")),
        "draft-policy": ("ada", it.draft("policy.change", {"policy": proposed}, reason="A thaw shall wait longer.")),
        "draft-grant": ("ada", it.draft("role.grant", _grant(it, "tenant_viewer"), reason="Gus audits on site.")),
    }  # fmt: skip


def _reviewed(it: World) -> dict[str, tuple[str, Change]]:
    fresh = it.in_review(body={**it.suspend, "state": "disabled"})
    row = it.in_review()
    row = it.say(row, Verb.APPROVE, "ben")
    comment_on(row.key, "Which of their programs is it?", by=it["ben"].principal(), at=moment())
    comment_on(row.key, "The one named loader; they were called.", by=it["ada"].principal(), at=moment())
    text, author = {**it.suspend, "state": "disabled"}, it["ada"].principal()
    row = edit_change(row.key, text, "They cannot be reached.", revision=row.revision, by=author, at=moment())
    row = it.say(row, Verb.APPROVE, "ben")
    ask_to_sign(row.key, it["cyd"].id, by=it["ada"].principal(), at=moment())
    return {"review-none": ("cyd", fresh), "review-one": ("cyd", row), "review-author": ("ada", row)}


def _approved(it: World) -> dict[str, tuple[str, Change]]:
    locked = it.approved(it.in_review())
    early = it.approved(it.in_review("role.grant", _grant(it, "tenant_developer")))
    it.say(early, Verb.EXECUTE, "eva", advance=True)
    public = {"stream": it.acme.stream.origin, "tiles": True, "entries": False}
    ready = it.approved(it.in_review("stream.publicity", public))
    held = it.approved(it.in_review(body={**it.suspend, "state": "disabled"}))
    held = hold_change(held.key, "Legal has to look at it first.", by=it["ben"].principal(), at=moment())
    return {
        "locked-executor": ("eva", locked), "locked-approver": ("cyd", locked), "signed-in-advance": ("fay", early),
        "ready": ("eva", ready), "held": ("ben", held),
    }  # fmt: skip


def _ended(it: World) -> dict[str, tuple[str, Change]]:
    rejected = it.say(it.in_review("key.revoke", _theft(it)), Verb.REJECT, "ben")
    vetoed = it.say(it.approved(it.in_review()), Verb.VETO, "fay")
    gone = it.draft("role.grant", _grant(it, "compliance_officer"))
    gone = withdraw_change(gone.key, by=it["ada"].principal(), at=moment())
    return {"rejected": ("ada", rejected), "vetoed": ("ada", vetoed), "withdrawn": ("ada", gone)}


def _carried_out(it: World) -> dict[str, tuple[str, Change]]:
    """One that is observed, the draft of its way back, one that was taken back, and one that became stale by it."""
    overtaken = _retention(it, 60)
    done = it.say(it.approved(_retention(it, 30)), Verb.EXECUTE, "eva")
    overtaken = settle_change(overtaken.key, at=moment())
    back = draft_revert(done.key, "Auditors still need them.", by=it["fay"].principal(), at=moment())
    paused = {"stream": it.acme.stream.origin, "from": 0, "to": 0}
    undone = it.say(it.approved(it.in_review("reliance.pause", paused)), Verb.EXECUTE, "eva")
    way = draft_revert(undone.key, "It was the wrong range.", by=it["fay"].principal(), at=moment())
    it.say(way, Verb.REVERT, "fay")
    return {
        "observed": ("fay", done), "way-back": ("fay", back), "taken-back": ("ada", undone),
        "way-back-applied": ("ada", way), "stale": ("ada", overtaken),
    }  # fmt: skip


def _emergency(it: World) -> dict[str, tuple[str, Change]]:
    row = it.draft("emergency.apply", {"incident": "leak", "type": "tenant.state", "body": it.suspend})
    row = it.say(row, Verb.EMERGENCY, "eva")
    row = it.say(row, Verb.ACKNOWLEDGE_EMERGENCY, "ben")
    note_incident(row.key, "Their keys were found on a public site.", by=it["cyd"].principal(), at=moment())
    return {"provisional": ("cyd", row)}


def _retention(it: World, days: int) -> Change:
    body = {"stream": it.acme.stream.origin, "attrs_days": None, "payload_days": days}
    return it.in_review("stream.retention", body)


def _grant(it: World, role: str) -> dict[str, Any]:
    gus = Person.objects.filter(email="gus@acme.test").first() or person("gus@acme.test", None, None)
    place = str(it.acme.tenant.public_id)
    return {"person": str(gus.public_id), "role": role, "tenant": place, "expires": None, "group": None}


def _theft(it: World) -> dict[str, Any]:
    return {"person": str(it["dov"].row.public_id), "kid": it["dov"].kid, "reason": "A laptop was lost."}


@contextlib.contextmanager
def looking(browser: Browser, it: World, url: str, who: str, **more: Any) -> Iterator[Page]:
    """A window in which this person is signed in; `ops` runs the platform."""
    cookie = signed_in(reader(it, who)).cookies[settings.SESSION_COOKIE_NAME]
    context = browser.new_context(**more)
    context.set_default_timeout(15_000)
    context.add_cookies([{"name": COOKIE, "value": cookie.value, "url": url}])
    with contextlib.closing(context):
        yield context.new_page()


COOKIE = "countersign"
"""Of the server, which stands on plain HTTP."""


def reader(it: World, who: str) -> Person:
    """One of the six, or who runs the platform."""
    if who in it.people:
        return it[who].row
    found = Person.objects.filter(email="ops@gov.test").first()
    return found or person("ops@gov.test", Role.PLATFORM_OPERATOR, None, decided=True)
