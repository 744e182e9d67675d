"""The passkey that opens a key on the signing page; rights of the runtime role."""

from importlib import import_module

import django.db.models.deletion
from django.db import migrations, models

_FINAL = """
CREATE TRIGGER final_rows BEFORE UPDATE OR DELETE ON identity_signingpasskey FOR EACH ROW
    EXECUTE FUNCTION identity_counting();
CREATE TRIGGER final_table BEFORE TRUNCATE ON identity_signingpasskey
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_append_only();
ALTER TABLE identity_signingpasskey ENABLE ALWAYS TRIGGER final_rows;
ALTER TABLE identity_signingpasskey ENABLE ALWAYS TRIGGER final_table;
"""
_COUNTING = """
-- The counter moves, and never back; nothing else does.
CREATE FUNCTION identity_counting() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - 'sign_count' = to_jsonb(OLD) - 'sign_count'
        AND NEW.sign_count >= OLD.sign_count THEN
        RETURN NEW;
    END IF;
    PERFORM nextval('public.ledger_refusals');
    RAISE EXCEPTION '% on %: what a row is stays, and so does the row', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', HINT = 'Nothing was changed. The refusal has been counted.';
END $$;
REVOKE ALL ON FUNCTION identity_counting() FROM PUBLIC;
"""
_GRANT = """
ALTER FUNCTION identity_grant(name) RENAME TO identity_grant_before_passkeys;
CREATE FUNCTION identity_grant(role name) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM identity_grant_before_passkeys(role);
    EXECUTE format('REVOKE ALL ON public.identity_signingpasskey FROM %I', role);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE (sign_count) ON public.identity_signingpasskey TO %I', role);
END $$;
REVOKE ALL ON FUNCTION identity_grant(name) FROM PUBLIC;
"""
_GRANT_BACK = """
DROP FUNCTION identity_grant(name);
ALTER FUNCTION identity_grant_before_passkeys(name) RENAME TO identity_grant;
"""


class Migration(migrations.Migration):
    """One table."""

    dependencies = [
        ("identity", "0007_sessions_and_mails"),
    ]

    operations = [
        migrations.CreateModel(
            name="SigningPasskey",
            fields=[
                (
                    "key",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="passkey",
                        serialize=False,
                        to="identity.personkey",
                    ),
                ),
                ("credential", models.CharField(max_length=64, unique=True)),
                ("public", models.BinaryField(max_length=1023)),
                ("sign_count", models.PositiveBigIntegerField(default=0)),
                ("created", models.DateTimeField()),
            ],
            options={
                "db_table": "identity_signingpasskey",
                "ordering": ["key_id"],
            },
        ),
        migrations.RunSQL(_COUNTING, "DROP FUNCTION identity_counting();"),
        migrations.RunSQL(
            _FINAL,
            "DROP TRIGGER final_table ON identity_signingpasskey; DROP TRIGGER final_rows ON identity_signingpasskey;",
        ),
        migrations.RunSQL(_GRANT, _GRANT_BACK),
        migrations.RunPython(
            import_module("governance.identity.migrations.0006_final_people").grant, migrations.RunPython.noop
        ),
    ]
