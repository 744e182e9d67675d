"""`genesis`: the first people, groups, keys and policy, signed by at least two of those whom it names.

Guarantees that a person whom it names has exactly the roles, places and keys that it lists: nothing that was granted
before the founding stays unsaid about them. Signers are judged by the keys that it gives them.
"""

from __future__ import annotations

import uuid
from typing import cast

from governance.change.core.people import Approver, Custody, People, PersonKey
from governance.change.core.policy import Direction, ExecutorRule, Need, Policy, Rule, Tier
from governance.change.core.policy_text import policy_of
from governance.change.core.satisfiable import Staff
from governance.change.errors import AlreadyFounded, EffectRefused
from governance.change.models import PolicyVersion
from governance.change.types.base import Applying, Plain
from governance.change.types.checks import an_object, kid, unit_name, uuid_text
from governance.change.types.people_documents import (
    key_json,
    keys_of,
    keys_subject,
    person_row,
    roles_of,
    roles_subject,
    sorted_keys,
    sorted_roles,
    unit_of,
    unit_subject,
)
from governance.change.types.policy_change import check_policy, write_version
from governance.identity.actions.activate_person_key import activate_person_key
from governance.identity.actions.approver_groups import add_group_member, create_group
from governance.identity.actions.grant_membership import grant_membership
from governance.identity.actions.set_unit import set_unit
from governance.identity.core.governed import KEY_ENROL, PERSON_UNIT, POLICY_CHANGE, ROLE_GRANT
from governance.identity.core.person_keys import Custody as DeclaredCustody
from governance.identity.core.person_keys import KeyUse
from governance.identity.core.roles import KEYLESS_ROLES, Role, conflicts
from governance.identity.models import Person, Tenant
from governance.identity.models import PersonKey as KeyRow
from governance.identity.models.person import actor_of
from governance.identity.selectors.founding import is_founded
from governance.identity.selectors.groups import group_row, groups
from ledger.core.fields import Schema, closed, hex_hash, list_of, nullable, number, one_of, text
from ledger.core.types import JSON, JSONObject

GENESIS = "genesis"
LEAST_SIGNERS = 2
DAY = 86_400

_KEY = closed({
    "kid": kid, "public": hex_hash, "custody": one_of(*(one.value for one in DeclaredCustody)),
    "use": one_of(*(one.value for one in KeyUse)),
})  # fmt: skip
_ROLE = closed({"role": one_of(*(one.value for one in Role)), "tenant": nullable(uuid_text)})
_NAMED: Schema = {
    "person": uuid_text, "roles": list_of(_ROLE, most=16), "groups": list_of(text(63), most=16),
    "keys": list_of(_KEY, most=8),
}  # fmt: skip


def _person(value: JSON) -> None:
    """Somebody whom it names; `unit` stands there where one is known, and not at all elsewhere."""
    with_unit: Schema = {"unit": unit_name} if isinstance(value, dict) and "unit" in value else {}
    closed({**_NAMED, **with_unit})(value)


RECOVERY: Schema = {
    "group": text(63),
    "count": number(2, 16),
    "lock_s": number(0, 30 * DAY),
    "life_s": number(1, 60 * DAY),
}


