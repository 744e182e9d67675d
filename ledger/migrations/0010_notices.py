"""Notices, what the search for gaps remembers, and the runtime role's rights on both: derived or working data."""

from __future__ import annotations

from importlib import import_module

import django.db.models.deletion
from django.db import migrations, models

_GRANT = """
ALTER FUNCTION ledger_grant(name) RENAME TO ledger_grant_before_notices;
CREATE FUNCTION ledger_grant(role name) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM ledger_grant_before_notices(role);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE (is_open) ON public.ledger_notice TO %I', role);
    EXECUTE format('GRANT SELECT, INSERT ON public.ledger_noticerange TO %I', role);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON public.ledger_sourcewatch, public.ledger_sourcesequence, '
                   'public.ledger_refusedappend TO %I', role);
END $$;
REVOKE ALL ON FUNCTION ledger_grant(name) FROM PUBLIC;
"""
_GRANT_BACK = """
DROP FUNCTION ledger_grant(name);
ALTER FUNCTION ledger_grant_before_notices(name) RENAME TO ledger_grant;
"""


class Migration(migrations.Migration):
    """Five small tables."""

    dependencies = [
        ("ledger", "0009_search_by_key"),
    ]

    operations = [
        migrations.CreateModel(
            name="SourceWatch",
            fields=[
                (
                    "stream",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="ledger.stream",
                    ),
                ),
                ("scanned", models.BigIntegerField()),
                ("last_index", models.BigIntegerField(null=True)),
                ("last_recorded", models.DateTimeField()),
                ("told_after", models.BigIntegerField(null=True)),
                ("looked", models.DateTimeField()),
            ],
            options={
                "db_table": "ledger_sourcewatch",
            },
        ),
        migrations.CreateModel(
            name="SourceSequence",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "stream_id", "source", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("source", models.BinaryField(max_length=32)),
                ("number", models.CharField(max_length=64)),
                ("index", models.BigIntegerField()),
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
                "db_table": "ledger_sourcesequence",
            },
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "stream_id", "index", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("index", models.BigIntegerField()),
                ("kind", models.CharField(max_length=16)),
                ("name", models.CharField(blank=True, max_length=256)),
                ("is_open", models.BooleanField(default=False)),
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
                "db_table": "ledger_notice",
                "indexes": [
                    models.Index(fields=["stream", "kind", "-index"], name="notice_by_kind"),
                    models.Index(condition=models.Q(("is_open", True)), fields=["kind", "stream"], name="notice_open"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ("erasure", "hold", "gap", "terms"))), name="notice_kind_known"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="NoticeRange",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "stream_id", "index", "first", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("index", models.BigIntegerField()),
                ("kind", models.CharField(max_length=16)),
                ("first", models.BigIntegerField()),
                ("last", models.BigIntegerField()),
                ("attrs", models.BooleanField(default=False)),
                ("payload", models.BooleanField(default=False)),
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
                "db_table": "ledger_noticerange",
                "indexes": [models.Index(fields=["stream", "kind", "first", "last"], name="notice_range_by_kind")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("last__gte", models.F("first"))), name="notice_range_ascends"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RefusedAppend",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("minute", models.DateTimeField()),
                ("code", models.CharField(max_length=64)),
                ("count", models.BigIntegerField(default=0)),
                (
                    "stream",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ledger.stream"
                    ),
                ),
            ],
            options={
                "db_table": "ledger_refusedappend",
                "constraints": [
                    models.UniqueConstraint(fields=("stream", "minute", "code"), name="refused_append_once")
                ],
            },
        ),
        migrations.RunSQL(_GRANT, _GRANT_BACK),
        migrations.RunPython(import_module("ledger.migrations.0003_append_only").grant, migrations.RunPython.noop),
    ]
