"""Who had events accepted, and what a stream does with events that cannot be receipted at once.

Guarantees that an acceptance stays as it was written, for every role; `without_receipt` is final like the rest of a
stream (0007 names what may change).
"""

from __future__ import annotations

from importlib import import_module

import django.db.models.deletion
from django.db import migrations, models

_GRANT = """
ALTER FUNCTION ledger_grant(name) RENAME TO ledger_grant_before_acceptance;
CREATE FUNCTION ledger_grant(role name) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM ledger_grant_before_acceptance(role);
    EXECUTE format('GRANT SELECT, INSERT ON public.ledger_acceptance TO %I', role);
END $$;
REVOKE ALL ON FUNCTION ledger_grant(name) FROM PUBLIC;
SELECT ledger_make_append_only('ledger_acceptance');
"""
_GRANT_BACK = """
DROP FUNCTION ledger_grant(name);
ALTER FUNCTION ledger_grant_before_acceptance(name) RENAME TO ledger_grant;
"""


class Migration(migrations.Migration):
    """One table and one column."""

    dependencies = [("ledger", "0010_notices")]

    operations = [
        migrations.CreateModel(
            name="Acceptance",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "stream_id", "batch", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "stream",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.stream",
                    ),
                ),
                ("batch", models.UUIDField()),
                ("actor", models.CharField(max_length=128)),
                ("recorded", models.DateTimeField()),
            ],
            options={"db_table": "ledger_acceptance"},
        ),
        migrations.RunSQL(_GRANT, _GRANT_BACK),
        migrations.RunPython(import_module("ledger.migrations.0003_append_only").grant, migrations.RunPython.noop),
        migrations.AddField(
            model_name="stream",
            name="without_receipt",
            field=models.CharField(
                choices=[("pending", "kept, receipted later"), ("refuse", "refused")],
                db_default="pending",
                default="pending",
                max_length=8,
            ),
        ),
        migrations.AddConstraint(
            model_name="stream",
            constraint=models.CheckConstraint(
                condition=models.Q(("without_receipt__in", ["pending", "refuse"])),
                name="stream_without_receipt_known",
            ),
        ),
    ]
