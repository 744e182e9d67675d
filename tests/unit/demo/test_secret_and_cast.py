"""The demo's people: one for each audience, and secrets that survive an interruption."""

from __future__ import annotations

import base64
import stat
from pathlib import Path

from console.demo.cast import TENANTS, cast
from console.demo.secret import DemoSecret, open_secret
from governance.identity.core.names import is_tenant_name
from governance.identity.core.roles import EXPIRING_ROLES, PLATFORM_ROLES, TENANT_ROLES, Role


def test_there_is_somebody_for_every_role_that_has_pages() -> None:
    assert {player.role for player in cast()} == set(Role) - {Role.WITNESS_OPERATOR}


def test_every_tenant_has_an_administrator_a_developer_and_a_viewer() -> None:
    for tenant in TENANTS:
        roles = {player.role for player in cast() if player.places == (tenant.slug,)} - EXPIRING_ROLES
        assert roles == TENANT_ROLES - EXPIRING_ROLES


def test_addresses_are_unique_and_places_fit_the_roles() -> None:
    assert len({player.email for player in cast()}) == len(cast())
    assert all(None not in player.places for player in cast() if player.role in TENANT_ROLES)
    assert all(player.places == (None,) for player in cast() if player.role in PLATFORM_ROLES)


def test_slugs_can_be_namespaces() -> None:
    assert all(is_tenant_name(tenant.slug) for tenant in TENANTS)


def test_secrets_differ_by_person_and_use_and_stay_the_same() -> None:
    secret, again = DemoSecret(bytes(32)), DemoSecret(bytes(32))
    emails = [player.email for player in cast()]
    drawn = {secret.password(email) for email in emails} | {secret.totp(email).hex() for email in emails}
    assert len(drawn) == 2 * len(emails)
    assert all(secret.password(email) == again.password(email) for email in emails)
    assert DemoSecret(b"\1" * 32).password(emails[0]) != secret.password(emails[0])


def test_passwords_have_eighty_bits_in_four_groups_and_totp_secrets_twenty_bytes() -> None:
    secret = DemoSecret(bytes(32))
    groups = secret.password("a@b").split("-")
    assert [len(group) for group in groups] == [4, 4, 4, 4]
    assert len(base64.b32decode("".join(groups).upper())) == 10
    assert len(secret.totp("a@b")) == 20


def test_a_kept_secret_wins_over_a_fresh_one_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "demo" / "secret"
    assert open_secret(path, b"\1" * 32).root == b"\1" * 32
    assert open_secret(path, b"\2" * 32).root == b"\1" * 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_secret_does_not_show_itself() -> None:
    assert "1111" not in repr(DemoSecret(b"\x11" * 32))
