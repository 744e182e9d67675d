"""What a key, a group, a ticket or the founding is stays; states move forward alone; rights of the runtime role.

Guarantees that no role, the owner included, changes or removes such a row while the triggers stand; each refusal is
counted in `ledger_refusals`. The runtime role may update exactly the columns that move.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import migrations

if TYPE_CHECKING:
    from django.apps.registry import Apps
    from django.db.backends.base.schema import BaseDatabaseSchemaEditor

_FINAL = """
CREATE FUNCTION identity_final() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
DECLARE
    may_change text[] := TG_ARGV;
    before jsonb;
    after jsonb;
    one text;
    allowed boolean := TG_OP = 'UPDATE';
BEGIN
    IF allowed THEN
        before := to_jsonb(OLD);
        after := to_jsonb(NEW);
        allowed := after - may_change = before - may_change;
        -- what is set once stays as it was set; `state` has an order of its own
        FOREACH one IN ARRAY may_change LOOP
            IF one <> 'state' AND before -> one <> 'null'::jsonb AND after -> one <> before -> one THEN
                allowed := false;
            END IF;
        END LOOP;
        IF allowed AND after -> 'state' <> before -> 'state' THEN
            allowed := (before ->> 'state') || ' ' || (after ->> 'state')
                       IN ('pending active', 'pending revoked', 'active revoked');
        END IF;
        IF allowed THEN
            RETURN NEW;
        END IF;
    END IF;
    PERFORM nextval('public.ledger_refusals');
    RAISE EXCEPTION '% on %: what a row is stays, and so does the row', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', HINT = 'Nothing was changed. The refusal has been counted.';
END $$;
REVOKE ALL ON FUNCTION identity_final() FROM PUBLIC;

CREATE TRIGGER final_rows BEFORE UPDATE OR DELETE ON identity_groupmember FOR EACH ROW
    EXECUTE FUNCTION identity_final('revoked');
CREATE TRIGGER final_rows BEFORE UPDATE OR DELETE ON identity_personkey FOR EACH ROW
    EXECUTE FUNCTION identity_final('state', 'since', 'until', 'active_from', 'revoked_at');
CREATE TRIGGER final_rows BEFORE UPDATE OR DELETE ON identity_ticket FOR EACH ROW
    EXECUTE FUNCTION identity_final('used', 'withdrawn');
CREATE TRIGGER final_table BEFORE TRUNCATE ON identity_groupmember
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_append_only();
CREATE TRIGGER final_table BEFORE TRUNCATE ON identity_personkey
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_append_only();
CREATE TRIGGER final_table BEFORE TRUNCATE ON identity_ticket
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_append_only();
-- ALWAYS: also for sessions that replay a replica's changes.
ALTER TABLE identity_groupmember ENABLE ALWAYS TRIGGER final_rows;
ALTER TABLE identity_groupmember ENABLE ALWAYS TRIGGER final_table;
ALTER TABLE identity_personkey ENABLE ALWAYS TRIGGER final_rows;
ALTER TABLE identity_personkey ENABLE ALWAYS TRIGGER final_table;
ALTER TABLE identity_ticket ENABLE ALWAYS TRIGGER final_rows;
ALTER TABLE identity_ticket ENABLE ALWAYS TRIGGER final_table;
SELECT ledger_make_append_only('identity_founding');
SELECT ledger_make_append_only('identity_approvergroup');
"""
_FINAL_BACK = """
DROP TRIGGER append_only_table ON identity_approvergroup;
DROP TRIGGER append_only_rows ON identity_approvergroup;
DROP TRIGGER append_only_table ON identity_founding;
DROP TRIGGER append_only_rows ON identity_founding;
DROP TRIGGER final_table ON identity_ticket;
DROP TRIGGER final_rows ON identity_ticket;
DROP TRIGGER final_table ON identity_personkey;
DROP TRIGGER final_rows ON identity_personkey;
DROP TRIGGER final_table ON identity_groupmember;
DROP TRIGGER final_rows ON identity_groupmember;
DROP FUNCTION identity_final();
"""
_GRANT = """
CREATE FUNCTION identity_grant(role name) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('REVOKE ALL ON public.identity_founding, public.identity_approvergroup, '
                   'public.identity_groupmember, public.identity_personkey, public.identity_ticket FROM %I', role);
    EXECUTE format('GRANT SELECT, INSERT ON public.identity_founding, public.identity_approvergroup TO %I', role);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE (revoked) ON public.identity_groupmember TO %I', role);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE (state, since, until, active_from, revoked_at) '
                   'ON public.identity_personkey TO %I', role);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE (used, withdrawn) ON public.identity_ticket TO %I', role);
END $$;
REVOKE ALL ON FUNCTION identity_grant(name) FROM PUBLIC;
"""


def grant(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Give the role of the `default` connection its rights, unless it is the one that migrates or is not there yet."""
    role = settings.DATABASES["default"]["USER"]
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s AND rolname <> current_user", [role])
        if cursor.fetchone():
            cursor.execute("SELECT identity_grant(%s::name)", [role])


class Migration(migrations.Migration):
    """Triggers and rights."""

    dependencies = [("identity", "0005_people_and_keys"), ("ledger", "0007_final_columns_and_marks")]

    operations = [
        migrations.RunSQL(_FINAL, _FINAL_BACK),
        migrations.RunSQL(_GRANT, "DROP FUNCTION identity_grant(name);"),
        migrations.RunPython(grant, migrations.RunPython.noop),
    ]
