"""Streams, keys, leaves and objects. The table of leaves is made by hand, since Django knows no
partitions.
"""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models

_LEAF = """
CREATE TABLE ledger_leaf (
    stream_id bigint NOT NULL,
    index bigint NOT NULL,
    kind varchar(16) NOT NULL,
    bytes bytea NOT NULL,
    hash bytea NOT NULL,
    recorded timestamptz NOT NULL,
    kid varchar(32),
    batch uuid NOT NULL,
    lookup bytea,
    CONSTRAINT ledger_leaf_pkey PRIMARY KEY (stream_id, index),
    CONSTRAINT leaf_lookup_once UNIQUE (stream_id, lookup),
    CONSTRAINT leaf_index_natural CHECK (index >= 0),
    CONSTRAINT leaf_hash_is_sha256 CHECK (octet_length(hash) = 32),
    CONSTRAINT leaf_lookup_is_sha256 CHECK (octet_length(lookup) = 32),
    CONSTRAINT leaf_fits_an_entry CHECK (octet_length(bytes) BETWEEN 1 AND 65535),
    CONSTRAINT leaf_genesis_is_first CHECK ((index = 0) = (kind = 'genesis')),
    CONSTRAINT leaf_event_is_found CHECK ((kind = 'event') = (lookup IS NOT NULL))
) PARTITION BY HASH (stream_id);
DO $$
BEGIN
    FOR part IN 0..15 LOOP
        EXECUTE format('CREATE TABLE ledger_leaf_%s PARTITION OF ledger_leaf '
                       'FOR VALUES WITH (MODULUS 16, REMAINDER %s)', to_char(part, 'FM00'), part);
    END LOOP;
END $$;
"""
_LEAF_BACK = "DROP TABLE ledger_leaf;"


