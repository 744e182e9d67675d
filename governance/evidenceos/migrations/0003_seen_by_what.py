"""By what a daemon was seen to go by what was written, which lock it held then, and canaries in the order of time."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """Columns and an index; what was there before has no mark: only a line of the log can still be seen of it."""

    dependencies = [("evidenceos", "0002_what_was_found_stays")]

    operations = [
        migrations.AddField(
            model_name="target", name="program", field=models.CharField(default="", max_length=200)
        ),
        migrations.AddField(model_name="plan", name="tried", field=models.DateTimeField(null=True)),
        migrations.AddField(model_name="plan", name="lock_mark", field=models.JSONField(null=True)),
        migrations.AddField(
            model_name="plan",
            name="observed_as",
            field=models.CharField(
                choices=[
                    ("reload", "a line of its log"), ("restart", "its lock, taken anew"),
                    ("head", "a tree head of the new key"),
                ],
                default="",
                max_length=16,
            ),
        ),
        migrations.AlterModelOptions(name="canarysample", options={"ordering": ["at", "id"]}),
        migrations.AddIndex(
            model_name="canarysample",
            index=models.Index(fields=["target", "key", "at", "id"], name="canary_by_moment"),
        ),
    ]  # fmt: skip
