"""A statement that was given out and not answered in its time may go; one that was answered, or may be, stays.

Guarantees for every role while the triggers stand: no row of `change_statement` goes that has been consumed, or before
it has expired. A word whose statement is gone is refused like one of a nonce that was never given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import migrations

if TYPE_CHECKING:
    from django.apps.registry import Apps
    from django.db.backends.base.schema import BaseDatabaseSchemaEditor

_TRIGGERS = """
CREATE FUNCTION change_statement_goes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.consumed IS NULL AND OLD.expires < now() THEN
        RETURN OLD;
    END IF;
    PERFORM change_refuse('DELETE of a statement that was answered, or may be,', TG_TABLE_NAME);
    RETURN NULL;
END $$;
DROP TRIGGER ended_once ON change_statement;
CREATE TRIGGER ended_once BEFORE UPDATE ON change_statement FOR EACH ROW
    EXECUTE FUNCTION change_ended_once('consumed');
CREATE TRIGGER only_unanswered_go BEFORE DELETE ON change_statement FOR EACH ROW
    EXECUTE FUNCTION change_statement_goes();
ALTER TABLE change_statement ENABLE ALWAYS TRIGGER ended_once;
ALTER TABLE change_statement ENABLE ALWAYS TRIGGER only_unanswered_go;
"""

_TRIGGERS_BACK = """
DROP FUNCTION change_statement_goes() CASCADE;
DROP TRIGGER ended_once ON change_statement;
CREATE TRIGGER ended_once BEFORE UPDATE OR DELETE ON change_statement FOR EACH ROW
    EXECUTE FUNCTION change_ended_once('consumed');
ALTER TABLE change_statement ENABLE ALWAYS TRIGGER ended_once;
"""


def grant(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Let the role of the `default` connection sweep, unless it migrates itself or is not there yet."""
    role = settings.DATABASES["default"]["USER"]
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(
            "SELECT quote_ident(rolname) FROM pg_roles WHERE rolname = %s AND rolname <> current_user", [role]
        )
        if found := cursor.fetchone():
            cursor.execute(f"GRANT DELETE ON public.change_statement TO {found[0]}")


class Migration(migrations.Migration):
    """Trigger and right."""

    dependencies = [("change", "0003_telling")]

    operations = [
        migrations.RunSQL(_TRIGGERS, _TRIGGERS_BACK),
        migrations.RunPython(grant, migrations.RunPython.noop),
    ]
