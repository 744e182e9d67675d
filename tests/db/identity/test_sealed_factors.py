"""Whoever reads the tables of second factors cannot use them; what an older version kept in clear is carried over."""

from __future__ import annotations

import secrets
import time
from importlib import import_module
from typing import Any

import psycopg
import pytest
from django.apps import apps
from django.db import connections
from django_otp.oath import TOTP

from governance.identity.actions.create_recovery_codes import create_recovery_codes
from governance.identity.core.roles import Role
from governance.identity.models import Authenticator, Person, RecoveryCode, RecoveryDevice
from ledger.errors import KeyUnusable
from tests.support.world import SEED, Place, moment, person

OLD_TABLES = """
CREATE TABLE otp_totp_totpdevice (
    id serial, user_id bigint, name text, confirmed bool, key text, drift int, last_t int);
CREATE TABLE otp_static_staticdevice (id serial, user_id bigint, name text, confirmed bool);
CREATE TABLE otp_static_statictoken (id serial, device_id int, token text);
"""


@pytest.fixture
def ada(acme: Place) -> Person:
    return person("ada@acme.test", Role.TENANT_DEVELOPER, acme.tenant)


def code_of(secret: bytes) -> str:
    clock = TOTP(secret)
    clock.time = time.time()
    return f"{clock.token():06d}"


def test_no_secret_and_no_code_stands_in_the_tables(ada: Person, owner_connection: psycopg.Connection[Any]) -> None:
    secret = secrets.token_bytes(20)
    Authenticator.objects.filter(user=ada).delete()
    from governance.identity.actions.enrol_totp import enrol_totp  # noqa: PLC0415 - beside its one use

    device = enrol_totp(ada, secret, by=SEED, at=moment())
    codes = create_recovery_codes(ada, by=SEED, at=moment())
    tables = ("identity_authenticator", "identity_recoverydevice", "identity_recoverycode")
    rows = [repr(owner_connection.execute(f"SELECT t.*, t::text FROM {name} t").fetchall()) for name in tables]  # noqa: S608 - names above
    assert not any(word in rows[0] for word in (secret.hex(), repr(secret)[2:-1]))
    assert not any(code in text or code.encode().hex() in text for code in codes for text in rows)
    assert device.verify_token(code_of(secret))


def test_a_secret_opens_for_its_person_and_device_alone(acme: Place, ada: Person) -> None:
    bob = person("bob@acme.test", Role.TENANT_DEVELOPER, acme.tenant)
    theirs = Authenticator.objects.get(user=bob)
    Authenticator.objects.filter(user=ada).update(sealed=theirs.sealed)
    with pytest.raises(KeyUnusable):
        Authenticator.objects.get(user=ada).verify_token("123456")


def test_under_another_seal_key_nothing_opens(ada: Person, settings: Any) -> None:
    codes = create_recovery_codes(ada, by=SEED, at=moment())
    settings.COUNTERSIGN_SEAL_KEY = bytes(32)
    assert not RecoveryDevice.objects.get(user=ada).verify_token(codes[0])
    with pytest.raises(KeyUnusable):
        Authenticator.objects.get(user=ada).verify_token("123456")


@pytest.mark.parametrize("wrong", ["", "12345a", "\u0661\u0662\u0663\u0664\u0665\u0666"])
def test_what_is_no_code_is_refused_and_slows_down(ada: Person, wrong: str) -> None:
    assert not Authenticator.objects.get(user=ada).verify_token(wrong)
    assert Authenticator.objects.get(user=ada).throttling_failure_count == 1


def test_what_an_older_version_kept_in_clear_is_carried_over_and_dropped(
    ada: Person, owner_connection: psycopg.Connection[Any]
) -> None:
    Authenticator.objects.all().delete()
    secret = secrets.token_bytes(20)
    owner_connection.execute(OLD_TABLES)
    columns = "(user_id, name, confirmed, key, drift, last_t)"
    insert = f"INSERT INTO otp_totp_totpdevice {columns} VALUES (%s, 'a', true, %s, 0, -1)"  # noqa: S608 - columns above
    owner_connection.execute(insert, [ada.pk, secret.hex()])
    owner_connection.execute(
        "INSERT INTO otp_static_staticdevice (user_id, name, confirmed) VALUES (%s, 'r', true)", [ada.pk]
    )
    owner_connection.execute("INSERT INTO otp_static_statictoken (device_id, token) VALUES (1, 'abcdefgh')")
    with connections["owner"].schema_editor() as editor:
        import_module("governance.identity.migrations.0004_nothing_in_clear").carry_over(apps, editor)
    assert Authenticator.objects.get(user=ada).verify_token(code_of(secret))
    assert RecoveryDevice.objects.get(user=ada).verify_token("abcdefgh")
    assert not RecoveryCode.objects.exists()
    found = owner_connection.execute("SELECT to_regclass('otp_totp_totpdevice'), to_regclass('otp_static_statictoken')")
    assert found.fetchone() == (None, None)
