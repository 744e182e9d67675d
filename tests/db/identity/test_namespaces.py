from __future__ import annotations

import psycopg
import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from governance.identity.actions.create_namespace import create_namespace
from governance.identity.actions.create_tenant import create_tenant
from governance.identity.errors import NameInvalid, NameTaken
from governance.identity.models import Namespace
from tests.support.clones import Clone
from tests.support.world import SEED, Place, moment, place


@pytest.mark.parametrize("name", ["", "Acme", "a" * 64, "a_b", "_mine", "a.b", "ä", "a/b", "a\n"])
def test_it_refuses_names_of_another_form(acme: Place, name: str) -> None:
    with pytest.raises(NameInvalid):
        create_namespace(acme.tenant, name, by=SEED, at=moment())


@pytest.mark.parametrize("name", ["plain", "_", "_Upper", "_" + "a" * 63])
def test_the_platforms_names_begin_with_an_underscore(acme: Place, name: str) -> None:
    with pytest.raises(NameInvalid):
        create_namespace(None, name, by=SEED, at=moment())


def test_a_name_is_given_out_once(acme: Place) -> None:
    other = place("other")
    with pytest.raises(NameTaken):
        create_namespace(other.tenant, "acme", by=SEED, at=moment())


def test_a_slug_is_given_out_once_and_has_the_form_of_a_name(acme: Place) -> None:
    with pytest.raises(NameTaken):
        create_tenant("Acme again", "acme", by=SEED, at=moment())
    with pytest.raises(NameInvalid):
        create_tenant("Acme", "Acme!", by=SEED, at=moment())
    with pytest.raises(NameInvalid):
        create_tenant(" ", "blank", by=SEED, at=moment())


def test_the_database_refuses_what_the_action_would(acme: Place) -> None:
    for tenant, name in ((acme.tenant, "_stolen"), (None, "plain"), (acme.tenant, "A")):
        with pytest.raises(IntegrityError), transaction.atomic():
            Namespace.objects.create(name=name, tenant=tenant, created=timezone.now())


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE identity_namespace SET name = 'renamed' WHERE name = 'acme'",
        "UPDATE identity_namespace SET tenant_id = NULL WHERE name = 'acme'",
        "DELETE FROM identity_namespace WHERE name = 'acme'",
        "TRUNCATE identity_namespace CASCADE",
    ],
)
def test_even_the_owner_cannot_rename_move_or_remove_a_name(acme: Place, ledger_db: Clone, statement: str) -> None:
    refused = pytest.raises(psycopg.errors.InsufficientPrivilege, match="never renamed")
    with psycopg.connect(ledger_db.owner_url, autocommit=True) as owner, refused:
        owner.execute(statement)


def test_the_runtime_role_cannot_either(acme: Place) -> None:
    with pytest.raises(DatabaseError):
        Namespace.objects.filter(name="acme").delete()
