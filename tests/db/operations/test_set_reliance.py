"""Reliance is paused and resumed by control leaves: recorded, bounded, and told by the verifier of a bundle."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone

from governance.identity.core.roles import Role
from governance.identity.errors import NotAllowed
from governance.identity.selectors.principals import principal_of_person
from governance.operations.actions.set_reliance import set_reliance
from ledger.errors import RangeInvalid
from ledger.selectors import bundles, leaves
from ledger.selectors.reliance import pauses_in, pauses_of, reliance_leaves
from ledger.selectors.streams import StreamView
from ledger.selectors.streams import stream as stream_named
from ledger.services.exports import request_bundle, run_export
from ledger.services.notices import ReasonRefused
from ledger.services.reliance import RelianceUnchanged
from ledger.services.seal import seal_window
from ledger.storage.guards.configured import head_guard
from tests.support.clones import Clone
from tests.support.streams import append, event, fresh
from tests.support.world import SEED, Place, found_platform, moment, person, place

pytestmark = pytest.mark.db


@pytest.fixture
def acme(ledger_db: Clone) -> Place:
    found_platform()
    return place("acme")


@pytest.fixture
def stream(acme: Place) -> StreamView:
    """Ten events in leaves 1 to 10, sealed."""
    append(acme.stream, *(event(number) for number in range(10)))
    seal_window(acme.stream.id, reason="request")
    return fresh(acme.stream)


def put(stream: StreamView, first: int, last: int, *, paused: bool = True, reason: str = "another history") -> int:
    return set_reliance(stream, first, last, paused=paused, reason=reason, by=SEED, at=moment()).index


def parts(stream: StreamView) -> list[tuple[int, int]]:
    return [(one.first, one.last) for one in pauses_of(fresh(stream))]


def outcome(stream: StreamView, first: int, last: int) -> tuple[str | None, str]:
    made, _ = request_bundle(fresh(stream), first, last + 1, actor="machine:tests", disclose=frozenset({"attrs"}))
    run_export(made.job_id)
    done = bundles.bundle(made.public_id)
    return done.outcome, json.dumps(done.report)


def test_a_pause_is_a_control_leaf_with_its_reason_and_a_record(stream: StreamView) -> None:
    index = put(stream, 2, 5)
    leaf = leaves.leaf(stream, index)
    assert (leaf.kind, leaf.envelope["state"], leaf.envelope["reason"]) == ("reliance", "paused", "another history")
    log = stream_named("_governance", "changes")
    told = json.loads(leaves.event(log, log.size - 1).payload or b"")
    assert (told["from"], told["to"], told["leaf"]) == (2, 5, index)
    assert head_guard().read(stream.origin).receipted is not None
    assert head_guard().read(stream.origin).receipted.size == index + 1  # type: ignore[union-attr]  # shown above


def test_the_newest_word_on_each_leaf_counts(stream: StreamView) -> None:
    put(stream, 2, 8)
    put(stream, 4, 5, paused=False)
    assert parts(stream) == [(2, 3), (6, 8)]
    put(stream, 0, 10, paused=False)
    assert parts(stream) == []
    assert [one.paused for one in reliance_leaves(stream)] == [False, False, True]
    assert pauses_in(["acme"]) == ()


def test_pauses_are_found_by_namespace_and_nowhere_else(stream: StreamView) -> None:
    put(stream, 2, 2)
    assert [(one.name, one.first, one.by.reason) for one in pauses_in(["acme"])] == [
        ("decisions", 2, "another history")
    ]
    assert pauses_in(["beta"]) == ()
    assert pauses_in(["acme"])[0].overlaps(0, 2)
    assert not pauses_in(["acme"])[0].overlaps(3, 9)


def test_a_bundle_of_the_range_is_incomplete_until_reliance_is_resumed(stream: StreamView) -> None:
    assert outcome(stream, 1, 6)[0] == "verified"
    put(stream, 3, 4)
    seal_window(stream.id, reason="request")
    told = outcome(stream, 1, 6)
    assert told[0] == "incomplete"
    assert "reliance_paused" in told[1]
    assert outcome(stream, 5, 6)[0] == "verified"
    put(stream, 3, 4, paused=False)
    seal_window(stream.id, reason="request")
    assert outcome(stream, 1, 6)[0] == "verified"


@pytest.mark.parametrize(("first", "last"), [(5, 4), (-1, 3), (3, 99)])
def test_a_range_that_is_not_one_of_the_stream_is_refused(stream: StreamView, first: int, last: int) -> None:
    size = fresh(stream).size
    with pytest.raises(RangeInvalid):
        put(stream, first, last)
    assert fresh(stream).size == size


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501])
def test_a_reason_is_needed(stream: StreamView, reason: str) -> None:
    with pytest.raises(ReasonRefused):
        put(stream, 2, 3, reason=reason)


def test_what_would_change_nothing_is_refused(stream: StreamView) -> None:
    put(stream, 2, 5)
    for first, last, paused in ((3, 4, True), (6, 7, False)):
        with pytest.raises(RelianceUnchanged):
            put(stream, first, last, paused=paused)


def test_leaf_and_record_are_written_together_or_not_at_all(stream: StreamView) -> None:
    log, size = stream_named("_governance", "changes"), fresh(stream).size
    with transaction.atomic():
        put(stream, 2, 5)
        transaction.set_rollback(True)
    assert (fresh(stream).size, fresh(log).size) == (size, log.size)
    assert parts(stream) == []


def test_only_an_administrator_of_the_tenant_may(acme: Place, stream: StreamView) -> None:
    for number, role in enumerate((Role.TENANT_DEVELOPER, Role.TENANT_VIEWER, Role.PLATFORM_OPERATOR)):
        home = None if role is Role.PLATFORM_OPERATOR else acme.tenant
        by = principal_of_person(person(f"p{number}@acme.test", role, home), timezone.now())
        assert by is not None
        with pytest.raises(NotAllowed):
            set_reliance(stream, 2, 3, paused=True, reason="no", by=by, at=moment())


def test_the_platforms_own_record_can_be_paused_too(acme: Place) -> None:
    log = stream_named("_governance", "changes")
    put(log, 1, 1)
    assert parts(log) == [(1, 1)]


def test_the_command_does_the_same(stream: StreamView) -> None:
    out = StringIO()
    call_command(
        "reliance_set", "acme/decisions", "--from", "2", "--to", "3", "--state", "paused", "--reason", "a test",
        "--json", stdout=out,
    )  # fmt: skip
    assert json.loads(out.getvalue())["leaf"] == reliance_leaves(stream)[0].index
    with pytest.raises(CommandError, match="paused already"):
        call_command(
            "reliance_set", "acme/decisions", "--from", "2", "--to", "3", "--state", "paused", "--reason", "a test"
        )
