"""Streams and keys are never removed or renamed, and marks of sweeps are appended, never moved back.

Guarantees that no role, the owner included, changes what a stream or a key is while the triggers stand, deletes or
truncates either, or lets a sealed key go before the key has ended; each refusal is counted in `ledger_refusals`, as in
0003. `sealed` may become NULL and nothing else: sealing under another key needs a path of its own. A watermark is a row
of an append-only table; the newest row counts.
"""

from __future__ import annotations

from importlib import import_module

from django.db import migrations, models
from django.db.models.functions import Now

_FINAL = """
CREATE FUNCTION ledger_final() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
DECLARE may_change text[] := TG_ARGV;
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - may_change = to_jsonb(OLD) - may_change THEN
        IF TG_TABLE_NAME <> 'ledger_signingkey' THEN
            RETURN NEW;
        END IF;
        IF (NEW.valid_to IS NOT DISTINCT FROM OLD.valid_to OR OLD.valid_to IS NULL)
            AND (NEW.sealed IS NOT DISTINCT FROM OLD.sealed OR NEW.sealed IS NULL AND OLD.valid_to IS NOT NULL)
        THEN
            RETURN NEW;
        END IF;
    END IF;
    PERFORM nextval('public.ledger_refusals');
    RAISE EXCEPTION '% on %: what a row is stays, and so does the row', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', HINT = 'Nothing was changed. The refusal has been counted.';
END $$;
REVOKE ALL ON FUNCTION ledger_final() FROM PUBLIC;

CREATE TRIGGER final_rows BEFORE UPDATE OR DELETE ON ledger_stream FOR EACH ROW
    EXECUTE FUNCTION ledger_final('profile_mode', 'clear_attributes', 'window_count', 'window_age_s');
CREATE TRIGGER final_rows BEFORE UPDATE OR DELETE ON ledger_signingkey FOR EACH ROW
    EXECUTE FUNCTION ledger_final('sealed', 'valid_to');
CREATE TRIGGER final_table BEFORE TRUNCATE ON ledger_stream FOR EACH STATEMENT EXECUTE FUNCTION ledger_append_only();
CREATE TRIGGER final_table BEFORE TRUNCATE ON ledger_signingkey
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_append_only();
-- ALWAYS: also for sessions that replay a replica's changes.
ALTER TABLE ledger_stream ENABLE ALWAYS TRIGGER final_rows;
ALTER TABLE ledger_stream ENABLE ALWAYS TRIGGER final_table;
ALTER TABLE ledger_signingkey ENABLE ALWAYS TRIGGER final_rows;
ALTER TABLE ledger_signingkey ENABLE ALWAYS TRIGGER final_table;
"""
_FINAL_BACK = """
DROP TRIGGER final_table ON ledger_signingkey;
DROP TRIGGER final_rows ON ledger_signingkey;
DROP TRIGGER final_table ON ledger_stream;
DROP TRIGGER final_rows ON ledger_stream;
DROP FUNCTION ledger_final();
"""
_GRANT = """
ALTER FUNCTION ledger_grant(name) RENAME TO ledger_grant_before_marks;
CREATE FUNCTION ledger_grant(role name) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM ledger_grant_before_marks(role);
    EXECUTE format('REVOKE UPDATE, DELETE ON public.ledger_watermark FROM %I', role);
END $$;
REVOKE ALL ON FUNCTION ledger_grant(name) FROM PUBLIC;
SELECT ledger_make_append_only('ledger_watermark');
"""
_GRANT_BACK = """
DROP FUNCTION ledger_grant(name);
ALTER FUNCTION ledger_grant_before_marks(name) RENAME TO ledger_grant;
"""


class Migration(migrations.Migration):
    """Two triggers each, and the table of marks made anew."""

    dependencies = [("ledger", "0006_objects_only_cleared")]

    operations = [
        migrations.RunSQL(_FINAL, _FINAL_BACK),
        migrations.DeleteModel("Watermark"),
        migrations.CreateModel(
            name="Watermark",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=64)),
                ("digest", models.CharField(max_length=64)),
                ("made", models.DateTimeField(db_default=Now())),
            ],
            options={
                "db_table": "ledger_watermark",
                "indexes": [models.Index(fields=["name", "-id"], name="watermark_newest")],
            },
        ),
        migrations.RunSQL(_GRANT, _GRANT_BACK),
        migrations.RunPython(import_module("ledger.migrations.0003_append_only").grant, migrations.RunPython.noop),
    ]
