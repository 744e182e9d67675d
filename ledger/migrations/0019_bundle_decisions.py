"""A bundle freezes how much of the log of decisions it carries."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """One column."""

    dependencies = [("ledger", "0018_acceptance_by_actor")]
    operations = [migrations.AddField("bundle", "decisions_size", models.BigIntegerField(null=True))]
