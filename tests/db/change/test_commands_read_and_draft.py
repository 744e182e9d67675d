"""Commands over governed changes have the rights of a token's holder: they read and draft, and decide nothing."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command, get_commands

from governance.change.core.verbs import Verb
from governance.change.models import Change
from governance.identity.actions.create_personal_token import create_personal_token
from governance.identity.core.roles import Role
from governance.identity.models import Person
from ledger.services.system_events import flush_spool
from tests.support.clones import Clone
from tests.support.governed import World, denials, refused, world
from tests.support.people import as_person
from tests.support.world import moment, person

pytestmark = pytest.mark.db


@pytest.fixture
def it(ledger_db: Clone) -> World:
    return world()


@pytest.fixture
def body(it: World, tmp_path: Path) -> Path:
    file = tmp_path / "body.json"
    file.write_text(json.dumps(it.suspend))
    return file


def token(who: Person, folder: Path) -> Path:
    issued = create_personal_token(who, "script", timedelta(days=1), by=as_person(who), at=moment())
    file = folder / f"{who.pk}.txt"
    file.write_text(f"{issued.token.reveal()}\n")
    return file


def run(*words: Any) -> dict[str, Any]:
    out = io.StringIO()
    call_command(*map(str, words), "--json", stdout=out)
    return dict(json.loads(out.getvalue()))


def test_an_author_drafts_edits_and_reads_back_what_they_wrote(it: World, body: Path, tmp_path: Path) -> None:
    by = ("--token-file", token(it["ada"].row, tmp_path))
    told = run("change_effect", "tenant.state", body, *by)
    assert told["effect"]["diff"] == [{"path": "/state", "old": '"active"', "new": '"suspended"'}]
    assert not Change.objects.exists()
    made = run("change_draft", "tenant.state", body, "--reason", "Agreed.", *by)
    row = Change.objects.get(public_id=made["id"])
    assert (row.state, row.author) == ("draft", it["ada"].id)
    edit = ("--edit", made["id"], "--revision", 1)
    assert run("change_draft", "tenant.state", body, "--reason", "Anew.", *edit, *by)["revision"] == 2
    shown = run("change_show", made["id"], *by)
    assert (shown["reason"], shown["body"]) == ("Anew.", it.suspend)
    assert [one["id"] for one in run("change_list", "--state", "draft", *by)["items"]] == [made["id"]]


def test_who_wrote_by_a_command_approves_nothing_of_it(it: World, body: Path, tmp_path: Path) -> None:
    row = it.in_review()
    by = ("--token-file", token(it["ben"].row, tmp_path))
    run("change_draft", "tenant.state", body, "--reason", "A word.", "--edit", row.key, "--revision", 1, *by)
    with refused("sod_contributor"):
        it.say(Change.objects.get(pk=row.pk), Verb.APPROVE, "ben")


@pytest.mark.parametrize("words", [("change_list",), ("change_show", "ID"), ("change_effect", "KIND", "BODY")])
def test_somebody_without_a_role_reads_nothing(it: World, body: Path, tmp_path: Path, words: tuple[str, ...]) -> None:
    row = it.in_review()
    vic = person("vic@acme.test", Role.TENANT_VIEWER, it.acme.tenant, decided=True)
    told = {"ID": row.key, "KIND": "tenant.state", "BODY": str(body)}
    with pytest.raises(CommandError, match="role"):
        run(*(told.get(one, one) for one in words), "--token-file", token(vic, tmp_path))


def test_another_tenants_admin_is_told_that_there_is_no_such_change(it: World, tmp_path: Path) -> None:
    row = it.in_review()
    tess = person("tess@acme.test", Role.TENANT_ADMIN, it.acme.tenant, decided=True)
    by = ("--token-file", token(tess, tmp_path))
    assert run("change_list", *by)["items"] == []
    with pytest.raises(CommandError, match="no such change"):
        run("change_show", row.key, *by)


def test_what_is_no_personal_token_opens_nothing_and_is_a_denial(it: World, tmp_path: Path) -> None:
    for text in ("nonsense", it.acme.token):
        (tmp_path / "t").write_text(text)
        said = len(denials())
        with pytest.raises(CommandError, match="no personal token"):
            run("change_list", "--token-file", tmp_path / "t")
        flush_spool()
        assert denials()[said:] == ["role_missing"]


def test_an_author_whose_token_drafts_too_much_is_refused_like_over_the_api(
    it: World, body: Path, tmp_path: Path
) -> None:
    by = ("--token-file", token(it["eva"].row, tmp_path))
    said = len(denials())
    with pytest.raises(CommandError, match="role author"):
        run("change_draft", "tenant.state", body, "--reason", "Agreed.", *by)
    assert denials()[said:] == ["role_missing"]
    assert not Change.objects.exists()


def test_no_command_submits_signs_or_carries_out() -> None:
    named = {name for name in get_commands() if name.startswith("change_")}
    assert named == {"change_list", "change_show", "change_effect", "change_draft"}
