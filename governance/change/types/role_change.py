"""`role.grant` and `role.revoke`: a role and a place in a group, given or taken, in a tenant or on the platform."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import cast

from governance.change.core.policy import Direction
from governance.change.core.satisfiable import Staff
from governance.change.errors import EffectRefused
from governance.change.types.base import Applying, Plain
from governance.change.types.checks import second, uuid_text
from governance.change.types.people_documents import (
    parsed_second,
    person_row,
    roles_of,
    roles_subject,
    sorted_roles,
)
from governance.change.types.policy_change import check_still_met
from governance.identity.actions.approver_groups import add_group_member, remove_group_member
from governance.identity.actions.grant_membership import grant_membership
from governance.identity.actions.revoke_membership import revoke_membership
from governance.identity.core.governed import ROLE_GRANT, ROLE_REVOKE
from governance.identity.core.roles import PLATFORM_ROLES, TENANT_ROLES, Role, conflicts
from governance.identity.models import Membership, Person, Tenant
from governance.identity.models.person import actor_of
from governance.identity.selectors.groups import group_row, groups, place_row
from ledger.core.fields import Schema, nullable, one_of, text
from ledger.core.types import JSON, JSONObject

_role = nullable(one_of(*(role.value for role in Role)))


class _OfPerson(Plain):
    """What both share: the document of a person's roles."""

    def subject(self, body: JSONObject) -> str:
        """One document per person."""
        return roles_subject(body["person"])

    def base(self, body: JSONObject, *, lock: bool) -> JSONObject:
        """What they hold now."""
        return roles_of(person_row(body["person"], lock=lock))

    def concerned(self, body: JSONObject) -> frozenset[str]:
        """The person themselves."""
        return frozenset({actor_of(uuid.UUID(str(body["person"])))})

    def tenant(self, body: JSONObject) -> str | None:
        """Whose role it is; where the place is in a group of elsewhere, the platform's: no tenant gives what is not
        its own.
        """
        told = str(body["tenant"]) if body["tenant"] is not None else None
        return told if body["group"] is None or _home(str(body["group"])) == told else None


class RoleGrant(_OfPerson):
    """Separation of duties is checked when it is proposed, and by identity again when it is applied."""

    name = ROLE_GRANT
    words = "Grant a role"
    schema: Schema = {
        "person": uuid_text, "role": _role, "tenant": nullable(uuid_text), "expires": nullable(second),
        "group": nullable(text(63)),
    }  # fmt: skip

    def result(self, base: JSONObject, body: JSONObject) -> JSONObject:
        """With the role, the place, or both."""
        _check_something(body)
        return {"groups": _with_group(base, body), "roles": _with_role(base, body)}

    def direction(self, base: JSONObject, result: JSONObject) -> Direction:
        """It gives power."""
        return Direction.LOOSENS

    def way_back(self, base: JSONObject, body: JSONObject) -> JSONObject | None:
        """The revocation of the same; an end that was replaced does not come back."""
        if len(_others(base, body)) != len(cast("list[JSON]", base["roles"])):
            return None
        fields: JSONObject = {name: body[name] for name in ("person", "role", "tenant", "group")}
        return {"type": ROLE_REVOKE, "body": fields}

    def apply(self, base: JSONObject, body: JSONObject, *, context: Applying) -> None:
        """Identity's own actions."""
        person, by, at, decision = person_row(body["person"], lock=True), context.by, context.at, context.decision
        if body["role"] is not None:
            expires = parsed_second(str(body["expires"])) if body["expires"] is not None else None
            role = Role(str(body["role"]))
            grant_membership(person, _tenant(body), role, by=by, at=at, expires=expires, decision=decision)
        if body["group"] is not None:
            add_group_member(person, group_row(str(body["group"])), by=by, at=at, decision=decision)


