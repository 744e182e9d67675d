"""A stopped stream looks stopped: banner, seals, health, lists and the metric."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.test import Client

from console.metrics import health_counts
from ledger.models import StreamHead
from ledger.services.append import append_events
from tests.web.house import House, decision

STREAM = "/streams/acme/decisions/"


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    cache.clear()


@pytest.fixture
def stopped(house: House) -> House:
    append_events(house.fresh(), [decision(700)], actor="machine:test")
    StreamHead.objects.filter(pk=house.stream.id).update(stopped="head_guard_ahead")
    return house


def test_the_stream_page_fails_with_code_and_next_step(stopped: House, admin: Client) -> None:
    text = admin.get(STREAM).content.decode()
    assert text.count("This stream is stopped (head_guard_ahead)") == 4
    assert text.count("stopped (head_guard_ahead)</span>") == 3
    assert "run ledger_verify in full mode" in text
    assert "Seal now" not in text


@pytest.mark.parametrize("path", ["/", "/account/", "/bundles/", "/streams/", STREAM, f"{STREAM}events/3/"])
def test_a_banner_stands_above_every_page(stopped: House, admin: Client, path: str) -> None:
    text = admin.get(path).content.decode()
    assert '<div class="banner is-fail" role="alert">' in text
    assert "acme/decisions is stopped (head_guard_ahead)." in text


def test_nobody_else_is_told(stopped: House, stranger: Client) -> None:
    assert "acme/decisions is stopped" not in stranger.get("/").content.decode()


def test_the_page_tells_a_stop_at_once(house: House, admin: Client) -> None:
    assert "acme/decisions is stopped" not in admin.get(STREAM).content.decode()
    StreamHead.objects.filter(pk=house.stream.id).update(stopped="integrity")
    assert "acme/decisions is stopped (integrity)." in admin.get(STREAM).content.decode()


def test_a_leaf_that_waits_is_told_that_nothing_will_come(stopped: House, admin: Client) -> None:
    text = admin.get(f"{STREAM}events/{stopped.fresh().size - 1}/").content.decode()
    assert "none will come before somebody has looked" in text
    assert text.count("stopped (head_guard_ahead)</span>") == 2


def test_the_small_chain_fails_too(stopped: House, admin: Client) -> None:
    assert "received: stopped (head_guard_ahead); windowed: stopped" in admin.get("/streams/").content.decode()


def test_the_metric_counts_it_as_failed(stopped: House) -> None:
    health_counts.forget()
    counted = health_counts.counts()
    assert [counted[path, "fail"] for path in ("receipt", "window", "checkpoint")] == [1, 1, 1]
