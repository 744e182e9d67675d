"""Changes that took effect before the column was written: at which leaf, by the events themselves."""

from django.db import migrations

_FILL = """
ALTER TABLE change_change DISABLE TRIGGER steps, DISABLE TRIGGER events;
UPDATE change_change SET applied_index = told.index
FROM (
    SELECT event.subject, max(event.index) AS index
    FROM ledger_eventindex AS event JOIN ledger_stream AS stream ON stream.id = event.stream_id
    WHERE stream.namespace = '_governance' AND event.type IN (
        'change:effect:executed', 'change:effect:contained', 'change:effect:reverted', 'change:effect:founded',
        'change:effect:applied_provisionally')
    GROUP BY event.subject
) AS told
WHERE told.subject = public_id::text AND applied_index IS NULL;
ALTER TABLE change_change ENABLE ALWAYS TRIGGER steps, ENABLE ALWAYS TRIGGER events;
"""


class Migration(migrations.Migration):
    """One statement, with the triggers that keep ended changes as they are stopped for it."""

    dependencies = [("change", "0007_incidents_of_their_own"), ("ledger", "0016_words_of_lists")]

    operations = [migrations.RunSQL(_FILL, migrations.RunSQL.noop)]
