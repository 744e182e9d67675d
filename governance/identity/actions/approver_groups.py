"""Approver groups, and places in them: an approver group is what a policy's rule asks signatures of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from governance.identity.actions.base import Action, Record
from governance.identity.core.governed import POLICY_CHANGE, ROLE_GRANT, ROLE_REVOKE
from governance.identity.core.names import is_tenant_name
from governance.identity.core.principal import Principal
from governance.identity.core.roles import Role
from governance.identity.errors import Gone, NameInvalid, NameTaken, NotAllowed, RoleExcluded
from governance.identity.events import IdentityEvent
from governance.identity.models.approver_group import ApproverGroup, GroupMember
from governance.identity.models.membership import Membership
from governance.identity.models.namespace import Namespace
from governance.identity.models.person import Person
from governance.identity.models.tenant import Tenant
from governance.identity.moment import Moment


@dataclass(frozen=True, kw_only=True)
class CreateGroup(Action[ApproverGroup]):
    """`id` is for ever; `words` say to people what the group is."""

    governed_by: ClassVar[str | None] = POLICY_CHANGE

    id: str
    words: str
    tenant: Tenant | None

    def check(self) -> None:
        """Form and uniqueness."""
        self.require_platform()
        if not is_tenant_name(self.id) or not self.words.strip():
            raise NameInvalid("A group needs an id such as ops, and words", why=repr(self.id)[:80], path="$.group")
        if _names_a_tenant(self.id):
            raise NameInvalid(
                "The id of a group names no tenant", why=self.id, path="$.group",
                next_step="Choose another: whoever reads changes reads the policy, and with it the ids of groups.",
            )  # fmt: skip
        if ApproverGroup.objects.filter(pk=self.id).exists():
            raise NameTaken(f"There is a group {self.id}", path="$.group", next_step="Ids of groups are never reused.")

    def execute(self) -> ApproverGroup:
        """One row that stays."""
        return ApproverGroup.objects.create(
            id=self.id, words=self.words.strip(), tenant=self.tenant, created=self.at.now
        )

    def record(self, result: ApproverGroup) -> Record:
        """Id and owner."""
        owner = str(self.tenant.public_id) if self.tenant else None
        return Record(IdentityEvent.GROUP_CREATED, result.id, {"group": result.id, "tenant": owner})


def _names_a_tenant(group: str) -> bool:
    """Whether a run of the id's words is the slug of a tenant, or a namespace."""
    words = group.split("-")
    runs = {"-".join(words[at:end]) for at in range(len(words)) for end in range(at + 1, len(words) + 1)}
    return Tenant.objects.filter(slug__in=runs).exists() or Namespace.objects.filter(name__in=runs).exists()


@dataclass(frozen=True, kw_only=True)
class AddGroupMember(Action[GroupMember]):
    """Only approvers have a place in a group."""

    governed_by: ClassVar[str | None] = ROLE_GRANT

    person: Person
    group: ApproverGroup

    def check(self) -> None:
        """Role and uniqueness; the person's row is locked against a revocation beside it."""
        self.require_platform()
        Person.objects.select_for_update().get(pk=self.person.pk)
        if self.by.actor == self.person.actor:
            raise NotAllowed("Nobody gives places to themselves", next_step="Ask somebody else.")
        held = Membership.objects.live(self.at.now).filter(person=self.person, role=Role.APPROVER.value)
        if not held.exists():
            raise RoleExcluded("Only approvers have a place in a group", next_step="Grant the role approver first.")
        if GroupMember.objects.filter(person=self.person, group=self.group, revoked__isnull=True).exists():
            raise NameTaken("This place is held already", path="$.group", next_step="Nothing needs to be done.")

    def execute(self) -> GroupMember:
        """One row."""
        return GroupMember.objects.create(person=self.person, group=self.group, created=self.at.now)

    def record(self, result: GroupMember) -> Record:
        """Who and where."""
        return Record(IdentityEvent.GROUP_MEMBER_ADDED, str(self.person.public_id), {"group": result.group_id})


@dataclass(frozen=True, kw_only=True)
class RemoveGroupMember(Action[GroupMember]):
    """The row stays, with its end."""

    governed_by: ClassVar[str | None] = ROLE_REVOKE

    member: GroupMember

    def check(self) -> None:
        """It must still stand."""
        self.require_platform()
        if GroupMember.objects.select_for_update(of=("self",)).get(pk=self.member.pk).revoked is not None:
            raise Gone("This place ended before", next_step="Nothing needs to be done.")

    def execute(self) -> GroupMember:
        """One column."""
        self.member.revoked = self.at.now
        self.member.save(update_fields=["revoked"])
        return self.member

    def record(self, result: GroupMember) -> Record:
        """Who and where."""
        person = str(result.person.public_id)
        return Record(IdentityEvent.GROUP_MEMBER_REMOVED, person, {"group": result.group_id})


def create_group(
    group: str, words: str, tenant: Tenant | None = None, *, by: Principal, at: Moment, decision: str | None = None
) -> ApproverGroup:
    """Make a group; raises NotAllowed, NameInvalid, NameTaken or DecisionNeeded."""
    return CreateGroup(id=group, words=words, tenant=tenant, by=by, at=at, decision=decision).run()


def add_group_member(
    person: Person, group: ApproverGroup, *, by: Principal, at: Moment, decision: str | None = None
) -> GroupMember:
    """Give an approver a place; raises NotAllowed, RoleExcluded, NameTaken or DecisionNeeded."""
    return AddGroupMember(person=person, group=group, by=by, at=at, decision=decision).run()


def remove_group_member(
    member: GroupMember, *, by: Principal, at: Moment, decision: str | None = None
) -> GroupMember:  # fmt: skip
    """End a place; raises NotAllowed, Gone or DecisionNeeded."""
    return RemoveGroupMember(member=member, by=by, at=at, decision=decision).run()
