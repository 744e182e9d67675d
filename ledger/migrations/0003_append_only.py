"""What is written stays written: triggers for everybody, and rights of the runtime role.

Guarantees that no role, the owner included, updates, deletes or truncates an append-only row while the
triggers stand; each refusal is counted in the sequence `ledger_refusals`, which survives the rollback that
the refusal causes. `ledger_grant(role)` gives a runtime role exactly what it needs, takes away everything
else (default privileges of the owner included) and may be repeated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import migrations

if TYPE_CHECKING:
    from django.apps.registry import Apps
    from django.db.backends.base.schema import BaseDatabaseSchemaEditor

_REFUSE = """
CREATE SEQUENCE ledger_refusals;

CREATE FUNCTION ledger_append_only() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
BEGIN
    PERFORM nextval('public.ledger_refusals');
    RAISE EXCEPTION '% on %: this table is append-only', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', HINT = 'Nothing was changed. The refusal has been counted.';
END $$;
REVOKE ALL ON FUNCTION ledger_append_only() FROM PUBLIC;

-- Makes a table and its partitions append-only. ALWAYS: also for sessions that replay a replica's changes.
CREATE FUNCTION ledger_make_append_only(target regclass) RETURNS void LANGUAGE plpgsql AS $$
DECLARE part regclass;
BEGIN
    EXECUTE format('CREATE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON %s '
                   'FOR EACH ROW EXECUTE FUNCTION ledger_append_only()', target);
    FOR part IN SELECT target UNION SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = target LOOP
        EXECUTE format('CREATE TRIGGER append_only_table BEFORE TRUNCATE ON %s '
                       'FOR EACH STATEMENT EXECUTE FUNCTION ledger_append_only()', part);
        EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER append_only_rows', part);
        EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER append_only_table', part);
    END LOOP;
END $$;
REVOKE ALL ON FUNCTION ledger_make_append_only(regclass) FROM PUBLIC;

SELECT ledger_make_append_only('ledger_leaf');
SELECT ledger_make_append_only('ledger_window');
SELECT ledger_make_append_only('ledger_checkpoint');
SELECT ledger_make_append_only('ledger_receipt');
SELECT ledger_make_append_only('ledger_policytext');
"""

_REFUSE_BACK = """
DROP TRIGGER append_only_rows ON ledger_leaf;
DROP TRIGGER append_only_rows ON ledger_window;
DROP TRIGGER append_only_rows ON ledger_checkpoint;
DROP TRIGGER append_only_rows ON ledger_receipt;
DROP TRIGGER append_only_rows ON ledger_policytext;
DROP FUNCTION ledger_make_append_only(regclass);
DROP FUNCTION ledger_append_only() CASCADE;
DROP SEQUENCE ledger_refusals;
"""

_GRANT = """
CREATE FUNCTION ledger_grant(role name) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    held record;
    append_only text[] := ARRAY['ledger_leaf', 'ledger_window', 'ledger_checkpoint', 'ledger_receipt',
                                'ledger_policytext'];
    mutable text[] := ARRAY['ledger_streamhead', 'ledger_prepared', 'ledger_object', 'ledger_eventindex',
                            'ledger_idempotency', 'ledger_job', 'ledger_workerbeat', 'ledger_bundle',
                            'ledger_denialtally', 'ledger_watermark'];
    one text;
BEGIN
    FOR held IN SELECT relname, relkind FROM pg_class
                WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'S')
                  AND relname LIKE 'ledger\\_%' LOOP
        EXECUTE format('REVOKE ALL ON %s public.%I FROM %I',
                       CASE held.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, held.relname, role);
        IF held.relkind = 'S' AND held.relname <> 'ledger_refusals' THEN
            EXECUTE format('GRANT USAGE, SELECT ON SEQUENCE public.%I TO %I', held.relname, role);
        END IF;
    END LOOP;
    EXECUTE format('GRANT SELECT ON SEQUENCE public.ledger_refusals TO %I', role);
    FOREACH one IN ARRAY append_only LOOP
        EXECUTE format('GRANT SELECT, INSERT ON public.%I TO %I', one, role);
    END LOOP;
    FOREACH one IN ARRAY mutable LOOP
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON public.%I TO %I', one, role);
    END LOOP;
    EXECUTE format('GRANT SELECT, INSERT, UPDATE (profile_mode, clear_attributes, window_count, '
                   'window_age_s) ON public.ledger_stream TO %I', role);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE (sealed, valid_to) ON public.ledger_signingkey TO %I', role);
END $$;
REVOKE ALL ON FUNCTION ledger_grant(name) FROM PUBLIC;
"""


def grant(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Give the role of the `default` connection its rights, unless it is the one that migrates or is not
    there yet.
    """
    role = settings.DATABASES["default"]["USER"]
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s AND rolname <> current_user", [role])
        if cursor.fetchone():
            cursor.execute("SELECT ledger_grant(%s::name)", [role])


class Migration(migrations.Migration):
    """Triggers, the counter of refusals, and the two roles."""

    dependencies = [("ledger", "0002_windows_and_jobs")]

    operations = [
        migrations.RunSQL(_REFUSE, _REFUSE_BACK),
        migrations.RunSQL(_GRANT, "DROP FUNCTION ledger_grant(name);"),
        migrations.RunPython(grant, migrations.RunPython.noop),
    ]
