from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from governance.identity.actions.create_personal_token import create_personal_token
from governance.identity.actions.deactivate_person import deactivate_person
from governance.identity.actions.revoke_personal_token import revoke_personal_token
from governance.identity.core.roles import Capability, Role
from governance.identity.errors import Gone, NameInvalid, NameTaken, NotAllowed
from governance.identity.models import Person
from governance.identity.selectors.principals import principal_of_person, principal_of_token
from governance.identity.selectors.tenants import personal_tokens_of
from tests.support.world import SEED, Place, moment, person

NOW = datetime.now(UTC)
WEEK = timedelta(days=7)


@pytest.fixture
def admin(acme: Place) -> Person:
    return person("admin@acme.test", Role.TENANT_ADMIN, acme.tenant)


def test_it_reads_what_its_holder_reads_and_writes_nothing(admin: Person) -> None:
    by = principal_of_person(admin, NOW)
    assert by is not None
    token = create_personal_token(admin, "laptop", WEEK, by=by, at=moment()).token
    found = principal_of_token(token, NOW)
    assert found is not None
    assert found.actor == admin.actor
    assert found.grants["acme"] == {Capability.SEE, Capability.READ, Capability.EXPORT}
    assert not found.in_session


def test_it_ends_when_it_says_when_it_is_revoked_and_with_its_holder(admin: Person) -> None:
    first = create_personal_token(admin, "first", WEEK, by=SEED, at=moment(NOW))
    second = create_personal_token(admin, "second", WEEK, by=SEED, at=moment(NOW))
    assert principal_of_token(first.token, NOW + WEEK) is None
    revoke_personal_token(first.row, by=SEED, at=moment())
    assert principal_of_token(first.token, NOW) is None
    assert [row.name for row in personal_tokens_of(admin, NOW)] == ["second"]
    deactivate_person(admin, by=SEED, at=moment())
    assert principal_of_token(second.token, NOW) is None
    with pytest.raises(Gone):
        revoke_personal_token(first.row, by=SEED, at=moment())


def test_nobody_makes_or_revokes_a_token_for_somebody_else(acme: Place, admin: Person) -> None:
    other = principal_of_person(person("ops@platform.test", Role.PLATFORM_OPERATOR, None), NOW)
    assert other is not None
    with pytest.raises(NotAllowed):
        create_personal_token(admin, "theirs", WEEK, by=other, at=moment())
    issued = create_personal_token(admin, "mine", WEEK, by=SEED, at=moment())
    with pytest.raises(NotAllowed):
        revoke_personal_token(issued.row, by=other, at=moment())


def test_a_token_makes_no_further_token(admin: Person) -> None:
    token = create_personal_token(admin, "mine", WEEK, by=SEED, at=moment()).token
    by = principal_of_token(token, NOW)
    assert by is not None
    with pytest.raises(NotAllowed):
        create_personal_token(admin, "child", WEEK, by=by, at=moment())


@pytest.mark.parametrize("life", [timedelta(0), timedelta(days=367)])
def test_it_lives_for_a_while_and_not_for_ever(admin: Person, life: timedelta) -> None:
    with pytest.raises(NameInvalid):
        create_personal_token(admin, "mine", life, by=SEED, at=moment())


def test_its_name_is_unique_among_those_that_live(admin: Person) -> None:
    issued = create_personal_token(admin, "mine", WEEK, by=SEED, at=moment())
    with pytest.raises(NameTaken):
        create_personal_token(admin, "mine", WEEK, by=SEED, at=moment())
    revoke_personal_token(issued.row, by=SEED, at=moment())
    assert create_personal_token(admin, "mine", WEEK, by=SEED, at=moment()).row.pk
