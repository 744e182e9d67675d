"""Reliance leaves are found by the table of notices too."""

from __future__ import annotations

from django.db import migrations, models

_KINDS = ("erasure", "hold", "gap", "terms", "reliance")


class Migration(migrations.Migration):
    """One kind more; a log has no reliance leaf from before there was a service that writes them."""

    dependencies = [("ledger", "0013_job_notes_and_system_facts")]

    operations = [
        migrations.RemoveConstraint("notice", "notice_kind_known"),
        migrations.AddConstraint(
            "notice", models.CheckConstraint(condition=models.Q(kind__in=_KINDS), name="notice_kind_known")
        ),
    ]
