"""A suspended, disabled or frozen stream: what it still takes and shows, from the very next group on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import IntegrityError, transaction

from ledger.errors import RequestError, StreamFrozen, StreamUnknown, TenantSuspended
from ledger.models import RefusedAppend, Restriction
from ledger.selectors import restrictions as read
from ledger.selectors import streams
from ledger.selectors.streams import StreamView, known_stream, stream
from ledger.services import retention
from ledger.services.erasures import erase, erase_due
from ledger.services.gaps import scan_all
from ledger.services.holds import place_hold, release_hold
from ledger.services.keys import rotate
from ledger.services.publicity import set_publicity
from ledger.services.reliance import set_reliance_within
from ledger.services.restrictions import Place, lift, restrict
from ledger.services.seal import seal_window
from ledger.services.streams import ensure_platform
from ledger.services.terms import Change, declare
from tests.support.decided import behind
from tests.support.erasing import asked, exported
from tests.support.log_audit import audit
from tests.support.streams import append, at_once, event, events, fresh, new_stream

pytestmark = pytest.mark.db
WHY = {"reason": "a test", "by": "person:1"}
REFUSALS = {"suspended": TenantSuspended, "disabled": StreamUnknown, "frozen": StreamFrozen}


@pytest.fixture
def made(ledger_db: object) -> StreamView:
    ensure_platform()
    found = new_stream()
    append(found, *events(range(5)))
    seal_window(found.id, reason="request")
    return stream("acme", "decisions")


def set_one(kind: str, only: StreamView | None = None) -> None:
    with transaction.atomic():
        restrict([Place("acme", only)], kind, reason="a test", actor="person:1")


def lift_one(kind: str, only: StreamView | None = None) -> None:
    with transaction.atomic():
        lift([Place("acme", only)], kind)


@pytest.mark.parametrize("kind", REFUSALS)
def test_no_event_enters_and_the_next_one_after_it_is_lifted_does(made: StreamView, kind: str) -> None:
    set_one(kind)
    with pytest.raises(REFUSALS[kind]):
        append(made, event("more"))
    lift_one(kind)
    append(made, event("more"))
    assert len([leaf for leaf in audit(made).leaves if leaf.kind == "event"]) == 6


@pytest.mark.parametrize("kind", REFUSALS)
def test_a_group_that_waits_while_it_is_set_obeys_it(made: StreamView, kind: str) -> None:
    before = made.size
    done = behind(lambda: restrict([Place("acme")], kind, reason="x", actor="a"), lambda: append(made, event("late")))
    assert isinstance(done.exception(), REFUSALS[kind])
    assert known_stream("acme", "decisions").size == before


def test_of_many_appenders_nobody_enters_after_the_commit(made: StreamView) -> None:
    def one(number: int) -> int:
        if number == 20:
            set_one("suspended")
            return known_stream("acme", "decisions").size
        append(made, event(f"many-{number}"))
        return 0

    done = at_once([partial(one, number) for number in range(60)], 8)
    size = done[20].result()
    assert known_stream("acme", "decisions").size == size
    refused = [one for one in done if one.exception() is not None]
    assert refused
    assert all(isinstance(one.exception(), TenantSuspended) for one in refused)


def test_a_stream_that_is_created_meanwhile_waits_and_is_refused(made: StreamView) -> None:
    done = behind(lambda: restrict([Place("acme")], "suspended", reason="x", actor="a"), lambda: new_stream("second"))
    assert isinstance(done.exception(), TenantSuspended)
    assert [one.name for one in streams.streams_in(["acme"])] == ["decisions"]


def test_what_was_there_before_is_answered_again_while_it_is_suspended(made: StreamView) -> None:
    set_one("suspended")
    assert append(made, event("0")).replayed


def test_a_disabled_stream_is_as_if_it_were_not_there(made: StreamView) -> None:
    set_one("disabled")
    with pytest.raises(StreamUnknown):
        stream("acme", "decisions")
    assert streams.streams_in(["acme"]) == []
    assert streams.stream_rows(["acme"], streams.ORDERS["name"], None, 10) == []
    with pytest.raises(StreamUnknown):
        append(made, event("0"))
    with pytest.raises(CommandError, match="no such stream"):
        call_command("window_seal", "acme/decisions")
    lift_one("disabled")
    assert stream("acme", "decisions").size == made.size


@pytest.mark.parametrize("kind", REFUSALS)
def test_sealing_goes_on(made: StreamView, kind: str) -> None:
    append(made, *events(range(5, 8)))
    set_one(kind)
    assert seal_window(made.id, reason="request") is not None
    assert known_stream("acme", "decisions").signed_size == known_stream("acme", "decisions").size


@pytest.mark.parametrize("kind", ["suspended", "frozen"])
def test_exports_go_on(made: StreamView, kind: str) -> None:
    set_one(kind)
    assert exported(made, 0, 4).outcome == "verified"


def test_retention_does_not_run_while_it_is_frozen(made: StreamView) -> None:
    declare(made, Change(payload_days=5), **WHY)
    set_one("frozen", made)
    with pytest.raises(StreamFrozen):
        erase_due(fresh(made), asked((2, 2)))
    assert retention.request_due() == 0
    lift_one("frozen", made)
    assert erase_due(fresh(made), asked((2, 2))).events == 1


def test_a_suspended_tenants_retention_still_runs(made: StreamView) -> None:
    set_one("suspended")
    assert erase_due(fresh(made), asked((2, 2))).events == 1


@pytest.mark.parametrize("kind", ["suspended", "frozen"])
def test_nobody_changes_anything_about_it_but_what_only_takes_away(made: StreamView, kind: str) -> None:
    place_hold(made, [(1, 1)], case="C-1", **WHY)
    set_one(kind)
    wanted = REFUSALS[kind]
    with pytest.raises(wanted):
        declare(fresh(made), Change(payload_days=5), **WHY)
    with pytest.raises(wanted):
        erase(fresh(made), asked((2, 2)))
    with pytest.raises(wanted):
        release_hold(fresh(made), case="C-1", **WHY)
    with pytest.raises(wanted), transaction.atomic():
        set_publicity(made, tiles=True, entries=None)
    place_hold(fresh(made), [(3, 3)], case="C-2", **WHY)
    with transaction.atomic():
        set_reliance_within(fresh(made), 1, 2, paused=True, reason="x")
    with pytest.raises(wanted), transaction.atomic():
        set_reliance_within(fresh(made), 1, 2, paused=False, reason="x")


def test_keys_of_a_frozen_stream_stay_and_those_of_a_suspended_one_may_rotate(made: StreamView) -> None:
    set_one("frozen")
    with pytest.raises(StreamFrozen):
        rotate(made, "receipt", actor="a")
    lift_one("frozen")
    set_one("suspended")
    assert rotate(made, "receipt", actor="a").index is not None


def test_restrictions_of_stream_and_namespace_add_up_and_are_lifted_each(made: StreamView) -> None:
    set_one("frozen", made)
    set_one("suspended")
    assert fresh(made).restriction == "frozen,suspended"
    assert [(one.kind, one.stream) for one in read.restrictions_of("acme")] == [
        ("frozen", made.origin),
        ("suspended", ""),
    ]
    lift_one("frozen")
    assert fresh(made).is_frozen, "the namespace was not frozen, the stream is"
    lift_one("suspended")
    lift_one("frozen", made)
    assert fresh(made).restriction == ""
    assert not Restriction.objects.exists()


def test_a_second_of_the_same_kind_changes_nothing_and_another_tenant_notices_nothing(made: StreamView) -> None:
    other = new_stream("decisions", "beta")
    set_one("suspended")
    set_one("suspended")
    assert Restriction.objects.count() == 1
    append(other, event("free"))


def test_the_platform_and_an_empty_reason_are_refused(made: StreamView) -> None:
    with pytest.raises(RequestError, match="platform"), transaction.atomic():
        restrict([Place("_governance")], "frozen", reason="x", actor="a")
    with pytest.raises(RequestError, match="reason"), transaction.atomic():
        restrict([Place("acme")], "frozen", reason=" ", actor="a")
    with pytest.raises(IntegrityError), transaction.atomic():
        Restriction.objects.create(namespace="_system", kind="frozen", actor="a", reason="x")


def test_what_was_refused_meanwhile_is_told_when_it_is_lifted(made: StreamView) -> None:
    minute = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=5)
    RefusedAppend.objects.create(stream_id=made.id, minute=minute, code="tenant_suspended", count=3)
    set_one("suspended")
    assert scan_all() == 0
    lift_one("suspended")
    assert scan_all() == 1
