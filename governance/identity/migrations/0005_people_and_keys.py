"""People's keys, approver groups, tickets and the founding."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Five tables, and two columns of a person."""

    dependencies = [
        ("identity", "0004_nothing_in_clear"),
    ]

    operations = [
        migrations.AddField(
            model_name="person",
            name="barred_until",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="person",
            name="unit",
            field=models.CharField(default="", max_length=100),
        ),
        migrations.CreateModel(
            name="ApproverGroup",
            fields=[
                ("id", models.CharField(max_length=63, primary_key=True, serialize=False)),
                ("words", models.CharField(max_length=200)),
                ("created", models.DateTimeField()),
                (
                    "tenant",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="approver_groups",
                        to="identity.tenant",
                    ),
                ),
            ],
            options={
                "db_table": "identity_approvergroup",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="Founding",
            fields=[
                ("id", models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("change", models.CharField(max_length=64)),
                ("index", models.BigIntegerField()),
                ("genesis", models.CharField(max_length=64)),
                ("at", models.DateTimeField()),
            ],
            options={
                "db_table": "identity_founding",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("id", 1)), name="founding_is_one"),
                    models.CheckConstraint(
                        condition=models.Q(("genesis__regex", "^[0-9a-f]{64}$")), name="founding_digest_form"
                    ),
                    models.CheckConstraint(condition=models.Q(("index__gte", 0)), name="founding_index_in_the_stream"),
                ],
            },
        ),
        migrations.CreateModel(
            name="GroupMember",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("created", models.DateTimeField()),
                ("revoked", models.DateTimeField(null=True)),
                (
                    "group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="members", to="identity.approvergroup"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="group_places",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "identity_groupmember",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="PersonKey",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("public_id", models.UUIDField(editable=False, unique=True)),
                ("kid", models.CharField(max_length=32, unique=True)),
                ("public", models.BinaryField(max_length=32, unique=True)),
                ("use", models.CharField(max_length=16)),
                ("custody", models.CharField(max_length=16)),
                ("name", models.CharField(max_length=100)),
                ("state", models.CharField(default="pending", max_length=16)),
                ("since", models.BigIntegerField(null=True)),
                ("until", models.BigIntegerField(null=True)),
                ("active_from", models.DateTimeField(null=True)),
                ("revoked_at", models.DateTimeField(null=True)),
                ("possession", models.BinaryField()),
                ("created", models.DateTimeField()),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decision_keys",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "replaces",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="successors",
                        to="identity.personkey",
                    ),
                ),
            ],
            options={
                "db_table": "identity_personkey",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="Ticket",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("public_id", models.UUIDField(editable=False, unique=True)),
                ("digest", models.BinaryField(max_length=32, unique=True)),
                ("purpose", models.CharField(max_length=16)),
                ("created_by", models.CharField(max_length=200)),
                ("created", models.DateTimeField()),
                ("expires", models.DateTimeField()),
                ("used", models.DateTimeField(null=True)),
                ("withdrawn", models.DateTimeField(null=True)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="tickets", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "db_table": "identity_ticket",
                "ordering": ["id"],
            },
        ),
        migrations.AddConstraint(
            model_name="approvergroup",
            constraint=models.CheckConstraint(
                condition=models.Q(("id__regex", "^[a-z0-9-]{1,63}$")), name="approver_group_form"
            ),
        ),
        migrations.AddConstraint(
            model_name="approvergroup",
            constraint=models.CheckConstraint(
                condition=models.Q(("words", ""), _negated=True), name="approver_group_has_words"
            ),
        ),
        migrations.AddConstraint(
            model_name="groupmember",
            constraint=models.UniqueConstraint(
                condition=models.Q(("revoked__isnull", True)), fields=("person", "group"), name="group_member_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="personkey",
            constraint=models.CheckConstraint(
                condition=models.Q(("use__in", ["decision", "native"])), name="person_key_use_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="personkey",
            constraint=models.CheckConstraint(
                condition=models.Q(("custody__in", ["offline", "passkey", "passphrase", "demo"])),
                name="person_key_custody_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="personkey",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("active_from__isnull", True),
                        ("since__isnull", True),
                        ("state", "pending"),
                        ("until__isnull", True),
                    ),
                    models.Q(
                        ("active_from__isnull", False),
                        ("since__isnull", False),
                        ("state", "active"),
                        ("until__isnull", True),
                    ),
                    models.Q(
                        ("active_from__isnull", True),
                        ("since__isnull", True),
                        ("state", "revoked"),
                        ("until__isnull", False),
                    ),
                    models.Q(
                        ("active_from__isnull", False),
                        ("since__isnull", False),
                        ("state", "revoked"),
                        ("until__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="person_key_state_and_places_agree",
            ),
        ),
        migrations.AddConstraint(
            model_name="personkey",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("since__isnull", True), ("until__isnull", True), ("since__lte", models.F("until")), _connector="OR"
                ),
                name="person_key_ends_after_it_begins",
            ),
        ),
        migrations.AddConstraint(
            model_name="ticket",
            constraint=models.CheckConstraint(
                condition=models.Q(("purpose__in", ["invitation", "factor"])), name="ticket_purpose_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="ticket",
            constraint=models.CheckConstraint(
                condition=models.Q(("expires__gt", models.F("created"))), name="ticket_ends_after_it_begins"
            ),
        ),
        migrations.AddConstraint(
            model_name="ticket",
            constraint=models.CheckConstraint(
                condition=models.Q(("used__isnull", True), ("withdrawn__isnull", True), _connector="OR"),
                name="ticket_ends_once",
            ),
        ),
    ]
