"""A freeze that lasts is told, and again every day: two more occasions."""

from __future__ import annotations

from django.db import migrations, models

OCCASIONS = (
    "submitted", "edited", "asked", "commented", "approved", "quorum", "quorum_lost", "rejected", "vetoed", "held",
    "released", "stale", "expired", "withdrawn", "executed", "failed", "reverted", "contained", "founding_signed",
    "founded", "emergency_declared", "emergency_applied", "ratified", "lapsed", "ready", "unanswered", "ends_soon",
    "ratify_soon", "freeze_lasts", "freeze_still",
)  # fmt: skip


class Migration(migrations.Migration):
    """Choices alone: nothing changes in the database."""

    dependencies = [("change", "0005_native_signatures")]

    operations = [
        migrations.AlterField(
            model_name="telling",
            name="occasion",
            field=models.CharField(choices=[(one, one) for one in OCCASIONS], max_length=32),
        ),
    ]
