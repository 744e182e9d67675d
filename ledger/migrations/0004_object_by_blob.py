"""Finds the object that names a blob, for the sweep of orphans."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """One partial index."""

    dependencies = [("ledger", "0003_append_only")]

    operations = [
        migrations.AddIndex(
            model_name="leafobject",
            index=models.Index(condition=models.Q(("blob__isnull", False)), fields=["blob"], name="object_by_blob"),
        ),
    ]
