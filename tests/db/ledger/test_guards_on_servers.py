"""The durable points with the head guard on a real Redis and on a real S3 server, which lose their power as well.

Redis keeps an append-only file that it syncs before each answer; the S3 server is a MinIO. What must hold after each
is what tests/db/ledger/test_killed_processes.py asks of the guard in files.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from ledger.errors import LedgerError, StreamUnknown
from ledger.selectors import leaves
from ledger.selectors.receipts import receipt
from ledger.selectors.streams import StreamView, stream
from ledger.services.seal import seal_window
from ledger.services.streams import ensure_platform
from ledger.services.system_events import flush_spool
from ledger.storage.guards.errors import HeadGuardMissing, HeadGuardUnreachable
from tests.support.clones import Clone, django_on
from tests.support.dying_writers import receipts_of, stand_in, writer
from tests.support.failpoints import APPENDING, CREATING, HALF_APPENDING, HALF_SEALING, HALF_TOLD, SEALING
from tests.support.guard_servers import GuardServer, MinioServer, copied, guard_server, power_cut, put_back
from tests.support.guarded import code_of, held, reconnected, restarted, settled
from tests.support.ledger_writer import DEAD
from tests.support.streams import append, event, fresh, new_stream

pytestmark = [pytest.mark.db, pytest.mark.optional]
KINDS = ("redis", "s3")
SECONDS = "4"
OF_FILES = {"guard half"}
POINTS = [point for point in (*APPENDING, *HALF_APPENDING, *SEALING, *HALF_SEALING) if point not in OF_FILES]
DURABLE = [*((kind, point) for kind in KINDS for point in POINTS), *((half.split()[0], half) for half in HALF_TOLD)]


@dataclass(frozen=True)
class Guarded:
    """A stream whose guard lies on a server that may be killed, emptied and put back."""

    kind: str
    server: GuardServer
    stream: StreamView


@pytest.fixture(scope="module")
def servers() -> Iterator[dict[str, GuardServer]]:
    """One of each kind for all tests here."""
    with (
        tempfile.TemporaryDirectory() as home,
        guard_server("redis", Path(home) / "redis") as redis,
        guard_server("s3", Path(home) / "s3") as s3,
    ):
        yield {"redis": redis, "s3": s3}


@contextmanager
def guarded_by(server: GuardServer, clone: Clone, name: str) -> Iterator[Clone]:
    """The database with a guard on that server, which holds nothing yet."""
    with django_on(replace(clone, guard_url=server.emptied(name))):
        yield replace(clone, guard_url=settings.COUNTERSIGN_HEAD_GUARD)


@pytest.mark.long
@pytest.mark.parametrize(("kind", "point"), DURABLE)
def test_a_killed_process_has_promised_nothing_that_is_lost(
    servers: dict[str, GuardServer], ledger_db: Clone, tmp_path: Path, kind: str, point: str
) -> None:
    with guarded_by(servers[kind], ledger_db, tmp_path.name) as clone:
        made = new_stream()
        append(made, event("before"))
        process = writer(clone, "die", point)
        given = receipts_of(process)
        assert process.returncode == DEAD
        assert len(given) == (point in {*SEALING, *HALF_SEALING})
        power_cut(servers[kind])
        restarted(made)
        again = append(made, event("large", b"x" * 40_000)).appended[0]
        assert given in ({}, {again.index: again.leaf_hash.hex()})
        seal_window(made.id, reason="request")
        found = settled(made)
        assert stand_in(found, given)
        assert len(found.sizes) == 1
        assert [leaf.kind for leaf in found.leaves].count("event") == 2


@pytest.mark.long
@pytest.mark.parametrize("point", CREATING)
@pytest.mark.parametrize("kind", KINDS)
def test_a_killed_creation_is_repeated_or_found(
    servers: dict[str, GuardServer], ledger_db: Clone, tmp_path: Path, kind: str, point: str
) -> None:
    with guarded_by(servers[kind], ledger_db, tmp_path.name) as clone:
        process = writer(clone, "die", point)
        assert (receipts_of(process), process.returncode) == ({}, DEAD)
        power_cut(servers[kind])
        if point == "create":
            with pytest.raises(StreamUnknown):
                stream("acme", "decisions")
            new_stream()
        made = stream("acme", "decisions")
        restarted(made)
        append(made, event("a"))
        seal_window(made.id, reason="request")
        assert settled(made).sizes == [3]


@pytest.mark.parametrize("kind", KINDS)
def test_two_processes_append_and_seal_at_once_while_a_third_is_killed(
    servers: dict[str, GuardServer], ledger_db: Clone, tmp_path: Path, kind: str
) -> None:
    with guarded_by(servers[kind], ledger_db, tmp_path.name) as clone:
        made = new_stream()
        running = [writer(clone, "run", SECONDS, name) for name in ("one", "two")]
        receipts_of(writer(clone, "die", "D6"))
        given = [receipts_of(process) for process in running]
        assert [process.returncode for process in running] == [0, 0]
        restarted(made)
        seal_window(made.id, reason="request")
        found = settled(made)
        assert all(given)
        assert all(stand_in(found, promised) for promised in given)
        assert given[0].keys() & given[1].keys() == set()
        assert len(found.sizes) > 1


@pytest.fixture(params=KINDS)
def own(request: pytest.FixtureRequest, ledger_db: Clone, tmp_path: Path) -> Iterator[Guarded]:
    """A server of this test's own, and a stream with a checkpoint over an event."""
    with (
        tempfile.TemporaryDirectory() as home,
        guard_server(request.param, Path(home) / "files") as server,
        guarded_by(server, ledger_db, tmp_path.name),
    ):
        ensure_platform()
        made = new_stream()
        append(made, event("before"))
        seal_window(made.id, reason="request")
        yield Guarded(request.param, server, made)


