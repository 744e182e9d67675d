"""Since when decisions are needed, and what namespaces and streams may not do now."""

from __future__ import annotations

from importlib import import_module

import django.db.models.deletion
from django.db import migrations, models

_FINAL = """
SELECT ledger_make_append_only('ledger_governed');
"""
_FINAL_BACK = """
DROP TRIGGER append_only_rows ON ledger_governed;
DROP TRIGGER append_only_table ON ledger_governed;
"""
_GRANT = """
ALTER FUNCTION ledger_grant(name) RENAME TO ledger_grant_before_restrictions;
CREATE FUNCTION ledger_grant(role name) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM ledger_grant_before_restrictions(role);
    EXECUTE format('GRANT SELECT, INSERT ON public.ledger_governed TO %I', role);
    EXECUTE format('GRANT SELECT, INSERT, DELETE ON public.ledger_restriction TO %I', role);
END $$;
REVOKE ALL ON FUNCTION ledger_grant(name) FROM PUBLIC;
"""
_GRANT_BACK = """
DROP FUNCTION ledger_grant(name);
ALTER FUNCTION ledger_grant_before_restrictions(name) RENAME TO ledger_grant;
"""


class Migration(migrations.Migration):
    """Two tables, a column of the head row, the trigger and the rights."""

    dependencies = [("ledger", "0016_words_of_lists")]

    operations = [
        migrations.CreateModel(
            name="Governed",
            fields=[
                ("id", models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("change", models.CharField(max_length=64)),
                ("index", models.BigIntegerField()),
                ("genesis", models.CharField(max_length=64)),
                ("at", models.DateTimeField()),
            ],
            options={
                "db_table": "ledger_governed",
                "verbose_name_plural": "governed",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("id", 1)), name="governed_once"),
                    models.CheckConstraint(
                        condition=models.Q(("change", ""), _negated=True), name="governed_by_a_change"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Restriction",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("namespace", models.CharField(max_length=64)),
                (
                    "stream",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ledger.stream"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("suspended", "suspended"), ("disabled", "disabled"), ("frozen", "frozen")],
                        max_length=16,
                    ),
                ),
                ("decision", models.CharField(blank=True, max_length=64)),
                ("actor", models.CharField(max_length=128)),
                ("reason", models.CharField(max_length=500)),
                ("since", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "db_table": "ledger_restriction",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("namespace", "stream", "kind"), name="restriction_once", nulls_distinct=False
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["suspended", "disabled", "frozen"])),
                        name="restriction_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("namespace__startswith", "_"), _negated=True),
                        name="restriction_of_tenants",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="streamhead",
            name="restriction",
            field=models.CharField(blank=True, db_default="", default="", max_length=32),
        ),
        migrations.RunSQL(_FINAL, _FINAL_BACK),
        migrations.RunSQL(_GRANT, _GRANT_BACK),
        migrations.RunPython(import_module("ledger.migrations.0003_append_only").grant, migrations.RunPython.noop),
    ]
