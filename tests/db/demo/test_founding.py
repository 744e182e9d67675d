"""Founding makes people who can sign in and keys that open one namespace; done twice it changes nothing."""

from __future__ import annotations

import os
from datetime import UTC, datetime

import pytest

from console.demo.cast import DECISIONS, INVENTORY, TENANTS, cast
from console.demo.founding import PLATFORM_NAMESPACES, Founder
from console.demo.secret import DemoSecret
from governance.identity.core.principal import PrincipalKind
from governance.identity.core.roles import Capability
from governance.identity.models import Authenticator, Membership, Namespace, Person, SystemKey, Tenant
from governance.identity.moment import Moment
from governance.identity.one_time import code_at, secret_of
from governance.identity.selectors.principals import principal_of_token
from governance.identity.tokens import parse_token
from ledger.selectors.streams import stream

pytestmark = pytest.mark.db
MODELS = (Tenant, Namespace, Person, Membership, SystemKey, Authenticator)


def _founder() -> Founder:
    return Founder(DemoSecret(bytes(32)), lambda: Moment(datetime.now(UTC), os.urandom), "Countersign (test)")


def _counts() -> list[int]:
    return [model.objects.count() for model in MODELS]


def test_done_twice_it_changes_nothing_and_tells_the_same() -> None:
    told = []
    for _ in range(2):
        founder = _founder()
        founder.platform()
        for house in TENANTS:
            founder.tenant(house)
        users = [founder.person(player) for player in cast()]
        keys = [founder.key(name) for name in (*PLATFORM_NAMESPACES, INVENTORY.slug)]
        told.append((users, keys, _counts(), stream("_governance", "changes").size))
    assert told[0] == told[1]


def test_everybody_can_sign_in_with_password_and_code() -> None:
    founder = _founder()
    founder.platform()
    founder.tenant(DECISIONS)
    player = next(one for one in cast() if one.places == (DECISIONS.slug,))
    facts = founder.person(player)
    person = Person.objects.get(email=player.email)
    assert person.check_password(facts["password"])
    code, _ = code_at(secret_of(facts["totp_secret"]), datetime.now(UTC).timestamp())
    assert Authenticator.objects.get(user=person).verify_token(code)
    assert facts["tenant"] == DECISIONS.slug


def test_a_key_opens_its_namespace_and_no_other() -> None:
    founder = _founder()
    founder.platform()
    for house in (DECISIONS, INVENTORY):
        founder.tenant(house)
    token = parse_token(founder.key(DECISIONS.slug)["token"])
    assert token is not None
    principal = principal_of_token(token, datetime.now(UTC))
    assert principal is not None
    assert principal.kind is PrincipalKind.SYSTEM_KEY
    assert principal.may(Capability.APPEND, DECISIONS.slug)
    assert not principal.knows(INVENTORY.slug)


def test_a_key_of_the_platform_only_reads() -> None:
    founder = _founder()
    founder.platform()
    facts = founder.key("_governance")
    assert facts["scopes"] == ["read"]


def test_every_founding_is_an_event_in_the_governance_stream() -> None:
    founder = _founder()
    founder.platform()
    before = stream("_governance", "changes").size
    founder.tenant(INVENTORY)
    assert stream("_governance", "changes").size == before + 2