class Genesis(Plain):
    """There is one. Its statement says `found`."""

    name = GENESIS
    words = "Found this deployment"
    schema: Schema = {
        "name": text(200), "signers": number(LEAST_SIGNERS, 64), "people": list_of(_person, least=2, most=64),
        "groups": list_of(closed({"id": text(63), "words": text(200)}), least=1, most=32), "policy": an_object,
        "recovery": closed(RECOVERY),
    }  # fmt: skip

    def subject(self, body: JSONObject) -> str:
        """All documents at once; see `documents`."""
        return GENESIS

    def base(self, body: JSONObject, *, lock: bool) -> JSONObject:
        """What the people whom it names hold before."""
        if is_founded():
            raise AlreadyFounded("This deployment is founded")
        return {"people": [_documents(one, lock=lock) for one in _people(body)], "policy": None}

    def result(self, base: JSONObject, body: JSONObject) -> JSONObject:
        """Exactly what it lists; raises EffectRefused where something held before is left out."""
        _check_people(body)
        before = cast("list[JSON]", base["people"])
        listed = [_listed(one, cast("JSONObject", held)) for one, held in zip(_people(body), before, strict=True)]
        return {"people": [*listed], "policy": policy_of(body["policy"]).to_json()}

    def direction(self, base: JSONObject, result: JSONObject) -> Direction:
        """It gives the first power there is."""
        return Direction.LOOSENS

    def documents(self, result: JSONObject) -> dict[str, JSONObject]:
        """The governed documents that it sets, by subject."""
        found: dict[str, JSONObject] = {"policy": cast("JSONObject", result["policy"])}
        for one in cast("list[JSONObject]", result["people"]):
            found[roles_subject(one["person"])] = {"groups": one["groups"], "roles": one["roles"]}
            found[keys_subject(one["person"])] = {"keys": one["keys"]}
            found[unit_subject(one["person"])] = {"unit": one.get("unit")}
        return found

    def policies(self, in_force: Policy | None, body: JSONObject) -> tuple[Policy, ...]:
        """It is judged under its own; what counts is how many of its people sign."""
        return (Policy((founding_rule(body),)),)

    def check(self, body: JSONObject, staff: Staff) -> None:
        """The policy can be met by the people whom it names; raises PolicyUnsatisfiable."""
        check_policy(policy_of(body["policy"]), genesis_staff(body))

    def does(self, body: JSONObject) -> tuple[str, ...]:
        """Groups, roles, places, keys and units."""
        return (POLICY_CHANGE, ROLE_GRANT, KEY_ENROL, PERSON_UNIT)

    def apply(self, base: JSONObject, body: JSONObject, *, context: Applying) -> None:
        """Groups, roles, places, units and keys by identity's actions, then the policy; the row comes last."""
        by, at, decision = context.by, context.at, context.decision
        for group in cast("list[JSONObject]", body["groups"]):
            if str(group["id"]) not in {one.id for one in groups()}:
                create_group(str(group["id"]), str(group["words"]), by=by, at=at, decision=decision)
        for one in _people(body):
            _admit(one, context)
        write_version(policy_of(body["policy"]), decision, at.now)


def founding_rule(body: JSONObject) -> Rule:
    """As many of its people as it says, for a week; no lock, for nothing governs yet."""
    return Rule(
        name="founding", change=GENESIS, directions=frozenset({Direction.LOOSENS}), tier=Tier.CRITICAL,
        needs=(Need(GENESIS, cast("int", body["signers"])),), lock_s=0, life_s=7 * DAY, executor=ExecutorRule.ANY,
    )  # fmt: skip


def genesis_people(body: JSONObject) -> People:
    """The people whom it names, with the decision keys that it gives them."""
    found = {}
    for one in _people(body):
        keys = tuple(
            PersonKey(str(key["kid"]), bytes.fromhex(str(key["public"])), Custody(str(key["custody"])), 0, 0)
            for key in cast("list[JSONObject]", one["keys"]) if key["use"] == KeyUse.DECISION.value
        )  # fmt: skip
        person = actor_of(uuid.UUID(str(one["person"])))
        groups = frozenset({GENESIS, *map(str, cast("list[JSON]", one["groups"]))})
        found[person] = Approver(person, groups, keys, unit=str(one.get("unit", "")))
    return found


def genesis_staff(body: JSONObject) -> Staff:
    """The people there will be."""
    roles = {
        actor_of(uuid.UUID(str(one["person"]))): {str(role["role"]) for role in cast("list[JSONObject]", one["roles"])}
        for one in _people(body)
    }
    able = [one for one in genesis_people(body).values() if Role.APPROVER in roles[one.person]]
    authors = {Role.AUTHOR.value, Role.APPROVER.value, Role.PLATFORM_OPERATOR.value, Role.TENANT_ADMIN.value}
    return Staff(
        approvers=tuple(able),
        authors=frozenset(person for person, held in roles.items() if held & authors),
        executors=frozenset(person for person, held in roles.items() if Role.EXECUTOR in held),
        index=0,
    )


def recovery_rule(body: JSONObject) -> Rule:
    """The one way out where nobody alive can meet a rule, as this genesis declared it."""
    told = cast("JSONObject", body["recovery"])
    return Rule(
        name="recovery", change="*", directions=frozenset(Direction), tier=Tier.CRITICAL,
        needs=(Need(str(told["group"]), cast("int", told["count"])),), lock_s=cast("int", told["lock_s"]),
        life_s=cast("int", told["life_s"]), executor=ExecutorRule.ANY,
    )  # fmt: skip


def policy_row() -> PolicyVersion | None:
    """The version in force."""
    return PolicyVersion.objects.order_by("-number").first()


def _people(body: JSONObject) -> list[JSONObject]:
    return cast("list[JSONObject]", body["people"])


def _documents(one: JSONObject, *, lock: bool) -> JSONObject:
    row = person_row(one["person"], lock=lock)
    if lock:
        list(KeyRow.objects.select_for_update(of=("self",)).filter(person=row).order_by("id"))
    return {"person": one["person"], **roles_of(row), **keys_of(row), **_unit(unit_of(row))}


