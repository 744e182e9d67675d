"""What a person's native key signed beside a word is kept with the word; like the rest of it, it is written once."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """One column; the trigger on the table refuses every change of a row."""

    dependencies = [("change", "0004_unanswered_statements_go")]

    operations = [
        migrations.AddField(model_name="word", name="native", field=models.JSONField(null=True)),
    ]
