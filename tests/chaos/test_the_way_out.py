"""The documented way out of a restored backup, command by command, as docs/durability.md has them.

Last night's backup is put back twice: once with the store as it is, so that every log is refilled; once without the
entry bundles of the tenant's log, which is then continued.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.support import as_documented
from tests.support.as_documented import WAY_OUT, WORDS
from tests.support.caller import Caller, intact, says
from tests.support.installation import Installation, installed, until
from tests.support.load import tenant

pytestmark = pytest.mark.long
LOGS = ("_governance/changes", "_system/events", "_platform/heads", "acme/decisions")
WHY = "put back to last night"
_OPEN = """
SELECT namespace || '/' || name FROM ledger_streamhead AS head JOIN ledger_stream AS stream ON stream.id = stream_id
WHERE signed_size < size OR (namespace <> '_platform' AND NOT EXISTS (
    SELECT 1 FROM ledger_loggedhead AS told WHERE told.stream_id = stream.id AND told.size = signed_size
))
ORDER BY namespace = '_platform', 1
"""
_PAYLOADS = """
SELECT index FROM ledger_object JOIN ledger_stream AS stream ON stream.id = stream_id
WHERE origin = %s AND role = 'payload' ORDER BY index
"""


def test_the_documents_name_these_commands_and_no_others() -> None:
    """Whoever writes another one down has it walked here, or in test_words_for_the_day.py."""
    assert as_documented.commands(WAY_OUT) == [
        "stream_refill acme/decisions --dry-run",
        "stream_continue acme/decisions decisions-2 --reason WHY --dry-run",
        "stream_continue --all --reason WHY",
    ]
    assert as_documented.commands(WORDS) == [
        "stream_refill NS/NAME",
        "stream_continue --all --reason WHY",
        "erasures_replay",
        "head_guard_init --mark",
        "head_guard_init --all",
        "head_guard_init --all --asked --by WHO --reason WHY",
    ]


@pytest.fixture
def caller() -> Iterator[Caller]:
    with installed() as where:
        token, (stream,) = tenant(where, "decisions", window_age=3600)
        yield Caller(where, token, stream)


def run(where: Installation, section: str, command: str, **given: str) -> Any:
    """What the documented command tells; it has to succeed."""
    return where.command(*as_documented.words_of(section, command, **given))


def refused(where: Installation, section: str, command: str, **given: str) -> Any:
    """The same of one that has to be refused."""
    done = where.manage(*as_documented.words_of(section, command, **given), "--json")
    assert done.returncode, done.stdout
    return json.loads(done.stdout)


def test_the_way_out_of_a_restored_backup(caller: Caller) -> None:
    where = caller.where
    last_night = a_night_and_a_day(caller)

    where.stop()
    where.put_back(last_night)
    it_refuses_and_says_why(caller)
    it_is_refilled(caller)

    where.stop()
    where.put_back(last_night)
    shutil.rmtree(where.state / "store" / "tiles" / caller.stream.origin / "tile" / "entries")
    it_refuses_and_says_why(caller)
    it_is_continued(caller)


def a_night_and_a_day(caller: Caller) -> Path:
    """Two events, a backup, and a day on which one more comes and the first one's payload is erased."""
    where = caller.where
    caller.appended("first", "of somebody who will ask")
    caller.appended("second")
    seal_all(caller)
    where.stop()
    copy = where.copy_database("last-night")
    where.start()
    caller.appended("third")
    asked = ("--from", "1", "--to", "1", "--part", "payload", "--reason-code", "subject", "--reason", "asked")
    where.command("payload_erase", "acme/decisions", *asked)
    assert payloads(caller)[:1] == [2]
    seal_all(caller)
    intact(caller)
    return copy


def seal_all(caller: Caller) -> None:
    """Until every leaf is under a checkpoint: what no checkpoint covers is in no bundle."""

    def open_logs() -> list[str]:
        with psycopg.connect(caller.where.clone.runtime_url) as connection:
            return [row[0] for row in connection.execute(_OPEN).fetchall()]

    def sealed() -> bool:
        for name in open_logs():
            caller.where.command("window_seal", name)
        return not open_logs()

    until(sealed, lambda: str(open_logs()))


def payloads(caller: Caller) -> list[int]:
    """Leaves of which the database holds the payload."""
    with psycopg.connect(caller.where.clone.runtime_url) as connection:
        return [row[0] for row in connection.execute(_PAYLOADS, [caller.stream.origin]).fetchall()]


def it_refuses_and_says_why(caller: Caller) -> None:
    """Step 1 of the way out."""
    caller.where.launch()
    until(lambda: caller.where.ready().get("status") == 503, caller.where.tail)
    says(caller, "head_guard", "fail", "head_guard_ahead")
    size = caller.size()
    caller.refused("head_guard_ahead")
    assert (caller.size(), caller.about("GET", "events/1/")[0]) == (size, 200)


def it_is_refilled(caller: Caller) -> None:
    where = caller.where
    told = run(where, WAY_OUT, "stream_refill acme/decisions --dry-run")
    assert (told["dry_run"], told["code"], told["leaves"] > 0) == (True, "head_guard_ahead", True)
    for name in LOGS:
        told = run(where, WORDS, "stream_refill NS/NAME", **{"NS/NAME": name})
        assert (told["code"], told["unsigned"]) == ("", []), told
    where.await_ready()
    assert payloads(caller)[:2] == [1, 2], "the backup brought it back"
    run(where, WORDS, "erasures_replay")
    assert payloads(caller) == [2]
    caller.goes_on("after the refill")
    intact(caller)
    nothing_is_wrong_but_contents(where)


def nothing_is_wrong_but_contents(where: Installation) -> None:
    done = where.manage("ledger_verify", "--mode", "full", "--json")
    found = json.loads(done.stdout)["streams"]
    assert {row["code"] for one in found for row in one["problems"]} <= {"payload_missing"}


def it_is_continued(caller: Caller) -> None:
    """The leaves of the tenant's log cannot be had; what was lost with it is named before anything is closed."""
    where = caller.where
    told = refused(where, WAY_OUT, "stream_refill acme/decisions --dry-run")
    assert "no entry bundle" in told["why"], told
    told = run(where, WAY_OUT, "stream_continue acme/decisions decisions-2 --reason WHY --dry-run", WHY=WHY)
    assert (told["done"], told["size"], told["stopped"]) == (False, 4, "head_guard_ahead"), told
    assert caller.append("still open")[1]["code"] == "head_guard_ahead"
    done = run(where, WAY_OUT, "stream_continue --all --reason WHY", WHY=WHY)["streams"]
    assert done[-1]["origin"] == caller.stream.origin
    assert all(one["done"] for one in done)
    where.await_ready()
    status, told = caller.append("too late")
    assert (status, told["code"], "decisions-2" in told["next"]) == (409, "stream_closed", True)
    run(where, WORDS, "erasures_replay")
    assert run(where, WAY_OUT, "stream_continue --all --reason WHY", WHY=WHY)["streams"] == [], "nothing is left to do"
    assert caller.call("POST", "streams/acme/decisions-2/events/", an_event("goes on"))[0] == 201


def an_event(event_id: str) -> dict[str, str]:
    return {"type": "t.test", "id": event_id, "source": "urn:tests", "payload": "x"}
