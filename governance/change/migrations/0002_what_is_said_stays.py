"""Words stay, steps follow the table, ends are final, and nothing moves without its event.

Guarantees for every role while the triggers stand: policies, revisions, words, comments and timelines are written once;
a nonce, a hold, a freeze, an ask and an incident are only ever ended, once; a change takes no step that the table of
states does not name, never leaves an end, is applied only with a signed word of this revision that says so, and cannot
be committed without an event about it at its index in `_governance/changes`. Each refusal is counted in
`ledger_refusals`. The rights of the runtime role follow the same lines.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import migrations

if TYPE_CHECKING:
    from django.apps.registry import Apps
    from django.db.backends.base.schema import BaseDatabaseSchemaEditor

_TRIGGERS = """
CREATE FUNCTION change_refuse(what text, relation text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
BEGIN
    PERFORM nextval('public.ledger_refusals');
    RAISE EXCEPTION '% on %', what, relation
        USING ERRCODE = 'restrict_violation', HINT = 'Nothing was changed. The refusal has been counted.';
END $$;

-- Columns named in the trigger go from NULL to a value once; all others stay.
CREATE FUNCTION change_ended_once() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE one text;
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - TG_ARGV = to_jsonb(OLD) - TG_ARGV THEN
        FOREACH one IN ARRAY TG_ARGV LOOP
            IF to_jsonb(OLD) -> one <> 'null' AND to_jsonb(NEW) -> one <> to_jsonb(OLD) -> one THEN
                PERFORM change_refuse(TG_OP || ' of ' || one || ', which was set before,', TG_TABLE_NAME);
            END IF;
        END LOOP;
        RETURN NEW;
    END IF;
    PERFORM change_refuse(TG_OP || ': what a row is stays, and so does the row,', TG_TABLE_NAME);
    RETURN NULL;
END $$;

CREATE FUNCTION change_takes_steps() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    fixed text[] := ARRAY['id', 'public_id', 'type', 'author', 'reverts', 'created'];
    steps text[] := ARRAY[
        'applied_provisional>lapsed', 'applied_provisional>ratified', 'draft>applied', 'draft>applied_provisional',
        'draft>in_review', 'draft>withdrawn', 'held>expired', 'held>in_review', 'held>rejected', 'held>vetoed',
        'held>withdrawn', 'in_review>expired', 'in_review>held', 'in_review>rejected', 'in_review>stale',
        'in_review>timelocked', 'in_review>vetoed', 'in_review>withdrawn', 'stale>expired', 'stale>in_review',
        'stale>vetoed', 'stale>withdrawn', 'timelocked>applied', 'timelocked>expired', 'timelocked>failed',
        'timelocked>held', 'timelocked>in_review', 'timelocked>rejected', 'timelocked>stale', 'timelocked>vetoed',
        'timelocked>withdrawn'];
BEGIN
    IF TG_OP = 'DELETE' THEN
        PERFORM change_refuse('DELETE: changes stay,', TG_TABLE_NAME);
    END IF;
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'draft' THEN
            PERFORM change_refuse('INSERT of a change that is no draft', TG_TABLE_NAME);
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.state IN ('applied', 'failed', 'rejected', 'withdrawn', 'vetoed', 'expired', 'ratified', 'lapsed') THEN
        PERFORM change_refuse('UPDATE of a change that has ended', TG_TABLE_NAME);
    END IF;
    IF EXISTS (SELECT 1 FROM unnest(fixed) AS one WHERE to_jsonb(NEW) -> one <> to_jsonb(OLD) -> one) THEN
        PERFORM change_refuse('UPDATE of what a change is', TG_TABLE_NAME);
    END IF;
    IF NEW.revision NOT IN (OLD.revision, OLD.revision + 1) OR NEW.index < OLD.index THEN
        PERFORM change_refuse('UPDATE that moves a change back', TG_TABLE_NAME);
    END IF;
    IF NEW.state <> OLD.state AND NOT (OLD.state || '>' || NEW.state = ANY (steps)) THEN
        PERFORM change_refuse('UPDATE from ' || OLD.state || ' to ' || NEW.state, TG_TABLE_NAME);
    END IF;
    IF (NEW.state <> OLD.state OR NEW.revision <> OLD.revision) AND NEW.index <= OLD.index THEN
        PERFORM change_refuse('UPDATE of a change without an event', TG_TABLE_NAME);
    END IF;
    IF NEW.state <> OLD.state AND NEW.state IN ('applied', 'applied_provisional') AND NOT EXISTS (
        SELECT 1 FROM change_word WHERE change_id = NEW.id AND revision = NEW.revision
            AND verb IN ('execute', 'revert', 'found', 'freeze', 'revoke-key', 'emergency'))
    THEN
        PERFORM change_refuse('UPDATE to ' || NEW.state || ' without a signed word', TG_TABLE_NAME);
    END IF;
    RETURN NEW;
END $$;

-- Looked at when the transaction commits: the event is appended in it.
CREATE FUNCTION change_has_its_event() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM public.ledger_eventindex AS event JOIN public.ledger_stream AS stream
            ON stream.id = event.stream_id
        WHERE stream.namespace = '_governance' AND event.index = NEW.index AND event.subject = NEW.public_id::text)
    THEN
        PERFORM public.change_refuse('a change without its event', TG_TABLE_NAME);
    END IF;
    RETURN NULL;
