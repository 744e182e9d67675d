"""The five paths: each state can be reached, and each sentence says what was checked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from ledger.core.note import make_vkey
from ledger.health import HEALTH_PATHS
from ledger.models import Bundle, StreamHead
from ledger.selectors import health
from ledger.selectors.health import PathHealth, health_of, policy_in_force
from ledger.selectors.keys import forget, key_in_force
from ledger.selectors.streams import StreamView
from ledger.services import jobs
from ledger.services.ids import fresh_id
from ledger.services.keys import rotate
from ledger.services.policy_leaf import set_policy_within
from ledger.services.seal import seal_window
from ledger.services.streams import create_stream
from ledger.storage import store, tile_key
from tests.support.streams import ACTOR, append, event, events, fresh, new_stream

pytestmark = pytest.mark.db
_PUBLIC = bytes([0x58, *[0x66] * 31])  # the base point: of full order


@pytest.fixture
def stream(ledger_db: object) -> StreamView:
    return new_stream()


def path(stream: StreamView, name: str, ahead: timedelta = timedelta()) -> PathHealth:
    found = {one.path: one for one in health_of(fresh(stream), datetime.now(UTC) + ahead)}
    assert list(found) == list(HEALTH_PATHS) == ["receipt", "window", "checkpoint", "witness", "bundle"]
    return found[name]


def test_a_fresh_stream_is_not_shown_as_well(stream: StreamView) -> None:
    states = {one.path: one.state for one in health_of(stream)}
    assert states == {
        "receipt": "not_evaluated", "window": "pass", "checkpoint": "not_evaluated",
        "witness": "not_evaluated", "bundle": "not_evaluated",
    }  # fmt: skip


def test_receipts_are_derived_and_verified(stream: StreamView) -> None:
    append(stream, *events(range(40)))
    found = path(stream, "receipt")
    assert (found.state, found.next) == ("pass", "")
    assert found.sentence.startswith("32 of 32 receipts derived and verified under key ")


def test_a_receipt_that_does_not_verify_fails(stream: StreamView, monkeypatch: pytest.MonkeyPatch) -> None:
    append(stream, *events(range(3)))
    monkeypatch.setattr(health, "signed_by", lambda *_: [])
    found = path(stream, "receipt")
    assert (found.state, found.sentence.startswith("Only 0 of 3")) == ("fail", True)
    assert found.next


def test_a_key_that_does_not_open_fails(stream: StreamView, admin_connection: Any) -> None:
    append(stream, event("a"))
    admin_connection.execute("ALTER TABLE ledger_signingkey DISABLE TRIGGER final_rows")
    admin_connection.execute("UPDATE ledger_signingkey SET sealed = NULL")
    forget()
    assert path(stream, "receipt").state == "fail"


@pytest.mark.parametrize(("age_s", "state"), [(119, "pass"), (125, "stale"), (599, "stale"), (605, "fail")])
def test_a_window_is_late_by_its_age(stream: StreamView, age_s: int, state: str) -> None:
    found = path(stream, "window", timedelta(seconds=age_s))
    assert found.state == state
    assert found.age == pytest.approx(age_s, abs=4)


def test_an_idle_window_passes_however_long(stream: StreamView) -> None:
    seal_window(stream.id, reason="request")
    assert path(stream, "window", timedelta(days=9)).state == "pass"
    assert path(stream, "checkpoint", timedelta(days=9)).state == "pass"


def test_a_checkpoint_is_verified_against_the_tiles(stream: StreamView) -> None:
    append(stream, *events(range(300)))
    seal_window(stream.id, reason="request")
    found = path(stream, "checkpoint")
    assert (found.state, "302 leaves" in found.sentence) == ("pass", True)
    key = tile_key(stream.origin, "tile/0/001.p/46")
    data = store().get(key)
    store().delete(key)
    assert path(stream, "checkpoint").state == "fail"
    store().put(key, bytes(32) + data[32:])
    assert path(stream, "checkpoint").state == "fail"


@pytest.mark.parametrize(("age_s", "state"), [(0, "pass"), (125, "stale"), (605, "fail")])
def test_a_manifest_without_checkpoint_is_late(stream: StreamView, age_s: int, state: str) -> None:
    def killed(_step: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        seal_window(stream.id, reason="request", reached=killed)
    found = path(stream, "checkpoint", timedelta(seconds=age_s))
    assert (found.state, "no signed checkpoint" in found.sentence) == (state, True)


def test_no_witness_is_never_green(stream: StreamView) -> None:
    found = path(stream, "witness")
    assert (found.state, found.sentence) == ("not_evaluated", "No witness is asked by this stream's policy.")


def test_a_policy_with_witnesses_is_not_evaluated_yet(ledger_db: object) -> None:
    policy = f"witness w {make_vkey('w.example', _PUBLIC, 4)}\nquorum w\n"
    stream = create_stream("acme", "witnessed", actor=ACTOR, policy=policy)
    found = path(stream, "witness")
    assert (found.state, "1 witness" in found.sentence) == ("not_evaluated", True)


def test_the_policy_in_force_is_found_behind_other_control_leaves(stream: StreamView) -> None:
    first = policy_in_force(stream)
    rotate(fresh(stream), "receipt", actor=ACTOR)
    assert policy_in_force(stream) == first
    text = f"# another\n{first}"
    with transaction.atomic():
        set_policy_within(fresh(stream), text, decision=None)
    assert policy_in_force(stream) == text
    assert policy_in_force(stream, fresh(stream).size - 1) == first
    assert policy_in_force(stream, 1) == first
    append(fresh(stream), event(1), event(2))
    rotate(fresh(stream), "receipt", actor=ACTOR)
    rotate(fresh(stream), "export", actor=ACTOR)
    assert policy_in_force(stream) == text


@pytest.mark.parametrize(
    ("outcome", "days", "state"),
    [
        ("verified", 1, "pass"), ("verified", 31, "stale"), ("rejected", 1, "fail"),
        ("incomplete", 1, "stale"), (None, 1, "not_evaluated"),
    ],
)  # fmt: skip
def test_a_bundle_speaks_by_its_verification(stream: StreamView, outcome: str | None, days: int, state: str) -> None:
    job = jobs.create("export", actor=ACTOR, params={})
    Bundle.objects.create(
        public_id=fresh_id(), stream_id=stream.id, job_id=job.id, actor=ACTOR, created=timezone.now(),
        first_index=0, last_index=0, head_size=1, note=b"", outcome=outcome,
        finished=timezone.now() - timedelta(days=days),
    )  # fmt: skip
    assert path(stream, "bundle").state == state


def test_a_stop_overrides_what_the_last_checks_came_to(stream: StreamView) -> None:
    append(stream, *events(range(3)))
    seal_window(stream.id, reason="request")
    StreamHead.objects.filter(pk=stream.id).update(stopped="integrity")
    found = {one.path: one for one in health_of(fresh(stream))}
    assert {name: one.state for name, one in found.items()} == {
        "receipt": "fail", "window": "fail", "checkpoint": "fail",
        "witness": "not_evaluated", "bundle": "not_evaluated",
    }  # fmt: skip
    for name in ("receipt", "window", "checkpoint"):
        assert found[name].sentence.startswith("This stream is stopped (integrity): ")
        assert "ledger_verify in full mode" in found[name].next
    assert "3 of 3 receipts derived and verified" in found["receipt"].sentence


def test_ages_and_keys_are_told_in_words(stream: StreamView) -> None:
    append(stream, event("a"))
    kid = key_in_force(stream.id, "receipt").kid
    assert f"under key {kid[:8]}…{kid[-4:]} just now" in path(stream, "receipt").sentence
    told = path(stream, "window", timedelta(seconds=101)).sentence
    assert "the oldest for 1 min 4" in told
    assert told.endswith("a window closes after 1 min.")


@pytest.mark.parametrize(
    ("name", "age_s", "state"),
    [("window", 120, "pass"), ("window", 121, "stale"), ("checkpoint", 601, "fail"), ("bundle", 31 * 86_400, "stale")],
)
def test_the_table_gives_the_state_of_an_age(name: str, age_s: int, state: str) -> None:
    assert HEALTH_PATHS[name].state_at(age_s, 60) == state


def test_every_row_of_the_table_is_whole() -> None:
    for name, row in HEALTH_PATHS.items():
        assert row.path == name
        assert all((row.title, row.rule, row.idle))
        assert row.next_fail
