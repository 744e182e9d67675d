"""The demo founds itself, and holds a change at each stage that somebody can go on with."""

from __future__ import annotations

import io
import json
import os
import time
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import distribution
from pathlib import Path

import pytest

from console.demo.cast import founders
from console.demo.files import Files
from console.demo.gathering import Gathered
from console.demo.governing import founders_row
from console.demo.seeding import Seed
from console.demo.sources import Found
from console.demo.sources.python_packages import find_files
from console.demo.starting import seed_of
from console.demo.terminal import Terminal
from governance.change.core.states import State
from governance.change.core.verbs import Verb
from governance.change.models import Change
from governance.change.selectors.changes import Scope, change_in
from governance.change.selectors.waiting import waiting_for
from governance.identity.models import PersonKey
from governance.identity.selectors.founding import is_founded
from governance.sign.keyfile import read_key, unwrap

pytestmark = pytest.mark.db
ALL = Scope(everything=True)


def _little() -> Gathered:
    nothing = Found((), "nothing found")
    return Gathered(find_files([distribution("celery"), distribution("kombu")]), nothing, nothing, nothing)


@pytest.fixture
def seed(tmp_path: Path) -> Seed:
    terminal = Terminal(io.StringIO(), time.monotonic, live=False)
    whole = seed_of(Files(tmp_path), 8000, terminal, os.urandom, lambda: datetime.now(UTC))
    made = replace(whole, gather=_little)
    made.run()
    return made


def test_it_is_founded_and_holds_one_change_at_each_stage(seed: Seed) -> None:
    assert is_founded()
    states = set(Change.objects.exclude(type="genesis").values_list("state", flat=True))
    assert states == {
        State.DRAFT, State.IN_REVIEW, State.TIMELOCKED, State.HELD, State.STALE, State.APPLIED, State.REJECTED,
        State.WITHDRAWN,
    }  # fmt: skip


def test_a_newcomer_approves_what_lacks_one_place_and_an_executor_carries_it_out(seed: Seed) -> None:
    now = datetime.now(UTC)
    approver = founders_row("approver")
    waiting = [one for one in waiting_for(ALL, approver.actor, now) if one.type == "stream.publicity"]
    row = Change.objects.get(public_id=waiting[0].id)
    row = seed.governor.say(row, Verb.APPROVE, approver)
    assert row.state == State.TIMELOCKED
    ready = row.ready_at
    assert ready is not None
    assert ready - now.timestamp() < 60
    view = change_in(ALL, row.key, datetime.fromtimestamp(ready + 1, UTC))
    assert view.standing is not None
    assert view.standing.is_ready


def test_each_founder_has_a_key_file_that_their_password_opens(seed: Seed) -> None:
    facts = json.loads(seed.files.facts.read_text())
    users = {user["email"]: user for user in facts["users"]}
    for email in founders():
        key = read_key(Path(users[email]["key_file"]).read_bytes())
        assert PersonKey.objects.get(kid=key.kid, state="active").person.email == email
        assert bytes(unwrap(key, users[email]["password"]).verify_key) == key.public
    assert users["admin.decisions@demo.localhost"]["key_file"] == ""


def test_a_second_run_proposes_nothing_more(seed: Seed) -> None:
    before = Change.objects.count()
    seed.files.facts.unlink()
    seed.run()
    assert Change.objects.count() == before
