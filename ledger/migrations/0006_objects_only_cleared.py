"""An object is cleared or deleted, and never changed: an erasure may empty it, nobody may rewrite it.

Guarantees that no role, the runtime role included, updates a row of `ledger_object` to anything but the same
row with `data`, `blob`, `salt`, `fingerprint` or `fingerprint_key` set to NULL, and that nobody truncates the
table, while the triggers stand. Each refusal is counted in `ledger_refusals`, as in 0003. What is deleted and
inserted anew no longer opens the commitment in its leaf, and is found where the object is read.
"""

from __future__ import annotations

from django.db import migrations

_REFUSE = """
CREATE FUNCTION ledger_object_clears_only() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
BEGIN
    IF (NEW.stream_id, NEW.index, NEW.role, NEW.media_type, NEW.size)
            = (OLD.stream_id, OLD.index, OLD.role, OLD.media_type, OLD.size)
        AND (NEW.data IS NULL OR NEW.data IS NOT DISTINCT FROM OLD.data)
        AND (NEW.blob IS NULL OR NEW.blob IS NOT DISTINCT FROM OLD.blob)
        AND (NEW.salt IS NULL OR NEW.salt IS NOT DISTINCT FROM OLD.salt)
        AND (NEW.fingerprint IS NULL OR NEW.fingerprint IS NOT DISTINCT FROM OLD.fingerprint)
        AND (NEW.fingerprint_key IS NULL OR NEW.fingerprint_key IS NOT DISTINCT FROM OLD.fingerprint_key)
    THEN
        RETURN NEW;
    END IF;
    PERFORM nextval('public.ledger_refusals');
    RAISE EXCEPTION 'UPDATE on %: an object is cleared or deleted, never changed', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', HINT = 'Nothing was changed. The refusal has been counted.';
END $$;
REVOKE ALL ON FUNCTION ledger_object_clears_only() FROM PUBLIC;

CREATE TRIGGER clearing_only_rows BEFORE UPDATE ON ledger_object
    FOR EACH ROW EXECUTE FUNCTION ledger_object_clears_only();
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON ledger_object
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_append_only();
-- ALWAYS: also for sessions that replay a replica's changes.
ALTER TABLE ledger_object ENABLE ALWAYS TRIGGER clearing_only_rows;
ALTER TABLE ledger_object ENABLE ALWAYS TRIGGER append_only_table;
"""

_REFUSE_BACK = """
DROP TRIGGER append_only_table ON ledger_object;
DROP TRIGGER clearing_only_rows ON ledger_object;
DROP FUNCTION ledger_object_clears_only();
"""


class Migration(migrations.Migration):
    """The trigger, and the one against TRUNCATE."""

    dependencies = [("ledger", "0005_publicity_and_heads")]

    operations = [migrations.RunSQL(_REFUSE, _REFUSE_BACK)]