def refused(made: StreamView, code: str) -> None:
    """Append and seal are refused with this code and nothing is added, and what was promised can be read."""
    size = fresh(made).size
    for act in (lambda: append(made, event("refused")), lambda: seal_window(made.id, reason="request")):
        with pytest.raises(LedgerError) as told:
            act()
        assert told.value.code == code
    assert (fresh(made).size, receipt(fresh(made), 1).signatures != ()) == (size, True)


def test_a_guard_that_is_gone_gives_no_receipt_and_loses_none(own: Guarded) -> None:
    append(own.stream, event("committed before it went"))
    own.server.kill()
    with pytest.raises(HeadGuardUnreachable):
        append(own.stream, event("kept"))
    assert fresh(own.stream).size == 5, "it was committed before the guard was asked"
    reconnected()
    with pytest.raises(HeadGuardUnreachable):
        append(own.stream, event("not kept"))
    assert fresh(own.stream).size == 5
    with pytest.raises(LedgerError):
        receipt(fresh(own.stream), 4)
    own.server.start()
    answer = append(own.stream, event("kept"))
    assert (answer.replayed, answer.appended[0].index) == (True, 4)
    seal_window(own.stream.id, reason="request")
    settled(own.stream)


def test_a_server_that_comes_back_without_its_data_stops_until_a_guard_is_made(own: Guarded) -> None:
    put_back(own.server, None)
    size = fresh(own.stream).size
    with pytest.raises((HeadGuardMissing, HeadGuardUnreachable)):
        append(own.stream, event("kept"))  # over a connection that was compared before: committed, and not promised
    assert fresh(own.stream).size == size + 1
    with pytest.raises(LedgerError):
        receipt(fresh(own.stream), size)
    if isinstance(own.server, MinioServer):
        reconnected()
        refused(own.stream, HeadGuardUnreachable.code)  # An empty S3 server has no bucket: it could be the wrong one.
        own.server.make_bucket()
    reconnected()
    refused(own.stream, HeadGuardMissing.code)
    call_command("head_guard_init", "--all", "--asked")
    reconnected()
    assert code_of(own.stream) == ""
    answer = append(own.stream, event("kept"))
    assert (answer.replayed, answer.appended[0].index) == (True, size)
    append(own.stream, event("after"))
    seal_window(own.stream.id, reason="request")
    settled(own.stream)


def test_a_server_with_yesterdays_data_is_told_what_it_lost(own: Guarded, tmp_path: Path) -> None:
    yesterday = copied(own.server, tmp_path / "yesterday")
    append(own.stream, event("later"))
    seal_window(own.stream.id, reason="request")
    put_back(own.server, yesterday)
    reconnected()
    before = held(own.stream)
    assert before.head is not None
    assert before.head.size < fresh(own.stream).signed_size
    append(own.stream, event("after"))
    after = held(own.stream)
    assert after.head is not None
    assert after.head.size == fresh(own.stream).signed_size
    assert told_behind() == [own.stream.origin]
    seal_window(own.stream.id, reason="request")
    settled(own.stream)


def told_behind() -> list[object]:
    """The streams of which the system ledger tells that their guard lost writes."""
    flush_spool()
    system = stream("_system", "events")
    found = [leaves.event(system, index) for index in range(1, system.size)]
    told = [json.loads(one.payload or b"{}") for one in found if one.type == "ledger:head_guard:behind"]
    return [one["stream"] for one in told]
