"""Whoever writes or reads for a tenant learns nothing of others from a proposal, and what reaches beyond is not theirs.

Each refusal is compared with that of what nobody has: code, words and the number of questions to the database.
"""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from console.forms.changes.base import Reader
from governance.change.actions.draft import draft_change
from governance.change.actions.edit import edit_change
from governance.change.actions.submit import submit_change
from governance.change.errors import EffectRefused
from governance.change.models import Change
from governance.change.selectors.changes import changes_in, scope_of
from governance.change.selectors.previews import previewed
from governance.change.types import change_type
from governance.identity.actions.approver_groups import CreateGroup
from governance.identity.actions.invite_person import invite_person
from governance.identity.core.principal import Principal
from governance.identity.core.roles import Role
from governance.identity.errors import NameInvalid
from governance.identity.models import ApproverGroup, GroupMember, Membership, Person
from governance.identity.selectors.principals import principal_of_person
from ledger.errors import RequestError
from tests.support.clones import Clone
from tests.support.governed import World, world
from tests.support.world import SEED, Place, moment, person, place

pytestmark = pytest.mark.db


class Two:
    """Two tenants, an admin of the first, a member of it, and an admin of the second."""

    def __init__(self) -> None:
        self.it: World = world()
        self.globex: Place = place("globex")
        acme = self.it.acme.tenant
        self.admin = person("adm@acme.test", Role.TENANT_ADMIN, acme, decided=True)
        self.member = person("mia@acme.test", Role.TENANT_VIEWER, acme, decided=True)
        self.victim = person("vic@globex.test", Role.TENANT_ADMIN, self.globex.tenant, decided=True)
        self.mine, self.theirs = str(acme.public_id), str(self.globex.tenant.public_id)

    @property
    def by(self) -> Principal:
        found = principal_of_person(self.admin, self.it.now)
        assert found is not None
        return found

    def draft(self, kind: str, body: dict[str, Any], by: Principal | None = None) -> Change:
        return draft_change(kind, body, "Agreed.", by=by or self.by, at=moment(self.it.now))

    def grant(self, who: object, tenant: str | None = None, **more: Any) -> dict[str, Any]:
        told = {"person": str(who), "role": "author", "tenant": tenant or self.mine, "expires": None, "group": None}
        return {**told, **more}

    def also(self, who: Person, **more: Any) -> None:
        """A second role, somewhere."""
        made = {"public_id": uuid.uuid4(), "role": "author", "created": self.it.now}
        Membership.objects.create(person=who, **{**made, **more})


@pytest.fixture
def two(ledger_db: Clone) -> Two:
    return Two()


def refusal(call: Any, *named: str) -> tuple[str, str, str, int]:
    """Code, words without what was named, path, and how many questions it took (the signer's go by the clock)."""
    with CaptureQueriesContext(connection) as asked, pytest.raises(RequestError) as found:
        call()
    text = str(found.value)
    for one in named:
        text = text.replace(one, "<named>")
    return (
        found.value.code,
        text,
        found.value.path,
        sum("ledger_sign" not in one["sql"] for one in asked.captured_queries),
    )


def bodies(two: Two, tenant: str, who: str, stream: str) -> list[tuple[str, dict[str, Any]]]:
    return [
        ("tenant.state", {"tenant": tenant, "state": "suspended"}),
        ("freeze", {"scope": f"tenant:{tenant}", "reason": "Why not."}),
        ("stream.retention", {"stream": stream, "attrs_days": 3, "payload_days": 3}),
        ("reliance.pause", {"stream": stream, "from": 0, "to": 0}),
        ("role.grant", two.grant(who, tenant)),
        ("role.grant", two.grant(who)),
        ("role.revoke", {"person": who, "role": "tenant_admin", "tenant": two.mine, "group": None}),
        ("key.revoke", {"person": who, "kid": "ab" * 16, "reason": "Lost."}),
        ("emergency.apply", {"incident": "any", "type": "tenant.state",
                             "body": {"tenant": tenant, "state": "suspended"}}),
    ]  # fmt: skip


def test_what_is_anothers_and_what_is_nobodys_are_refused_alike(two: Two) -> None:
    origin = two.globex.stream.origin
    theirs = (two.theirs, str(two.victim.public_id), origin)
    nobodys = (str(uuid.uuid4()), str(uuid.uuid4()), f"{origin[:-1]}0")
    for (kind, first), (_, second) in zip(bodies(two, *theirs), bodies(two, *nobodys), strict=True):
        for ask in (two.draft, lambda one, body: previewed(change_type(one), body, two.by, two.it.now)):
            refusal(lambda ask=ask, kind=kind, body=second: ask(kind, body))
            told = refusal(lambda ask=ask, kind=kind, body=first: ask(kind, body), *theirs)
            assert told == refusal(lambda ask=ask, kind=kind, body=second: ask(kind, body), *nobodys), kind


