"""What lapses in a data directory is an alarm."""

from __future__ import annotations

from django.db import migrations, models

KINDS = ["stopped", "job", "guard", "signer", "recovery", "freeze", "drift", "lapse"]


class Migration(migrations.Migration):
    """One more kind."""

    dependencies = [("watching", "0005_webhooks")]

    operations = [
        migrations.RemoveConstraint(model_name="alarm", name="alarm_kind_known"),
        migrations.AlterField(
            model_name="alarm",
            name="kind",
            field=models.CharField(choices=[(kind, kind) for kind in KINDS], max_length=16),
        ),
        migrations.AddConstraint(
            model_name="alarm",
            constraint=models.CheckConstraint(condition=models.Q(("kind__in", KINDS)), name="alarm_kind_known"),
        ),
    ]
