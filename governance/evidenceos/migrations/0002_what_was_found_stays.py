"""What was found when a directory was taken over stays, and so does what a decided change writes.

Guarantees that no role updates or deletes an adoption, that of a plan only what came of it moves, and that nobody
deletes or truncates either while the triggers stand. Each refusal is counted in `ledger_refusals`.
"""

from __future__ import annotations

from django.db import migrations

_TRIGGERS = """
SELECT ledger_make_append_only('evidenceos_adoption');

CREATE FUNCTION evidenceos_plan_stays() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND (NEW.id, NEW.public_id, NEW.target_id, NEW.change, NEW.kind, NEW.index, NEW.steps,
            NEW.effective, NEW.created)
        = (OLD.id, OLD.public_id, OLD.target_id, OLD.change, OLD.kind, OLD.index, OLD.steps, OLD.effective, OLD.created)
        AND (OLD.state = 'planned' OR NEW.state = OLD.state)
    THEN
        RETURN NEW;
    END IF;
    PERFORM nextval('public.ledger_refusals');
    RAISE EXCEPTION '% on %: what a decided change writes stays', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', HINT = 'Nothing was changed. The refusal has been counted.';
END $$;
REVOKE ALL ON FUNCTION evidenceos_plan_stays() FROM PUBLIC;
CREATE TRIGGER plan_stays BEFORE UPDATE OR DELETE ON evidenceos_plan
    FOR EACH ROW EXECUTE FUNCTION evidenceos_plan_stays();
CREATE TRIGGER never_truncated BEFORE TRUNCATE ON evidenceos_plan
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_append_only();
ALTER TABLE evidenceos_plan ENABLE ALWAYS TRIGGER plan_stays;
ALTER TABLE evidenceos_plan ENABLE ALWAYS TRIGGER never_truncated;
"""

_TRIGGERS_BACK = """
DROP FUNCTION evidenceos_plan_stays() CASCADE;
DROP TRIGGER append_only_rows ON evidenceos_adoption;
DROP TRIGGER append_only_table ON evidenceos_adoption;
DROP TRIGGER never_truncated ON evidenceos_plan;
"""


class Migration(migrations.Migration):
    """Triggers."""

    dependencies = [("evidenceos", "0001_initial"), ("ledger", "0018_acceptance_by_actor")]

    operations = [migrations.RunSQL(_TRIGGERS, _TRIGGERS_BACK)]
