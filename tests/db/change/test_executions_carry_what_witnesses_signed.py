"""An execution carries the newest note that witnesses cosigned: from below, it proves that the time lock passed."""

from __future__ import annotations

import json
import time

import pytest
from django.db import transaction

from governance.change.actions.comment import comment_on
from governance.change.core.verbs import Verb
from governance.change.models import Change
from governance.change.selectors.proving import lock_words
from ledger.core.note import parse_note
from ledger.selectors import checkpoints
from ledger.selectors.health import policy_in_force
from ledger.selectors.leaves import event
from ledger.selectors.streams import StreamView, stream
from ledger.services.policy_leaf import set_policy_within
from ledger.services.seal import seal_window
from tests.corpus.keys import WITNESS, witness_vkey
from tests.corpus.log import cosigned
from tests.support.clones import Clone
from tests.support.governed import World, world
from tests.support.planting import Owner, plant
from tests.support.world import moment

pytestmark = pytest.mark.db


@pytest.fixture
def it(ledger_db: Clone) -> World:
    return world()


def changes() -> StreamView:
    return stream("_governance", "changes")


def ask_a_witness() -> None:
    """The log's policy asks for one."""
    logs = [line for line in policy_in_force(changes()).splitlines() if line.startswith("log ")]
    text = "".join(f"{line}\n" for line in (*logs, f"witness w {witness_vkey()}", "quorum w"))
    with transaction.atomic():
        set_policy_within(changes(), text, decision=None)


def witnessed(owner: Owner, second: int) -> str:
    """The newest checkpoint as a witness has cosigned it."""
    seal_window(changes().id, reason="request")
    newest = checkpoints.newest(changes())
    assert newest is not None
    note = cosigned(parse_note(newest.note), second, WITNESS).to_bytes()
    where = f"stream_id = {changes().id} AND size = {newest.size}"
    plant(owner, f"UPDATE ledger_checkpoint SET note = '\\x{note.hex()}' WHERE {where}")  # noqa: S608  (numbers and hex)
    return note.decode()


def executed(it: World) -> Change:
    row = it.approved(it.in_review())
    it.pass_time(3_620)
    return it.say(row, Verb.EXECUTE, "eva")


def payload(row: Change) -> dict[str, object]:
    value = json.loads(event(changes(), row.index).payload or b"{}")
    assert isinstance(value, dict)
    return value


def test_without_a_witness_there_is_nothing_to_carry(it: World) -> None:
    assert "witnessed" not in payload(executed(it))


def test_a_cosigned_note_lies_inside_the_execution(it: World, owner_connection: Owner) -> None:
    ask_a_witness()
    note = witnessed(owner_connection, 1_700_000_000)
    assert payload(executed(it))["witnessed"] == note


def test_every_step_names_the_one_before_it(it: World) -> None:
    row = executed(it)
    found: list[str] = []
    at: int | None = row.index
    while at is not None:
        told = json.loads(event(changes(), at).payload or b"{}")
        found.append(told["to"])
        at = told.get("after")
    assert found == ["applied", "timelocked", "in_review", "in_review", "draft"]


def test_the_page_tells_what_witnesses_prove_of_a_lock(it: World, owner_connection: Owner) -> None:
    ask_a_witness()
    row = it.approved(it.in_review())
    begin = int(it.now.timestamp())
    witnessed(owner_connection, begin)
    it.pass_time(3_620)
    time.sleep(1.1)
    append_nothing_but_a_comment(it, row)
    witnessed(owner_connection, begin + 3_600)
    row = it.say(row, Verb.EXECUTE, "eva")
    assert lock_words(row.key, 3_600).startswith("Proved: witnesses saw the approvals by")
    assert lock_words(row.key, 3_601).startswith("Not proved, too little time lies between")


def append_nothing_but_a_comment(it: World, row: Change) -> None:
    """A leaf, so that there is something to seal."""
    comment_on(row.key, "It is Tuesday.", by=it["ben"].principal(), at=moment(it.now))
