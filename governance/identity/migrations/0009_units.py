"""Since when somebody belongs to their organisational unit."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """One column."""

    dependencies = [("identity", "0008_signing_passkeys")]

    operations = [
        migrations.AddField(model_name="person", name="unit_since", field=models.DateTimeField(null=True)),
    ]
