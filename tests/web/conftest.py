"""A house of one's own, and people in it."""

from __future__ import annotations

import pytest
from django.test import Client

from governance.identity.core.roles import Role
from tests.support.clones import Clone
from tests.web.house import House, inhabited, signed_in


@pytest.fixture
def house(ledger_db: Clone) -> House:
    return inhabited()


@pytest.fixture
def admin(house: House, client: Client) -> Client:
    """A tenant admin of acme, signed in."""
    return signed_in(client, house.person(Role.TENANT_ADMIN))


@pytest.fixture
def viewer(house: House) -> Client:
    """A tenant viewer of acme, signed in."""
    return signed_in(Client(), house.person(Role.TENANT_VIEWER, email="vic@acme.test"))


@pytest.fixture
def stranger(house: House) -> Client:
    """A tenant admin of beta, signed in."""
    return signed_in(Client(), house.person(Role.TENANT_ADMIN, house.beta, email="bea@beta.test"))
