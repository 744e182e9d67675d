"""A volume without room: 507, nothing of the call is kept, and it goes on by itself once there is room."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import OperationalError
from django.test import Client

from console.api.operation import problem_of
from ledger.errors import StorageFull
from ledger.models import Job, Prepared
from ledger.selectors import streams
from ledger.services.seal import seal_window
from ledger.storage import store
from tests.support.volumes import mounted
from tests.support.world import Place

LARGE = "x" * 300_000


@pytest.fixture
def volume(tmp_path: Path, acme: Place) -> Iterator[Path]:
    """The store on a volume of 1 MB."""
    settings.COUNTERSIGN_STATE_DIR = tmp_path / "var"
    with mounted(settings.COUNTERSIGN_STATE_DIR / "store", "1m") as place:
        yield place


def posted(client: Client, acme: Place, *events: tuple[str, str]) -> tuple[int, dict[str, Any]]:
    lines = [json.dumps({"type": "t", "id": name, "source": "urn:t", "payload": text}) for name, text in events]
    answer = client.post(f"{acme.path}events/", "\n".join(lines), "application/x-ndjson", headers=acme.bearer)
    return answer.status_code, json.loads(answer.content)


@pytest.mark.optional
def test_a_payload_without_room_is_507_and_nothing_is_kept(client: Client, acme: Place, volume: Path) -> None:
    size = streams.stream("acme", "decisions").size
    status, told = posted(client, acme, *((str(number), LARGE) for number in range(5)))
    assert (status, told["code"], bool(told["next"])) == (507, "storage_full", True)
    assert streams.stream("acme", "decisions").size == size
    assert [path for path in volume.rglob("*") if path.is_file()] == []
    assert posted(client, acme, ("small", "x"), ("also large", LARGE))[0] == 201


@pytest.mark.optional
def test_a_full_volume_takes_small_events_and_large_ones_again_with_room(
    client: Client, acme: Place, volume: Path
) -> None:
    ballast = volume / "ballast"
    ballast.write_bytes(bytes(900_000))
    assert posted(client, acme, ("large", LARGE))[1]["code"] == "storage_full"
    assert posted(client, acme, ("small", "x"))[0] == 201
    ballast.unlink()
    assert posted(client, acme, ("large", LARGE))[0] == 201


@pytest.mark.optional
def test_a_seal_without_room_signs_nothing_and_is_gone_on_with(client: Client, acme: Place, volume: Path) -> None:
    posted(client, acme, ("small", "x"))
    ballast = volume / "ballast"
    ballast.write_bytes(bytes(1_048_576 - 4_096))
    with pytest.raises(StorageFull):
        seal_window(acme.stream.id, reason="request")
    text = Prepared.objects.get().text
    assert streams.stream("acme", "decisions").signed_size == 0
    ballast.unlink()
    seal_window(acme.stream.id, reason="age")
    assert not Prepared.objects.exists()
    assert text.splitlines()[1] == str(streams.stream("acme", "decisions").signed_size)


@pytest.mark.optional
def test_a_file_that_did_not_fit_leaves_nothing(tmp_path: Path, volume: Path) -> None:
    source = tmp_path / "large"
    source.write_bytes(bytes(2_000_000))
    with pytest.raises(StorageFull):
        store().put_file("bundles/a", source)
    assert [path for path in volume.rglob("*") if path.is_file()] == []
    assert not Job.objects.exists()


def test_a_database_without_room_is_507() -> None:
    full = OperationalError("Django's")
    full.__cause__ = psycopg.errors.DiskFull("could not extend file")
    assert problem_of(full).code == problem_of(psycopg.errors.DiskFull("raw")).code == "storage_full"
