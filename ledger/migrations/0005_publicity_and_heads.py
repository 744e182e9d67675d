"""What of a stream is public, where its heads are logged, and the runtime role's rights on both tables.

`ledger_grant` is kept under another name and called first, so that rights that came before stay as they are.
"""

from __future__ import annotations

from importlib import import_module

import django.db.models.deletion
from django.db import migrations, models

_GRANT = """
ALTER FUNCTION ledger_grant(name) RENAME TO ledger_grant_before_publicity;
CREATE FUNCTION ledger_grant(role name) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM ledger_grant_before_publicity(role);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE (tiles, entries) ON public.ledger_publicity TO %I', role);
    EXECUTE format('GRANT SELECT, INSERT ON public.ledger_loggedhead TO %I', role);
END $$;
REVOKE ALL ON FUNCTION ledger_grant(name) FROM PUBLIC;
"""
_GRANT_BACK = """
DROP FUNCTION ledger_grant(name);
ALTER FUNCTION ledger_grant_before_publicity(name) RENAME TO ledger_grant;
"""


class Migration(migrations.Migration):
    """Two small tables."""

    dependencies = [("ledger", "0004_object_by_blob")]

    operations = [
        migrations.CreateModel(
            name="Publicity",
            fields=[
                (
                    "stream",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="publicity",
                        serialize=False,
                        to="ledger.stream",
                    ),
                ),
                ("tiles", models.BooleanField(default=False)),
                ("entries", models.BooleanField(default=False)),
            ],
            options={
                "db_table": "ledger_publicity",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("entries", False), ("tiles", True), _connector="OR"),
                        name="publicity_entries_need_tiles",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="LoggedHead",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "stream_id", "size", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "stream",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.stream",
                    ),
                ),
                ("size", models.BigIntegerField()),
                ("index", models.BigIntegerField(unique=True)),
            ],
            options={"db_table": "ledger_loggedhead"},
        ),
        migrations.RunSQL(_GRANT, _GRANT_BACK),
        migrations.RunPython(import_module("ledger.migrations.0003_append_only").grant, migrations.RunPython.noop),
    ]
