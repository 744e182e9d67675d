from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from governance.identity.actions.create_system_key import create_system_key
from governance.identity.actions.disable_system_key import disable_system_key
from governance.identity.actions.rotate_system_key import rotate_system_key
from governance.identity.actions.set_tenant_state import set_tenant_state
from governance.identity.core.principal import Principal, Scope
from governance.identity.core.roles import Capability, Role
from governance.identity.errors import Gone, NameInvalid, NameTaken, NotAllowed
from governance.identity.models import Namespace, SystemKey
from governance.identity.models.tenant import TenantState
from governance.identity.selectors.principals import principal_of_person, principal_of_token
from governance.identity.tokens import Token, parse_token
from ledger.selectors.leaves import events_in
from ledger.selectors.streams import stream
from tests.support.world import BOTH, SEED, Place, moment, person

NOW = datetime.now(UTC)


def _token(place: Place) -> Token:
    found = parse_token(place.token)
    assert found is not None
    return found


def _principal(token: Token, now: datetime = NOW) -> Principal:
    found = principal_of_token(token, now)
    assert found is not None
    return found


def test_a_key_opens_its_namespace_with_its_scopes_and_nothing_else(acme: Place) -> None:
    found = _principal(_token(acme))
    assert found.namespaces == {"acme"}
    assert found.actor == f"key:{acme.key.public_id}"
    assert found.grants["acme"] == {Capability.SEE, Capability.APPEND, Capability.READ, Capability.EXPORT}


def test_only_the_digest_is_stored(acme: Place) -> None:
    assert bytes(acme.key.secret_hash) == _token(acme).digest()
    assert _token(acme).secret != bytes(acme.key.secret_hash)


def test_a_wrong_secret_under_a_known_id_opens_nothing(acme: Place) -> None:
    token = _token(acme)
    assert principal_of_token(Token(token.kind, token.public_id, bytes(32)), NOW) is None


def test_rotation_keeps_the_actor_and_both_secrets_until_the_overlap_ends(acme: Place) -> None:
    old = _token(acme)
    issued = rotate_system_key(acme.key, timedelta(hours=1), by=SEED, at=moment(NOW))
    assert _principal(issued.token).actor == _principal(old).actor
    assert principal_of_token(old, NOW + timedelta(hours=1)) is None
    assert principal_of_token(issued.token, NOW + timedelta(hours=1)) is not None


@pytest.mark.parametrize("overlap", [timedelta(seconds=-1), timedelta(days=31)])
def test_it_refuses_an_overlap_that_is_past_or_too_long(acme: Place, overlap: timedelta) -> None:
    with pytest.raises(NameInvalid):
        rotate_system_key(acme.key, overlap, by=SEED, at=moment())


def test_a_disabled_key_opens_nothing_for_good(acme: Place) -> None:
    disable_system_key(acme.key, by=SEED, at=moment())
    assert principal_of_token(_token(acme), NOW) is None
    with pytest.raises(Gone):
        disable_system_key(acme.key, by=SEED, at=moment())
    with pytest.raises(Gone):
        rotate_system_key(acme.key, timedelta(0), by=SEED, at=moment())


def test_a_suspended_tenant_is_read_and_a_disabled_one_is_not_there(acme: Place) -> None:
    set_tenant_state(acme.tenant, TenantState.SUSPENDED, "unpaid", by=SEED, at=moment())
    found = _principal(_token(acme))
    assert Capability.APPEND not in found.grants["acme"]
    assert Capability.READ in found.grants["acme"]
    assert found.suspended == {"acme"}
    set_tenant_state(acme.tenant, TenantState.DISABLED, "left", by=SEED, at=moment())
    assert principal_of_token(_token(acme), NOW) is None


def test_use_is_remembered_by_the_day(acme: Place) -> None:
    _principal(_token(acme))
    acme.key.refresh_from_db()
    assert acme.key.last_used == NOW.date()


def test_a_tenant_admin_makes_keys_at_home_and_nobody_else_does(acme: Place) -> None:
    for role, allowed in (
        (Role.TENANT_ADMIN, True),
        (Role.TENANT_DEVELOPER, False),
        (Role.TENANT_VIEWER, False),
    ):
        by = principal_of_person(person(f"{role.value}@acme.test", role, acme.tenant), NOW)
        assert by is not None
        if allowed:
            create_system_key(acme.namespace, role.value, BOTH, by=by, at=moment())
            continue
        with pytest.raises(NotAllowed):
            create_system_key(acme.namespace, role.value, BOTH, by=by, at=moment())


def test_names_of_keys_are_unique_in_a_namespace(acme: Place) -> None:
    with pytest.raises(NameTaken):
        create_system_key(acme.namespace, "pipeline", BOTH, by=SEED, at=moment())


@pytest.mark.parametrize("scopes", [set(), {Scope.DRAFT}, {Scope.SESSION, Scope.READ}])
def test_a_key_has_no_scopes_but_its_own(acme: Place, scopes: set[Scope]) -> None:
    with pytest.raises(NameInvalid):
        create_system_key(acme.namespace, "odd", scopes, by=SEED, at=moment())


def test_no_key_appends_to_the_platforms_own_streams(acme: Place) -> None:
    governance = Namespace.objects.get(name="_governance")
    with pytest.raises(NameInvalid):
        create_system_key(governance, "writer", BOTH, by=SEED, at=moment())
    assert create_system_key(governance, "reader", {Scope.READ}, by=SEED, at=moment()).key.may_read


def test_every_mutation_leaves_its_event_and_a_refused_one_leaves_none(acme: Place) -> None:
    changes = stream("_governance", "changes")
    before = len(events_in(changes, None, 500))
    rotate_system_key(acme.key, timedelta(0), by=SEED, at=moment())
    with pytest.raises(NameTaken):
        create_system_key(acme.namespace, "pipeline", BOTH, by=SEED, at=moment())
    rows = events_in(changes, None, 500)
    assert [row.type for row in rows[before:]] == ["identity:system_key:rotated"]
    assert rows[-1].subject == str(acme.key.public_id)


def test_a_mutation_whose_event_cannot_be_written_did_not_happen(acme: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("governance.identity.actions.base.GOVERNANCE", ("_governance", "missing"))
    with pytest.raises(Exception, match="no such stream"):
        create_system_key(acme.namespace, "second", BOTH, by=SEED, at=moment())
    assert not SystemKey.objects.filter(name="second").exists()
