"""Names of namespaces are final, and buckets need no write-ahead log."""

from __future__ import annotations

from django.db import migrations

_FINAL_NAMES = """
CREATE FUNCTION identity_namespace_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.name = OLD.name AND NEW.tenant_id IS NOT DISTINCT FROM OLD.tenant_id THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a namespace is never renamed, moved, deleted or reused' USING ERRCODE = '42501';
END $$;
CREATE TRIGGER identity_namespace_is_final BEFORE UPDATE OR DELETE ON identity_namespace
    FOR EACH ROW EXECUTE FUNCTION identity_namespace_is_final();
CREATE TRIGGER identity_namespace_is_never_truncated BEFORE TRUNCATE ON identity_namespace
    FOR EACH STATEMENT EXECUTE FUNCTION identity_namespace_is_final();
"""

_FINAL_NAMES_BACK = """
DROP TRIGGER identity_namespace_is_never_truncated ON identity_namespace;
DROP TRIGGER identity_namespace_is_final ON identity_namespace;
DROP FUNCTION identity_namespace_is_final();
"""


class Migration(migrations.Migration):
    """Triggers and storage that Django's schema editor has no words for."""

    dependencies = [("identity", "0001_initial")]

    operations = [
        migrations.RunSQL(_FINAL_NAMES, _FINAL_NAMES_BACK),
        migrations.RunSQL("ALTER TABLE identity_bucket SET UNLOGGED", "ALTER TABLE identity_bucket SET LOGGED"),
    ]
