"""Several keys per stream, pauses of the signer, the successor of a log, and the one way to seal a secret anew.

Guarantees what 0007 does, with one exception: the role that owns the tables may put other bytes of the same length in
place of a sealed secret, in a transaction that says `countersign.reseal = on`. The database cannot open a seal, so it
cannot tell whether the new bytes hold the same secret; the command that writes them opens them again before it commits.
The owner could switch the trigger off anyway. The runtime role never may: all it can do is to let a sealed key go
after the key has ended.
"""

from __future__ import annotations

from importlib import import_module

import django.db.models.deletion
from django.db import migrations, models

_FINAL = """
CREATE FUNCTION ledger_is_owner(target oid) RETURNS boolean LANGUAGE sql STABLE
SET search_path = pg_catalog, public AS $$
    SELECT pg_has_role(session_user, (SELECT relowner FROM pg_class WHERE oid = target), 'MEMBER')
$$;
REVOKE ALL ON FUNCTION ledger_is_owner(oid) FROM PUBLIC;

CREATE OR REPLACE FUNCTION ledger_final() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
DECLARE
    may_change text[] := TG_ARGV;
    secret text := CASE TG_TABLE_NAME WHEN 'ledger_signingkey' THEN 'sealed' ELSE 'lookup_key' END;
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
    -- Sealing anew: the owner alone, said for this transaction, one column, neither given nor taken away.
    IF TG_OP = 'UPDATE' AND current_setting('countersign.reseal', true) = 'on'
        AND to_jsonb(NEW) - secret = to_jsonb(OLD) - secret
        AND length(to_jsonb(NEW) ->> secret) = length(to_jsonb(OLD) ->> secret)
        AND public.ledger_is_owner(TG_RELID)
    THEN
        RETURN NEW;
    END IF;
    PERFORM nextval('public.ledger_refusals');
    RAISE EXCEPTION '% on %: what a row is stays, and so does the row', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', HINT = 'Nothing was changed. The refusal has been counted.';
END $$;
SELECT ledger_make_append_only('ledger_signerpause');
"""
_FINAL_BACK = """
CREATE OR REPLACE FUNCTION ledger_final() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
BEGIN
    RAISE EXCEPTION '% on %: what a row is stays, and so does the row', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;
DROP FUNCTION ledger_is_owner(oid);
"""
_GRANT = """
ALTER FUNCTION ledger_grant(name) RENAME TO ledger_grant_before_keys;
CREATE FUNCTION ledger_grant(role name) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM ledger_grant_before_keys(role);
    EXECUTE format('GRANT SELECT, INSERT ON public.ledger_signerpause TO %I', role);
    EXECUTE format('GRANT SELECT ON public.ledger_keptsecret TO %I', role);
END $$;
REVOKE ALL ON FUNCTION ledger_grant(name) FROM PUBLIC;
"""
_GRANT_BACK = """
DROP FUNCTION ledger_grant(name);
ALTER FUNCTION ledger_grant_before_keys(name) RENAME TO ledger_grant;
"""


class Migration(migrations.Migration):
    """Columns, two tables, the trigger and the rights."""

    dependencies = [("ledger", "0011_acceptance")]

    operations = [
        migrations.CreateModel(
            name="KeptSecret",
            fields=[
                ("name", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("sealed", models.BinaryField()),
            ],
            options={"db_table": "ledger_keptsecret"},
        ),
        migrations.CreateModel(
            name="SignerPause",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "stream",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ledger.stream"
                    ),
                ),
                ("paused", models.BooleanField()),
                ("reason", models.CharField(max_length=500)),
                ("actor", models.CharField(max_length=128)),
                ("at", models.DateTimeField(auto_now_add=True)),
            ],
            options={"db_table": "ledger_signerpause"},
        ),
        migrations.RemoveConstraint(model_name="signingkey", name="key_in_force_once"),
        migrations.AddField(model_name="receipt", name="issued", field=models.BigIntegerField(null=True)),
        migrations.AddField(
            model_name="signingkey",
            name="alg",
            field=models.CharField(
                choices=[("ed25519", "Ed25519"), ("ml-dsa-44", "ML-DSA-44")], default="ed25519", max_length=16
            ),
        ),
        migrations.AddField(
            model_name="streamhead", name="successor", field=models.CharField(max_length=255, null=True)
        ),
        migrations.AlterField(model_name="signingkey", name="public", field=models.BinaryField(max_length=1312)),
        migrations.AddConstraint(
            model_name="signingkey",
            constraint=models.UniqueConstraint(
                condition=models.Q(("use__in", ["receipt", "export"]), ("valid_to__isnull", True)),
                fields=("stream", "use"),
                name="key_in_force_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="signingkey",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("alg", "ed25519"), models.Q(("alg", "ml-dsa-44"), ("use", "checkpoint")), _connector="OR"
                ),
                name="key_alg_of_its_use",
            ),
        ),
        migrations.RunSQL(_FINAL, _FINAL_BACK),
        migrations.RunSQL(_GRANT, _GRANT_BACK),
        migrations.RunPython(import_module("ledger.migrations.0003_append_only").grant, migrations.RunPython.noop),
    ]