class Migration(migrations.Migration):
    """The aggregates that an append writes."""

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Stream",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("public_id", models.UUIDField(editable=False, unique=True)),
                ("namespace", models.CharField(max_length=64)),
                ("name", models.CharField(max_length=63)),
                ("origin", models.CharField(max_length=255, unique=True)),
                ("created", models.DateTimeField()),
                ("created_by", models.CharField(max_length=128)),
                ("max_merge_delay_s", models.PositiveIntegerField(default=600)),
                (
                    "profile_mode",
                    models.CharField(
                        choices=[("off", "off"), ("warn", "warn"), ("refuse", "refuse")],
                        default="off",
                        max_length=8,
                    ),
                ),
                ("clear_attributes", models.BooleanField(default=False)),
                ("window_count", models.PositiveIntegerField(default=1000)),
                ("window_age_s", models.PositiveIntegerField(default=60)),
                ("lookup_key", models.BinaryField()),
            ],
            options={
                "db_table": "ledger_stream",
                "ordering": ["namespace", "name"],
                "constraints": [
                    models.UniqueConstraint(fields=("namespace", "name"), name="stream_name_once"),
                    models.CheckConstraint(
                        condition=models.Q(("name__regex", "^[a-z0-9-]{1,63}$")), name="stream_name_form"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("namespace__regex", "^_?[a-z0-9-]{1,63}$")),
                        name="stream_namespace_form",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("profile_mode__in", ["off", "warn", "refuse"])),
                        name="stream_profile_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("window_count__gte", 1)), name="stream_window_count_positive"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("window_age_s__gte", 1)), name="stream_window_age_positive"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="StreamHead",
            fields=[
                (
                    "stream",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="head",
                        serialize=False,
                        to="ledger.stream",
                    ),
                ),
                ("size", models.BigIntegerField()),
                ("last_hash", models.BinaryField(max_length=32)),
                ("last_recorded", models.DateTimeField()),
                ("control_index", models.BigIntegerField()),
                ("control_hash", models.BinaryField(max_length=32)),
                ("receipt_kid", models.CharField(max_length=32)),
                ("window_number", models.BigIntegerField(default=0)),
                ("window_from", models.BigIntegerField(default=0)),
                ("window_opened", models.DateTimeField()),
                ("events_open", models.BigIntegerField(default=0)),
                ("waiting_since", models.DateTimeField(null=True)),
                ("signed_size", models.BigIntegerField(default=0)),
                ("halted", models.CharField(max_length=64, null=True)),
            ],
            options={
                "db_table": "ledger_streamhead",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("size__gte", 1)), name="head_has_genesis"),
                    models.CheckConstraint(
                        condition=models.Q(("signed_size__lte", models.F("size"))), name="head_signed_within"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("window_from__lte", models.F("size"))), name="head_window_within"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("control_index__lt", models.F("size"))),
                        name="head_control_within",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("events_open", 0), ("waiting_since__isnull", True)),
                            models.Q(("events_open__gt", 0), ("waiting_since__isnull", False)),
                            _connector="OR",
                        ),
                        name="head_waiting_is_whole",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SigningKey",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "stream",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="keys", to="ledger.stream"
                    ),
                ),
                (
                    "use",
                    models.CharField(
                        choices=[("checkpoint", "checkpoint"), ("receipt", "receipt"), ("export", "export")],
                        max_length=16,
                    ),
                ),
                ("kid", models.CharField(max_length=32, unique=True)),
                ("public", models.BinaryField(max_length=32)),
                ("sealed", models.BinaryField(null=True)),
                ("name", models.CharField(max_length=255)),
                ("valid_from", models.BigIntegerField(default=0)),
                ("valid_to", models.BigIntegerField(null=True)),
            ],
            options={
                "db_table": "ledger_signingkey",
                "constraints": [
                    models.UniqueConstraint(fields=("public",), name="key_serves_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("valid_to__isnull", True)),
                        fields=("stream", "use"),
                        name="key_in_force_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("use__in", ["checkpoint", "receipt", "export"])),
                        name="key_use_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PolicyText",
            fields=[
                ("digest", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("text", models.TextField()),
            ],
            options={
                "db_table": "ledger_policytext",
            },
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(_LEAF, _LEAF_BACK)],
            state_operations=[
                migrations.CreateModel(
                    name="Leaf",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "stream_id",
                                "index",
                                blank=True,
                                editable=False,
                                primary_key=True,
                                serialize=False,
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
                        ("kind", models.CharField(max_length=16)),
                        ("bytes", models.BinaryField()),
                        ("hash", models.BinaryField(max_length=32)),
                        ("recorded", models.DateTimeField()),
                        ("kid", models.CharField(max_length=32, null=True)),
                        ("batch", models.UUIDField()),
                        ("lookup", models.BinaryField(max_length=32, null=True)),
                    ],
                    options={
                        "db_table": "ledger_leaf",
                        "constraints": [models.UniqueConstraint(fields=("stream", "lookup"), name="leaf_lookup_once")],
                    },
                ),
            ],
        ),
        migrations.CreateModel(
            name="LeafObject",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "stream_id",
                        "index",
                        "role",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
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
                (
                    "role",
                    models.CharField(choices=[("attrs", "attributes"), ("payload", "payload")], max_length=8),
                ),
                ("media_type", models.CharField(blank=True, max_length=255)),
                ("size", models.BigIntegerField()),
                ("salt", models.BinaryField(max_length=32)),
                ("data", models.BinaryField(null=True)),
                ("blob", models.CharField(max_length=255, null=True)),
                ("fingerprint", models.BinaryField(max_length=32, null=True)),
                ("fingerprint_key", models.BinaryField(max_length=32, null=True)),
            ],
            options={
                "db_table": "ledger_object",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("role__in", ["attrs", "payload"])), name="object_role_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("blob__isnull", False), ("data__isnull", True)),
                            models.Q(("blob__isnull", True), ("data__isnull", False)),
                            _connector="OR",
                        ),
                        name="object_here_or_blob",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="EventIndex",
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
                ("type", models.CharField(max_length=256)),
                ("source", models.CharField(max_length=2048, null=True)),
                ("event_id", models.CharField(max_length=256, null=True)),
                ("subject", models.CharField(max_length=1024, null=True)),
                ("claimed_time", models.DateTimeField(null=True)),
                ("recorded", models.DateTimeField()),
            ],
            options={
                "db_table": "ledger_eventindex",
                "indexes": [
                    models.Index(fields=["stream", "type", "index"], name="event_by_type"),
                    models.Index(fields=["stream", "recorded", "index"], name="event_by_recorded"),
                    models.Index(
                        condition=models.Q(("subject__isnull", False)),
                        fields=["stream", "subject", "index"],
                        name="event_by_subject",
                    ),
                ],
            },
        ),
    ]
