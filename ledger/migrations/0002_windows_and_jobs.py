"""Windows, checkpoints, receipts, jobs and the small tables of their keepers."""

from __future__ import annotations

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """The aggregates that sealing and jobs write."""

    dependencies = [
        ("ledger", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Window",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "stream_id", "number", blank=True, editable=False, primary_key=True, serialize=False
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
                ("number", models.BigIntegerField()),
                ("first_index", models.BigIntegerField()),
                ("last_index", models.BigIntegerField()),
                ("root", models.BinaryField(max_length=32)),
                ("opened", models.DateTimeField()),
                ("closed", models.DateTimeField()),
                ("reason", models.CharField(max_length=16)),
                ("manifest_index", models.BigIntegerField()),
            ],
            options={
                "db_table": "ledger_window",
                "constraints": [
                    models.UniqueConstraint(fields=("stream", "manifest_index"), name="window_manifest_once"),
                    models.CheckConstraint(condition=models.Q(("number__gte", 1)), name="window_numbered_from_one"),
                    models.CheckConstraint(
                        condition=models.Q(("last_index__gte", models.F("first_index"))),
                        name="window_not_empty",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("manifest_index__gt", models.F("last_index"))),
                        name="window_manifest_after",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason__in", ["count", "age", "request"])),
                        name="window_reason_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Prepared",
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
                ("size", models.BigIntegerField()),
                ("root", models.BinaryField(max_length=32)),
                ("text", models.TextField()),
                ("number", models.BigIntegerField()),
            ],
            options={
                "db_table": "ledger_prepared",
            },
        ),
        migrations.CreateModel(
            name="Checkpoint",
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
                ("root", models.BinaryField(max_length=32)),
                ("note", models.BinaryField()),
                ("window_number", models.BigIntegerField()),
                ("signed_at", models.DateTimeField()),
            ],
            options={
                "db_table": "ledger_checkpoint",
            },
        ),
        migrations.CreateModel(
            name="Receipt",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "stream_id", "index", blank=True, editable=False, primary_key=True, serialize=False
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
                ("index", models.BigIntegerField()),
                ("kid", models.CharField(max_length=32)),
                ("signature", models.BinaryField(max_length=64)),
            ],
            options={
                "db_table": "ledger_receipt",
            },
        ),
        migrations.CreateModel(
            name="Idempotency",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "namespace", "key", blank=True, editable=False, primary_key=True, serialize=False
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
                ("namespace", models.CharField(max_length=64)),
                ("key", models.CharField(max_length=255)),
                ("digest", models.BinaryField(max_length=32)),
                ("status", models.PositiveSmallIntegerField()),
                (
                    "indices",
                    django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None),
                ),
                ("created", models.DateTimeField()),
            ],
            options={
                "db_table": "ledger_idempotency",
                "indexes": [models.Index(fields=["created"], name="idempotency_by_age")],
            },
        ),
        migrations.CreateModel(
            name="Job",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("public_id", models.UUIDField(editable=False, unique=True)),
                ("kind", models.CharField(max_length=32)),
                ("namespace", models.CharField(blank=True, max_length=64)),
                ("actor", models.CharField(max_length=128)),
                ("params", models.JSONField(default=dict)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "queued"),
                            ("running", "running"),
                            ("done", "done"),
                            ("failed", "failed"),
                            ("cancelled", "cancelled"),
                        ],
                        default="queued",
                        max_length=16,
                    ),
                ),
                ("done", models.BigIntegerField(default=0)),
                ("total", models.BigIntegerField(null=True)),
                ("unit", models.CharField(blank=True, max_length=32)),
                ("message", models.CharField(blank=True, max_length=255)),
                ("created", models.DateTimeField()),
                ("started", models.DateTimeField(null=True)),
                ("finished", models.DateTimeField(null=True)),
                ("lease_until", models.DateTimeField(null=True)),
                ("heartbeat", models.DateTimeField(null=True)),
                ("fencing", models.BigIntegerField(default=0)),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("result", models.JSONField(null=True)),
                ("error", models.JSONField(null=True)),
            ],
            options={
                "db_table": "ledger_job",
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ["queued", "running"])),
                        fields=["created"],
                        name="job_open_by_age",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["queued", "running", "done", "failed", "cancelled"])),
                        name="job_state_known",
                    ),
                    models.CheckConstraint(condition=models.Q(("done__gte", 0)), name="job_done_not_negative"),
                ],
            },
        ),
        migrations.CreateModel(
            name="WorkerBeat",
            fields=[
                ("name", models.CharField(max_length=255, primary_key=True, serialize=False)),
                ("started", models.DateTimeField()),
                ("beat", models.DateTimeField()),
            ],
            options={
                "db_table": "ledger_workerbeat",
            },
        ),
        migrations.CreateModel(
            name="Bundle",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "stream",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ledger.stream"
                    ),
                ),
                ("public_id", models.UUIDField(editable=False, unique=True)),
                ("actor", models.CharField(max_length=128)),
                ("created", models.DateTimeField()),
                ("first_index", models.BigIntegerField()),
                ("last_index", models.BigIntegerField()),
                ("head_size", models.BigIntegerField()),
                ("note", models.BinaryField()),
                ("filters", models.JSONField(default=dict)),
                ("disclose", models.JSONField(default=dict)),
                ("file", models.CharField(blank=True, max_length=255)),
                ("file_size", models.BigIntegerField(null=True)),
                ("file_sha256", models.CharField(blank=True, max_length=64)),
                ("bundle_id", models.CharField(blank=True, max_length=64)),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("verified", "verified"),
                            ("rejected", "rejected"),
                            ("incomplete", "incomplete"),
                        ],
                        max_length=16,
                        null=True,
                    ),
                ),
                ("report", models.JSONField(null=True)),
                ("finished", models.DateTimeField(null=True)),
                (
                    "job",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ledger.job"
                    ),
                ),
            ],
            options={
                "db_table": "ledger_bundle",
                "ordering": ["-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("first_index__gte", 0),
                            ("last_index__gte", models.F("first_index")),
                            ("last_index__lt", models.F("head_size")),
                        ),
                        name="bundle_range_within_head",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DenialTally",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("minute", models.DateTimeField()),
                ("reason", models.CharField(max_length=64)),
                ("door", models.CharField(max_length=64)),
                ("count", models.BigIntegerField(default=0)),
            ],
            options={
                "db_table": "ledger_denialtally",
                "constraints": [models.UniqueConstraint(fields=("minute", "reason", "door"), name="denial_tally_once")],
            },
        ),
        migrations.CreateModel(
            name="Watermark",
            fields=[
                ("name", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("value", models.BigIntegerField(default=0)),
            ],
            options={
                "db_table": "ledger_watermark",
            },
        ),
    ]