class RoleRevoke(_OfPerson):
    """Sessions of the person end with it."""

    name = ROLE_REVOKE
    words = "Revoke a role"
    schema: Schema = {
        "person": uuid_text, "role": _role, "tenant": nullable(uuid_text), "group": nullable(text(63)),
    }  # fmt: skip

    def result(self, base: JSONObject, body: JSONObject) -> JSONObject:
        """Without the role, the place, or both; raises EffectRefused where there is nothing to take."""
        _check_something(body)
        roles, groups = _others(base, body), [*cast("list[JSON]", base["groups"])]
        if body["role"] is not None and len(roles) == len(cast("list[JSON]", base["roles"])):
            raise EffectRefused("The role is not held there", path="$.role")
        if body["group"] is not None and body["group"] not in groups:
            raise EffectRefused("The place is not held", path="$.group")
        return {"groups": [one for one in groups if one != body["group"]], "roles": roles}

    def direction(self, base: JSONObject, result: JSONObject) -> Direction:
        """It takes power."""
        return Direction.TIGHTENS

    def invalidates(self, base: JSONObject, body: JSONObject) -> list[str]:
        """What ends with it."""
        return ["Every open session of the person, and approvals of theirs that no longer count."]

    def way_back(self, base: JSONObject, body: JSONObject) -> JSONObject | None:
        """The grant of the same, with its end."""
        ends = [cast("JSONObject", one)["expires"] for one in cast("list[JSON]", base["roles"]) if _same(one, body)]
        fields: JSONObject = {name: body[name] for name in ("person", "role", "tenant", "group")}
        return {"type": ROLE_GRANT, "body": {**fields, "expires": ends[0] if ends else None}}

    def check(self, body: JSONObject, staff: Staff) -> None:
        """The policy stays satisfiable; raises PolicyUnsatisfiable."""
        check_still_met(without(staff, body), staff)

    def apply(self, base: JSONObject, body: JSONObject, *, context: Applying) -> None:
        """Identity's own actions."""
        person, by, at, decision = person_row(body["person"], lock=True), context.by, context.at, context.decision
        if body["group"] is not None and (place := place_row(person, str(body["group"]))) is not None:
            remove_group_member(place, by=by, at=at, decision=decision)
        if body["role"] is not None:
            revoke_membership(_membership(person, body), by=by, at=at, decision=decision)


def without(staff: Staff, body: JSONObject) -> Staff:
    """The people there would be without the role and the place."""
    person = actor_of(uuid.UUID(str(body["person"])))
    gone = frozenset({person})
    approvers = tuple(
        one if one.person != person else replace(one, groups=_groups_left(one.groups, body)) for one in staff.approvers
    )
    authors = staff.authors - gone if body["role"] == Role.AUTHOR else staff.authors
    executors = staff.executors - gone if body["role"] == Role.EXECUTOR else staff.executors
    return Staff(approvers, authors, executors, staff.index)


def _groups_left(groups: frozenset[str], body: JSONObject) -> frozenset[str]:
    return frozenset() if body["role"] == Role.APPROVER else groups - {str(body["group"])}


def _check_something(body: JSONObject) -> None:
    if body["role"] is None and body["group"] is None:
        raise EffectRefused("Nothing is named", path="$.role", next_step="Name a role, a group, or both.")


def _with_role(base: JSONObject, body: JSONObject) -> list[JSON]:
    others = _others(base, body)
    if body["role"] is None:
        return others
    role = Role(str(body["role"]))
    found = conflicts(role, [Role(str(cast("JSONObject", one)["role"])) for one in others])
    if found:
        words = ", ".join(one.words for one in found)
        raise EffectRefused(f"{role.words} excludes {words}", why="separation of duties", path="$.role")
    if (role in PLATFORM_ROLES and body["tenant"] is not None) or (role in TENANT_ROLES and body["tenant"] is None):
        raise EffectRefused("The role does not exist in this place", why=role.words, path="$.tenant")
    new: JSONObject = {"role": role.value, "tenant": body["tenant"], "expires": body["expires"]}
    if new in cast("list[JSON]", base["roles"]):
        raise EffectRefused("The role is held there already", path="$.role")
    return sorted_roles([*others, new])


def _with_group(base: JSONObject, body: JSONObject) -> list[JSON]:
    groups = cast("list[JSON]", base["groups"])
    if body["group"] is None:
        return [*groups]
    if body["group"] in groups:
        raise EffectRefused("The place is held already", path="$.group")
    return sorted([*groups, body["group"]], key=str)


def _others(base: JSONObject, body: JSONObject) -> list[JSON]:
    return [one for one in cast("list[JSON]", base["roles"]) if not _same(one, body)]


def _home(group: str) -> str | None:
    """The tenant of a group; None for the platform's, and where there is no such group."""
    return next((str(one.tenant) for one in groups() if one.id == group and one.tenant is not None), None)


def _same(one: JSON, body: JSONObject) -> bool:
    held = cast("JSONObject", one)
    return (held["role"], held["tenant"]) == (body["role"], body["tenant"])


def _tenant(body: JSONObject) -> Tenant | None:
    return Tenant.objects.get(public_id=uuid.UUID(str(body["tenant"]))) if body["tenant"] is not None else None


def _membership(person: Person, body: JSONObject) -> Membership:
    rows = Membership.objects.filter(person=person, revoked__isnull=True, role=str(body["role"]))
    return rows.get(tenant=_tenant(body))
