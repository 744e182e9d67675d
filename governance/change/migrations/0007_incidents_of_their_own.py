"""An incident may be opened by itself, belongs to a tenant or the platform, and keeps its leaves.

Guarantees that the triggers of the tables stand: an incident is only ever ended, and its timeline is appended to.
"""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """Columns alone; of what was there before they stay empty."""

    dependencies = [("change", "0006_freezes_that_last")]

    operations = [
        migrations.AlterField(
            model_name="incident", name="change", field=models.CharField(max_length=64, null=True, unique=True)
        ),
        migrations.AddField(model_name="incident", name="tenant", field=models.CharField(max_length=64, null=True)),
        migrations.AddField(model_name="incident", name="index", field=models.BigIntegerField(null=True)),
        migrations.AddField(model_name="incidententry", name="index", field=models.BigIntegerField(null=True)),
    ]
