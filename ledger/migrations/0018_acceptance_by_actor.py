"""Who had events accepted is looked up by the search box."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """One index."""

    dependencies = [("ledger", "0017_governed_and_restrictions")]
    operations = [
        migrations.AddIndex(
            "acceptance", models.Index(fields=["stream", "actor", "recorded"], name="acceptance_by_actor")
        ),
    ]
