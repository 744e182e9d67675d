"""A stopped stream is called stopped in its row too."""

from django.db import migrations


class Migration(migrations.Migration):
    """Rename the column; its values stay."""

    dependencies = [("ledger", "0007_final_columns_and_marks")]
    operations = [migrations.RenameField("streamhead", "halted", "stopped")]
