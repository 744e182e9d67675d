"""The model of what made the passkey that opens a key."""

from django.db import migrations, models

_UNTOLD = "00000000-0000-0000-0000-000000000000"


class Migration(migrations.Migration):
    """One column."""

    dependencies = [("identity", "0009_units")]

    operations = [
        migrations.AddField(
            model_name="signingpasskey", name="aaguid", field=models.CharField(max_length=36, default=_UNTOLD)
        ),
    ]