END $$;

-- A word answers a statement that was issued, and whose nonce this very answer has used.
CREATE FUNCTION change_word_was_asked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM change_statement AS issued
        WHERE issued.nonce = NEW.nonce AND issued.change_id = NEW.change_id AND issued.revision = NEW.revision
            AND issued.verb = NEW.verb AND issued.person = NEW.person AND issued.kid = NEW.kid
            AND issued.consumed IS NOT NULL)
    THEN
        PERFORM change_refuse('INSERT of a word that nobody was asked for', TG_TABLE_NAME);
    END IF;
    RETURN NEW;
END $$;

SELECT ledger_make_append_only('change_policy');
SELECT ledger_make_append_only('change_revision');
SELECT ledger_make_append_only('change_word');
SELECT ledger_make_append_only('change_comment');
SELECT ledger_make_append_only('change_incidententry');

CREATE TRIGGER asked_words BEFORE INSERT ON change_word FOR EACH ROW EXECUTE FUNCTION change_word_was_asked();
CREATE TRIGGER steps BEFORE INSERT OR UPDATE OR DELETE ON change_change FOR EACH ROW
    EXECUTE FUNCTION change_takes_steps();
CREATE CONSTRAINT TRIGGER events AFTER INSERT OR UPDATE ON change_change DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    EXECUTE FUNCTION change_has_its_event();
CREATE TRIGGER ended_once BEFORE UPDATE OR DELETE ON change_statement FOR EACH ROW
    EXECUTE FUNCTION change_ended_once('consumed');
CREATE TRIGGER ended_once BEFORE UPDATE OR DELETE ON change_hold FOR EACH ROW
    EXECUTE FUNCTION change_ended_once('released_by', 'released');
CREATE TRIGGER ended_once BEFORE UPDATE OR DELETE ON change_freeze FOR EACH ROW
    EXECUTE FUNCTION change_ended_once('lifted_decision', 'lifted');
CREATE TRIGGER ended_once BEFORE UPDATE OR DELETE ON change_ask FOR EACH ROW
    EXECUTE FUNCTION change_ended_once('answered', 'escalated');
CREATE TRIGGER ended_once BEFORE UPDATE OR DELETE ON change_incident FOR EACH ROW
    EXECUTE FUNCTION change_ended_once('closed');
ALTER TABLE change_word ENABLE ALWAYS TRIGGER asked_words;
ALTER TABLE change_change ENABLE ALWAYS TRIGGER steps;
ALTER TABLE change_change ENABLE ALWAYS TRIGGER events;

DO $$
DECLARE one text;
BEGIN
    FOREACH one IN ARRAY ARRAY['change_change', 'change_statement', 'change_hold', 'change_freeze', 'change_ask',
                               'change_incident'] LOOP
        EXECUTE format('CREATE TRIGGER never_truncated BEFORE TRUNCATE ON %I '
                       'FOR EACH STATEMENT EXECUTE FUNCTION ledger_append_only()', one);
        EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER never_truncated', one);
    END LOOP;
    FOREACH one IN ARRAY ARRAY['change_statement', 'change_hold', 'change_freeze', 'change_ask',
                               'change_incident'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER ended_once', one);
    END LOOP;
END $$;
"""

_TRIGGERS_BACK = """
DROP FUNCTION change_ended_once() CASCADE;
DROP FUNCTION change_takes_steps() CASCADE;
DROP FUNCTION change_has_its_event() CASCADE;
DROP FUNCTION change_word_was_asked() CASCADE;
DROP FUNCTION change_refuse(text, text) CASCADE;
"""

_GRANT = """
CREATE FUNCTION change_grant(role name) RETURNS void LANGUAGE plpgsql AS $$
DECLARE one text;
BEGIN
    FOREACH one IN ARRAY ARRAY['change_policy', 'change_revision', 'change_word', 'change_comment',
                               'change_incidententry'] LOOP
        EXECUTE format('REVOKE ALL ON public.%I FROM %I', one, role);
        EXECUTE format('GRANT SELECT, INSERT ON public.%I TO %I', one, role);
    END LOOP;
    FOREACH one IN ARRAY ARRAY['change_change', 'change_statement', 'change_hold', 'change_freeze', 'change_ask',
                               'change_incident'] LOOP
        EXECUTE format('REVOKE ALL ON public.%I FROM %I', one, role);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE ON public.%I TO %I', one, role);
    END LOOP;
END $$;
REVOKE ALL ON FUNCTION change_grant(name) FROM PUBLIC;
"""


def grant(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Give the role of the `default` connection its rights, unless it migrates itself or is not there yet."""
    role = settings.DATABASES["default"]["USER"]
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s AND rolname <> current_user", [role])
        if cursor.fetchone():
            cursor.execute("SELECT change_grant(%s::name)", [role])


class Migration(migrations.Migration):
    """Triggers and rights."""

    dependencies = [("change", "0001_initial"), ("ledger", "0016_words_of_lists")]

    operations = [
        migrations.RunSQL(_TRIGGERS, _TRIGGERS_BACK),
        migrations.RunSQL(_GRANT, "DROP FUNCTION change_grant(name);"),
        migrations.RunPython(grant, migrations.RunPython.noop),
    ]
