from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from console import metrics
from tests.api.test_proofs import fill, seal
from tests.support.world import Place

LABELS = {"path", "state", "check", "route", "method", "status", "le"}


@pytest.fixture(autouse=True)
def _fresh() -> None:
    metrics.health_counts.forget()


def families(client: Client, **headers: str) -> dict[str, Any]:
    answer = client.get("/metrics", headers=headers)
    assert answer.status_code == 200
    return {family.name: family for family in text_string_to_metric_families(answer.content.decode())}


def test_it_counts_streams_leaves_and_health_by_state(client: Client, acme: Place) -> None:
    fill(client, acme, 0, 4)
    seal(client, acme)
    found = families(client)
    assert found["countersign_streams"].samples[0].value == 4
    assert found["countersign_leaves"].samples[0].value >= 9
    paths = {(s.labels["path"], s.labels["state"]): s.value for s in found["countersign_health_paths"].samples}
    assert len(paths) == 20
    assert sum(value for (path, _), value in paths.items() if path == "receipt") == 4
    assert paths["checkpoint", "pass"] >= 1


def test_its_labels_are_a_closed_set_and_name_no_tenant(client: Client, acme: Place) -> None:
    client.get(acme.path, headers=acme.bearer)
    text = client.get("/metrics").content.decode()
    assert set(re.findall(r'(\w+)="', text)) <= LABELS
    assert "acme" not in text
    words = {word for value in re.findall(r'="([^"]*)"', text) for word in re.split(r"[^a-z-]", value)}
    assert "change" in words or "stream" in words
    assert acme.stream.name not in words


def test_it_counts_requests_by_route(client: Client, acme: Place) -> None:
    client.get(acme.path, headers=acme.bearer)
    samples = families(client)["countersign_requests"].samples
    assert any(s.labels == {"route": "api:stream", "method": "GET", "status": "2xx"} and s.value >= 1 for s in samples)


@pytest.mark.parametrize(
    ("extra", "status"),
    [
        ({"REMOTE_ADDR": "127.0.0.1"}, 200),
        ({"REMOTE_ADDR": "::1"}, 200),
        ({"REMOTE_ADDR": "10.0.0.9"}, 404),
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "10.0.0.9"}, 404),
    ],
)
def test_without_a_token_only_this_machine_may_read(client: Client, extra: dict[str, str], status: int) -> None:
    assert client.get("/metrics", **extra).status_code == status  # type: ignore[arg-type]  # WSGI variables


@pytest.mark.parametrize(
    ("given", "status"), [("Bearer right", 200), ("Bearer wrong", 404), ("", 404), ("Basic right", 404)]
)
def test_with_a_token_only_the_token_counts(client: Client, settings: Any, given: str, status: int) -> None:
    settings.COUNTERSIGN_METRICS_TOKEN = "right"
    assert client.get("/metrics", headers={"Authorization": given}).status_code == status


def test_only_reading_is_answered(client: Client) -> None:
    assert client.post("/metrics").status_code == 405
