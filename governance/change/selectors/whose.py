"""Whose business a proposal is, asked before anything that it names is read.

Guarantees that whoever reads for tenants alone learns nothing of others from a proposal: what is another's, and what
is nobody's, is refused with the same words after the same questions. The document of a person's roles is one for the
whole deployment, so it belongs to a tenant only while all that it holds lies in that tenant; else the change is the
platform's, which its people alone draft, read and sign.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import cast

from governance.change.errors import EffectRefused, RoleMissing
from governance.change.selectors.changes import Scope, scope_of
from governance.change.selectors.effects import Effect, check_body
from governance.change.selectors.people import may_author, may_freeze, views
from governance.change.types.base import ChangeType
from governance.change.types.freezing import FREEZE
from governance.identity.core.principal import Principal, PrincipalKind
from governance.identity.models import ApproverGroup, GroupMember, Membership
from governance.identity.selectors.directory import invited_by
from governance.identity.selectors.people import PersonView
from ledger.core.types import JSON, JSONObject

_PERSON, _ROLES = "person:", "/roles"


def scope_by(by: Principal, now: datetime) -> Scope:
    """What exists for `by`; everything for a command at the server, nothing for a key."""
    if by.kind is PrincipalKind.PERSON:
        return scope_of(uuid.UUID(by.actor.removeprefix(_PERSON)), now)
    return Scope(everything=by.kind is PrincipalKind.MACHINE)


def check_right(
    by: Principal, kind: ChangeType, body: JSONObject, now: datetime, *, scope: Scope | None = None
) -> None:  # fmt: skip
    """Whether `by` may be told what the body would do: whoever reads all changes, or may write this one. `scope` is
    what exists for `by`, where that was asked already.

    Raises BodyMalformed, RoleMissing, EffectRefused, all before anything that the body names is read.
    """
    check_body(kind, body)
    scope, tenant = scope_by(by, now) if scope is None else scope, kind.tenant(body)
    if not scope.everything and not may_propose(views(now).get(by.actor), kind.name, tenant):
        raise RoleMissing("This takes the role author", why=f"{by.actor} may not propose here")
    check_known(by, kind, body, now, scope=scope)


def may_propose(view: PersonView | None, kind: str, tenant: str | None) -> bool:
    """Whether they may write a proposal of this kind for this tenant (None: for the platform); a freeze is also
    written by whoever may give the one word that it takes.
    """
    return may_author(view, tenant) or (kind == FREEZE and may_freeze(view, tenant))


def check_known(
    by: Principal, kind: ChangeType, body: JSONObject, now: datetime, *, scope: Scope | None = None
) -> None:  # fmt: skip
    """Raise EffectRefused, as for somebody who is not there, where the body names a person beyond what `by` reads."""
    subject = kind.subject(body)
    if not subject.startswith(_PERSON) or (scope_by(by, now) if scope is None else scope).everything:
        return
    person = subject.removeprefix(_PERSON).partition("/")[0]
    held, invited = _homes(person), invited_by(by.actor)
    if not (held <= {kind.tenant(body)} if uuid.UUID(person) in invited else held == {kind.tenant(body)}):
        raise _nobody(person)


def whose(kind: ChangeType, body: JSONObject, effect: Effect) -> str | None:
    """The tenant that reads and decides the change; None for the platform."""
    tenant = kind.tenant(body)
    if tenant is None or not kind.subject(body).endswith(_ROLES):
        return tenant
    inside = frozenset(ApproverGroup.objects.filter(tenant__public_id=tenant).values_list("id", flat=True))
    return tenant if all(_lies_in(one, tenant, inside) for one in (effect.base, effect.result)) else None


def drafted_for(by: Principal, kind: ChangeType, body: JSONObject, effect: Effect, now: datetime) -> str | None:
    """The same for a draft of `by`; raises EffectRefused where they may not name what it holds."""
    found = whose(kind, body, effect)
    if found != kind.tenant(body) and not scope_by(by, now).everything:
        raise EffectRefused("There is no such group", path="$.group")
    return found


def check_stays(kind: ChangeType, body: JSONObject, effect: Effect, tenant: str | None) -> None:
    """Raise EffectRefused where a change that `tenant` reads would show, with this text or effect, what is not its."""
    if tenant is not None and whose(kind, body, effect) != tenant:
        raise EffectRefused("This is not decided in the tenant", next_step="Propose a new change: the platform's.")


def _homes(person: str) -> set[str | None]:
    """Where everything is at home that was given to a person and not taken away."""
    roles = Membership.objects.filter(person__public_id=person, revoked__isnull=True)
    places = GroupMember.objects.filter(person__public_id=person, revoked__isnull=True)
    found: list[uuid.UUID | None] = [*roles.values_list("tenant__public_id", flat=True)]
    found += places.values_list("group__tenant__public_id", flat=True)
    return {None if one is None else str(one) for one in found}


def _lies_in(document: JSONObject, tenant: str, inside: frozenset[str]) -> bool:
    roles = cast("list[JSONObject]", document["roles"])
    groups = cast("list[JSON]", document["groups"])
    return all(one["tenant"] == tenant for one in roles) and inside >= {str(one) for one in groups}


def _nobody(person: str) -> EffectRefused:
    return EffectRefused("There is no such person", why=person, path="$.person")
