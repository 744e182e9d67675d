"""Sessions to be seen and ended, mails that wait, and passkeys that stay their holder's; rights of the runtime role."""

from importlib import import_module

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

_FINAL = """
CREATE TRIGGER final_rows BEFORE UPDATE OR DELETE ON identity_session FOR EACH ROW
    EXECUTE FUNCTION identity_moving();
ALTER TABLE identity_session ENABLE ALWAYS TRIGGER final_rows;
SELECT ledger_make_append_only('identity_credentialclaim');
"""
_MOVING = """
-- A session that has ended stays ended, and belongs to whom it belonged.
CREATE FUNCTION identity_moving() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.ended IS NULL AND NEW.person_id = OLD.person_id AND NEW.public_id = OLD.public_id
        AND NEW.began = OLD.began THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'DELETE' AND OLD.ended IS NOT NULL THEN
        RETURN OLD;
    END IF;
    PERFORM nextval('public.ledger_refusals');
    RAISE EXCEPTION '% on %: what a row is stays, and so does the row', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', HINT = 'Nothing was changed. The refusal has been counted.';
END $$;
REVOKE ALL ON FUNCTION identity_moving() FROM PUBLIC;
"""
_GRANT = """
ALTER FUNCTION identity_grant(name) RENAME TO identity_grant_before_sessions;
CREATE FUNCTION identity_grant(role name) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM identity_grant_before_sessions(role);
    EXECUTE format('REVOKE ALL ON public.identity_session, public.identity_mail, public.identity_credentialclaim '
                   'FROM %I', role);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON public.identity_session, public.identity_mail TO %I', role);
    EXECUTE format('GRANT SELECT, INSERT ON public.identity_credentialclaim TO %I', role);
END $$;
REVOKE ALL ON FUNCTION identity_grant(name) FROM PUBLIC;
"""
_GRANT_BACK = """
DROP FUNCTION identity_grant(name);
ALTER FUNCTION identity_grant_before_sessions(name) RENAME TO identity_grant;
"""


class Migration(migrations.Migration):
    """Three tables."""

    dependencies = [
        ("identity", "0006_final_people"),
    ]

    operations = [
        migrations.CreateModel(
            name="CredentialClaim",
            fields=[
                ("digest", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("created", models.DateTimeField()),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="credential_claims",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "identity_credentialclaim",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("digest__regex", "^[0-9a-f]{64}$")), name="credential_claim_form"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Mail",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("subject", models.CharField(max_length=200)),
                ("body", models.TextField()),
                ("created", models.DateTimeField()),
                ("state", models.CharField(default="waiting", max_length=8)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("next", models.DateTimeField(null=True)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="mails", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "db_table": "identity_mail",
                "ordering": ["id"],
                "indexes": [
                    models.Index(condition=models.Q(("state", "waiting")), fields=["next"], name="mail_to_send")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["waiting", "sent", "failed"])), name="mail_state_known"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Session",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("public_id", models.UUIDField(editable=False, unique=True)),
                ("key", models.CharField(max_length=40)),
                ("epoch", models.PositiveIntegerField()),
                ("began", models.DateTimeField()),
                ("seen", models.DateTimeField()),
                ("factor", models.CharField(default="", max_length=16)),
                ("verified", models.DateTimeField(null=True)),
                ("agent", models.CharField(default="", max_length=200)),
                ("network", models.CharField(default="", max_length=64)),
                ("ended", models.DateTimeField(null=True)),
                ("why", models.CharField(default="", max_length=16)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sessions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "identity_session",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(condition=models.Q(("ended__isnull", True)), fields=["person"], name="session_open")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended__isnull", True), ("why", "")),
                            models.Q(
                                ("ended__isnull", False),
                                ("key", ""),
                                ("why__in", ["idle", "absolute", "signed_out", "revoked"]),
                            ),
                            _connector="OR",
                        ),
                        name="session_ends_for_a_reason",
                    )
                ],
            },
        ),
        migrations.RunSQL(_MOVING, "DROP FUNCTION identity_moving();"),
        migrations.RunSQL(
            _FINAL,
            "DROP TRIGGER append_only_table ON identity_credentialclaim;"
            "DROP TRIGGER append_only_rows ON identity_credentialclaim; DROP TRIGGER final_rows ON identity_session;",
        ),
        migrations.RunSQL(_GRANT, _GRANT_BACK),
        migrations.RunPython(
            import_module("governance.identity.migrations.0006_final_people").grant, migrations.RunPython.noop
        ),
    ]