def test_an_admin_proposes_for_the_people_of_the_tenant_and_for_whom_they_invited(two: Two) -> None:
    new, _ = invite_person("new@acme.test", "New", by=two.by, at=moment(two.it.now))
    for who in (two.member, new):
        row = two.draft("role.grant", two.grant(who.public_id))
        assert (row.tenant, row.revisions.get().result["roles"][0]["tenant"]) == (two.mine, two.mine)
    effect, _ = previewed(change_type("role.grant"), two.grant(new.public_id), two.by, two.it.now)
    assert effect.base == {"groups": [], "roles": []}


def test_whoever_holds_something_elsewhere_is_the_platforms(two: Two) -> None:
    two.also(two.member, tenant=two.globex.tenant)
    body = two.grant(two.member.public_id, role="approver")
    code, text, _, _ = refusal(lambda: two.draft("role.grant", body))
    assert (code, "no such person" in text) == ("effect_refused", True)
    body = {"person": body["person"], "role": "tenant_viewer", "tenant": two.mine, "group": None}
    row = two.draft("role.revoke", body, two.it["ada"].principal(two.it.now))
    assert row.tenant is None
    assert changes_in(scope_of(two.admin.public_id, two.it.now)) == ()
    assert two.theirs in json.dumps(row.revisions.get().base)


def test_a_change_of_a_tenants_never_comes_to_show_what_is_held_elsewhere(two: Two) -> None:
    row = two.draft("role.grant", two.grant(two.member.public_id))
    two.also(two.member, tenant=two.globex.tenant)
    for who in (two.by, two.it["ada"].principal(two.it.now)):
        with pytest.raises(EffectRefused):
            submit_change(row.key, revision=1, by=who, at=moment(two.it.now))
        with pytest.raises(EffectRefused):
            edit_change(row.key, two.grant(two.member.public_id), "Anew.", revision=1, by=who, at=moment(two.it.now))
    assert two.theirs not in json.dumps([one.base for one in row.revisions.all()])


def test_an_edit_takes_no_change_of_a_tenants_into_another(two: Two) -> None:
    row = two.draft("role.grant", two.grant(two.member.public_id))
    elsewhere = two.grant(two.member.public_id, two.theirs)
    for who in (two.by, two.it["ada"].principal(two.it.now)):
        told = refusal(lambda who=who: edit_change(row.key, elsewhere, "A", revision=1, by=who, at=moment(two.it.now)))
        assert told[0] == "change_body_malformed"


def test_a_place_in_a_group_is_at_home_in_the_tenant(two: Two) -> None:
    ApproverGroup.objects.create(id="board", words="Board", tenant=two.globex.tenant, created=two.it.now)
    ApproverGroup.objects.create(id="council", words="Council", tenant=two.it.acme.tenant, created=two.it.now)
    asked = [two.grant(two.member.public_id, group=one) for one in ("board", "ops", "never")]
    told = {refusal(lambda body=body: two.draft("role.grant", body), body["group"]) for body in (asked[0], *asked)}
    assert [one[0] for one in {one[:3] for one in told}] == ["role_missing"]
    assert two.draft("role.grant", two.grant(two.member.public_id, group="council")).tenant == two.mine
    GroupMember.objects.create(person=two.member, group_id="board", created=two.it.now)
    assert "no such person" in refusal(lambda: two.draft("role.grant", two.grant(two.member.public_id)))[1]


def test_forms_offer_the_groups_and_people_that_may_be_named(two: Two) -> None:
    ApproverGroup.objects.create(id="board", words="Board", tenant=two.globex.tenant, created=two.it.now)
    ApproverGroup.objects.create(id="council", words="Council", tenant=two.it.acme.tenant, created=two.it.now)
    reader = Reader(scope_of(two.admin.public_id, two.it.now), frozenset(), two.it.now, two.admin.actor)
    assert [one for one, _ in reader.groups()] == ["council"]
    assert {one.public_id for one in reader.people()} == {two.admin.public_id, two.member.public_id}
    two.also(two.member, tenant=two.globex.tenant)
    assert two.member.public_id not in {one.public_id for one in reader.people()}


@pytest.mark.parametrize("name", ["globex", "globex-board", "board-of-globex"])
def test_the_id_of_a_group_names_no_tenant(two: Two, name: str) -> None:
    with pytest.raises(NameInvalid, match="names no tenant"):
        CreateGroup(id=name, words="Board", tenant=None, by=SEED, at=moment(two.it.now)).check()
    CreateGroup(id="globexboard", words="Board", tenant=None, by=SEED, at=moment(two.it.now)).check()
