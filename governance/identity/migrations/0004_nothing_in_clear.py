"""Seals secrets and hashes recovery codes that an older version kept in clear, and drops its tables."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from django.db import migrations

from governance.identity.models.second_factor import SECRETS, digest_of
from ledger.services.ids import fresh_id
from ledger.storage.sealing import NONCE_BYTES, associated, seal

if TYPE_CHECKING:
    from django.apps.registry import Apps
    from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def carry_over(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Seal and hash what an installation has in django-otp's tables, then drop those, with what is in clear."""
    with schema_editor.connection.cursor() as cursor:
        for table, carry in (("otp_totp_totpdevice", _authenticators), ("otp_static_statictoken", _codes)):
            cursor.execute("SELECT to_regclass(%s)", [table])
            if cursor.fetchone()[0] is not None:
                carry(apps, cursor, schema_editor.connection.alias)
        cursor.execute("DROP TABLE IF EXISTS otp_static_statictoken, otp_static_staticdevice, otp_totp_totpdevice")


def _authenticators(apps: Apps, cursor: Any, alias: str) -> None:
    cursor.execute("SELECT user_id, name, confirmed, key, drift, last_t FROM otp_totp_totpdevice ORDER BY id")
    for user, name, confirmed, key, drift, last_t in cursor.fetchall():
        public_id, person = fresh_id(), apps.get_model("identity", "Person").objects.using(alias).get(pk=user)
        about = associated("totp", str(person.public_id), public_id.bytes)
        sealed = seal(bytes.fromhex(key), about, os.urandom(NONCE_BYTES), SECRETS)
        apps.get_model("identity", "Authenticator").objects.using(alias).create(
            user=person, name=name, confirmed=confirmed, public_id=public_id, sealed=sealed, drift=drift, last_t=last_t
        )


def _codes(apps: Apps, cursor: Any, alias: str) -> None:
    cursor.execute("SELECT id, user_id, name, confirmed FROM otp_static_staticdevice ORDER BY id")
    for old, user, name, confirmed in cursor.fetchall():
        device = (
            apps.get_model("identity", "RecoveryDevice")
            .objects.using(alias)
            .create(user_id=user, name=name, confirmed=confirmed, public_id=fresh_id())
        )
        cursor.execute("SELECT DISTINCT token FROM otp_static_statictoken WHERE device_id = %s", [old])
        apps.get_model("identity", "RecoveryCode").objects.using(alias).bulk_create(
            apps.get_model("identity", "RecoveryCode")(device=device, digest=digest_of(device.public_id, token))
            for (token,) in cursor.fetchall()
        )


class Migration(migrations.Migration):
    """Nothing is left in clear."""

    dependencies = [("identity", "0003_second_factors")]

    operations = [migrations.RunPython(carry_over, migrations.RunPython.noop)]
