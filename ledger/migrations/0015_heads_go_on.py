"""A checkpoint may be logged in the log that continues `_platform/heads`: which one, and its leaves once each."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """One column, and two indexes in place of one."""

    dependencies = [("ledger", "0014_reliance_notices")]

    operations = [
        migrations.AlterField(model_name="loggedhead", name="index", field=models.BigIntegerField()),
        migrations.AddField(
            model_name="loggedhead",
            name="log",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="ledger.stream",
            ),
        ),
        migrations.AddConstraint(
            model_name="loggedhead",
            constraint=models.UniqueConstraint(
                condition=models.Q(("log__isnull", True)), fields=("index",), name="logged_head_leaf_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="loggedhead",
            constraint=models.UniqueConstraint(fields=("log", "index"), name="logged_head_leaf_once_in_successor"),
        ),
    ]
