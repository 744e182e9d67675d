"""What lists of rows are called, where an s is not enough."""

from django.db import migrations


class Migration(migrations.Migration):
    """Names alone; the database does not change."""

    dependencies = [("ledger", "0015_heads_go_on")]
    operations = [
        migrations.AlterModelOptions("denialtally", {"verbose_name_plural": "denial tallies"}),
        migrations.AlterModelOptions("publicity", {"verbose_name_plural": "publicity"}),
    ]
