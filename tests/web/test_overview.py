"""The first page answers whether the evidence is healthy, why, and what waits for the reader."""

from __future__ import annotations

import re
from datetime import timedelta

import psycopg
import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from governance.identity.actions.found_platform import found_platform
from governance.identity.core.roles import Role
from governance.watching.models import StreamWatch
from ledger.health import HEALTH_PATHS
from ledger.services import jobs, system_events
from ledger.services.streams import create_stream
from ledger.services.system_events import SystemEvent
from ledger.services.system_index import index_system
from tests.support.clones import Clone
from tests.web.house import BY, House, at, signed_in

REASON = re.compile(r'<li class="reason is-(\w+)">.*?<strong>([^<]+)</strong>', re.DOTALL)


def marked(house: House, **states: str) -> None:
    """What the schedule found of acme's stream."""
    paths = dict.fromkeys(("receipt", "window", "checkpoint"), "pass") | {"witness": "not_evaluated"} | states
    marks = {path: {"state": state, "late": None, "off": None, "sentence": ""} for path, state in paths.items()}
    StreamWatch.objects.update_or_create(
        stream_id=house.stream.id, defaults={"checked": timezone.now(), "marks": marks}
    )


def text_of(client: Client) -> str:
    cache.clear()
    return client.get("/").content.decode()


def test_all_that_was_checked_and_passed_is_a_yes(house: House, admin: Client) -> None:
    marked(house)
    text = text_of(admin)
    assert "Yes, as far as it is checked." in text
    assert "None of 1 stream is stopped." in text
    assert "Every leaf stands under one." in text
    assert "Passes on 1 of 1" in text
    assert "Not evaluated on 1 of 1" in text


def test_a_path_that_was_evaluated_on_a_part_of_the_streams_is_no_pass(house: House, admin: Client) -> None:
    marked(house, receipt="pass", bundle="pass")
    second = create_stream("acme", "second", actor="machine:test")
    marks = {path: {"state": "not_evaluated", "late": None, "off": None, "sentence": ""} for path in HEALTH_PATHS}
    StreamWatch.objects.create(stream_id=second.id, checked=timezone.now(), marks=marks)
    text = text_of(admin)
    assert "Yes, as far as it is checked." in text
    states = {name: state for state, name in REASON.findall(text)}
    assert "Passes on 1 of 2; not evaluated on acme/" in text
    assert (states["Streams"], states["Receipt"], states["Bundle"]) == ("pass", "none", "none")


@pytest.mark.parametrize(("state", "word"), [("fail", "No."), ("stale", "Not entirely.")])
def test_the_worst_path_decides_and_names_its_stream(house: House, admin: Client, state: str, word: str) -> None:
    marked(house, checkpoint=state)
    text = text_of(admin)
    assert f"<strong>{word}</strong>" in text
    assert "acme/decisions" in text


def test_a_stopped_stream_is_a_no(house: House, admin: Client, ledger_db: Clone) -> None:
    marked(house)
    with psycopg.connect(ledger_db.admin_url) as connection:
        connection.execute(
            "UPDATE ledger_streamhead SET stopped = 'integrity_lost' WHERE stream_id = %s", [house.stream.id]
        )
    text = text_of(admin)
    assert "<strong>No.</strong>" in text
    assert "Stopped: acme/decisions." in text


def test_a_schedule_that_does_not_run_is_no_yes(house: House, admin: Client) -> None:
    marked(house)
    StreamWatch.objects.update(checked=timezone.now() - timedelta(minutes=6))
    text = text_of(admin)
    assert "Not entirely." in text
    assert "The schedule is late" in text


def test_nothing_that_was_not_checked_is_a_yes(house: House, admin: Client) -> None:
    assert "Not checked yet." in text_of(admin)


def test_jobs_of_mine_wait_for_me_and_those_of_others_do_not(house: House, admin: Client) -> None:
    jobs.create("export", actor="person:other", params={}, namespace="acme")
    assert "no notice is unread and no job of yours is open" in text_of(admin)
    person = house.person(Role.TENANT_DEVELOPER, email="dev@acme.test")
    developer = signed_in(Client(), person)
    jobs.create("export", actor=person.actor, params={}, namespace="acme")
    assert "1 job of yours not ended yet." in text_of(developer)


def test_who_reads_the_system_ledger_is_told_of_its_troubles(house: House) -> None:
    found_platform(by=BY, moment=at)
    operator = signed_in(Client(), house.person(Role.PLATFORM_OPERATOR, email="olga@acme.test"))
    assert "No failure and no refused write in the last 24 h." in text_of(operator)
    system_events.record(SystemEvent.SEAL_FAILED, {"stream": "acme/decisions", "code": "x"})
    index_system()
    assert "ledger:seal:failed (1)" in text_of(operator)


def test_a_tenant_is_told_nothing_of_the_platform_or_of_others(house: House, admin: Client) -> None:
    marked(house)
    StreamWatch.objects.create(
        stream_id=house.foreign.id, checked=timezone.now(),
        marks={"receipt": {"state": "fail", "late": None, "off": None, "sentence": ""}},
    )  # fmt: skip
    text = text_of(admin)
    assert "Yes, as far as it is checked." in text
    assert "beta" not in text
    assert "Platform" not in text