def _check_people(body: JSONObject) -> None:
    named = {str(group["id"]) for group in cast("list[JSONObject]", body["groups"])}
    ids = [str(one["person"]) for one in _people(body)]
    if len(set(ids)) != len(ids):
        raise EffectRefused("A person is named twice", path="$.people")
    for one in _people(body):
        if not {str(group) for group in cast("list[JSON]", one["groups"])} <= named:
            raise EffectRefused("A place in a group that is not named", path="$.people")
        _check_roles(one)
        _check_keys(one)
    if str(cast("JSONObject", body["recovery"])["group"]) not in named:
        raise EffectRefused("The recovery names a group that is not there", path="$.recovery.group")


def _check_roles(one: JSONObject) -> None:
    """What identity would refuse at the last signature is refused before the first."""
    held = [Role(str(role["role"])) for role in cast("list[JSONObject]", one["roles"])]
    for role in held:
        if others := conflicts(role, held):
            told = ", ".join(other.words for other in others)
            raise EffectRefused(f"{role.words} excludes {told}", why=str(one["person"]), path="$.people")
    if KEYLESS_ROLES & set(held) and one["keys"]:
        raise EffectRefused("A platform operator holds no key that counts", why=str(one["person"]), path="$.people")


def _check_keys(one: JSONObject) -> None:
    for key in cast("list[JSONObject]", one["keys"]):
        row = KeyRow.objects.select_related("person").filter(kid=str(key["kid"])).first()
        if row is None or str(row.person.public_id) != one["person"] or key_json(row) != key or row.replaces_id:
            raise EffectRefused("A key was not registered like this by this person", why=str(key["kid"]))


def _listed(one: JSONObject, held: JSONObject) -> JSONObject:
    roles = [{**cast("JSONObject", role), "expires": None} for role in cast("list[JSON]", one["roles"])]
    before = cast("list[JSON]", held["roles"])
    if any(role not in roles for role in before):
        raise EffectRefused("Roles held before are left out, or end", why=str(one["person"]), path="$.people")
    if not {str(key) for key in cast("list[JSON]", held["groups"])} <= set(map(str, cast("list[JSON]", one["groups"]))):
        raise EffectRefused("Places held before are left out", why=str(one["person"]), path="$.people")
    if any(key not in cast("list[JSON]", one["keys"]) for key in cast("list[JSON]", held["keys"])):
        raise EffectRefused("Keys that count already are left out", why=str(one["person"]), path="$.people")
    if "unit" in held and "unit" not in one:
        raise EffectRefused("The unit of before is left out", why=str(one["person"]), path="$.people")
    places: list[JSON] = [*sorted(map(str, cast("list[JSON]", one["groups"])))]
    return {
        "person": one["person"], "groups": places, "roles": sorted_roles([*roles]),
        "keys": sorted_keys(cast("list[JSON]", one["keys"])), **_unit(one),
    }  # fmt: skip


def _admit(one: JSONObject, context: Applying) -> None:
    row = person_row(one["person"], lock=True)
    by, at, decision = context.by, context.at, context.decision
    held = cast("list[JSON]", roles_of(row)["roles"])
    for role in cast("list[JSONObject]", one["roles"]):
        if {**role, "expires": None} not in held:
            grant_membership(row, _tenant(role), Role(str(role["role"])), by=by, at=at, decision=decision)
    _seat(row, one, context)
    if "unit" in one and one["unit"] != row.unit:
        set_unit(row, str(one["unit"]), by=by, at=at, decision=decision)
    for key in cast("list[JSONObject]", one["keys"]):
        pending = KeyRow.objects.select_related("person", "replaces").get(kid=str(key["kid"]))
        if pending.since is None:
            activate_person_key(pending, by=by, at=at, decision=decision)


def _seat(row: Person, one: JSONObject, context: Applying) -> None:
    held = cast("list[JSON]", roles_of(row)["groups"])
    for group in cast("list[JSON]", one["groups"]):
        if group not in held:
            add_group_member(
                row, group_row(str(group)), by=context.by, at=context.at, decision=context.decision
            )  # fmt: skip


def _unit(held: JSONObject) -> JSONObject:
    """Only where one is known."""
    return {"unit": held["unit"]} if held.get("unit") else {}


def _tenant(role: JSONObject) -> Tenant | None:
    return Tenant.objects.get(public_id=uuid.UUID(str(role["tenant"]))) if role["tenant"] is not None else None
