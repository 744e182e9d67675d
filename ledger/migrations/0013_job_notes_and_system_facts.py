"""Notes of jobs, search columns of the platform's own events, and the runtime role's rights on both: working data."""

from __future__ import annotations

from importlib import import_module

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models

_GRANT = """
ALTER FUNCTION ledger_grant(name) RENAME TO ledger_grant_before_job_notes;
CREATE FUNCTION ledger_grant(role name) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM ledger_grant_before_job_notes(role);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON public.ledger_jobnote, '
                   'public.ledger_systemfact TO %I', role);
END $$;
REVOKE ALL ON FUNCTION ledger_grant(name) FROM PUBLIC;
"""
_GRANT_BACK = """
DROP FUNCTION ledger_grant(name);
ALTER FUNCTION ledger_grant_before_job_notes(name) RENAME TO ledger_grant;
"""


class Migration(migrations.Migration):
    """Two tables."""

    dependencies = [
        ("ledger", "0012_keys"),
    ]

    operations = [
        migrations.CreateModel(
            name="JobNote",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("text", models.CharField(max_length=255)),
                (
                    "job",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="ledger.job"
                    ),
                ),
            ],
            options={
                "db_table": "ledger_jobnote",
                "indexes": [models.Index(fields=["job", "id"], name="job_note_in_order")],
            },
        ),
        migrations.CreateModel(
            name="SystemFact",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "stream_id", "index", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("index", models.BigIntegerField()),
                ("type", models.CharField(max_length=256)),
                ("recorded", models.DateTimeField()),
                ("actor", models.CharField(blank=True, max_length=128)),
                ("code", models.CharField(blank=True, max_length=64)),
                ("request", models.CharField(blank=True, max_length=64)),
                ("summary", models.CharField(blank=True, max_length=512)),
                (
                    "words",
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=128), size=None),
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
            ],
            options={
                "db_table": "ledger_systemfact",
                "indexes": [
                    models.Index(fields=["stream", "actor", "index"], name="system_fact_by_actor"),
                    models.Index(fields=["stream", "code", "index"], name="system_fact_by_code"),
                    models.Index(fields=["stream", "request", "index"], name="system_fact_by_request"),
                    models.Index(fields=["stream", "type", "index"], name="system_fact_by_type"),
                    django.contrib.postgres.indexes.GinIndex(fields=["words"], name="system_fact_by_words"),
                ],
            },
        ),
        migrations.RunSQL(_GRANT, _GRANT_BACK),
        migrations.RunPython(import_module("ledger.migrations.0003_append_only").grant, migrations.RunPython.noop),
    ]
