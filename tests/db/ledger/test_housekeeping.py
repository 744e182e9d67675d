"""Housekeeping: orphaned blobs and what was half-written go, and never a blob that an object names."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings

from ledger.core.types import Hash
from ledger.models import Bundle, Job, LeafObject
from ledger.selectors.bundles import BundleView
from ledger.services import clock
from ledger.services.housekeeping import sweep_bundles, sweep_orphans, tidy
from ledger.services.ids import uuid7
from ledger.services.seal import seal_window
from ledger.storage import blob_key, store
from ledger.storage.guards.configured import head_guard
from tests.support.erasing import exported
from tests.support.streams import append, event, new_stream

pytestmark = pytest.mark.db

DAY_MS = 86_400_000
LARGE = b"x" * 40_000


def now_ms() -> int:
    return int(time.time() * 1000)


def test_the_blob_of_an_append_that_never_committed_goes_after_a_day() -> None:
    key = blob_key(uuid7(now_ms(), bytes(10)).hex, 0, "payload")
    store().put(key, LARGE)
    assert sweep_orphans(now_ms()) == 0
    assert sweep_orphans(now_ms() + DAY_MS + 10_000) == 1
    assert list(store().keys("blobs")) == []


def test_blobs_wait_while_the_database_lacks_what_was_promised() -> None:
    stream = new_stream()
    key = blob_key(uuid7(now_ms(), bytes(10)).hex, 0, "payload")
    store().put(key, LARGE)
    head_guard().advance_receipted(stream.origin, 9, Hash(bytes(32)), lambda _held: True)
    assert sweep_orphans(now_ms() + DAY_MS + 10_000) == 0
    assert list(store().keys("blobs")) == [key]


def test_nothing_is_tidied_by_a_clock_that_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the wrong year the blob of an append that is under way looks like one of last year."""
    key = blob_key(uuid7(now_ms() - 2 * DAY_MS, bytes(10)).hex, 0, "payload")
    store().put(key, LARGE)
    with monkeypatch.context() as wrong:
        watch = clock.SteadyWatch()
        watch.check(datetime.now(UTC) - timedelta(days=366), clock.steady_seconds())
        wrong.setattr(clock, "watch", watch)
        assert tidy() == 0
    assert list(store().keys("blobs")) == [key]
    assert tidy() == 1


def test_a_blob_that_an_object_names_stays() -> None:
    append(new_stream(), event("a", LARGE))
    assert sweep_orphans(now_ms() + 9 * DAY_MS) == 0
    assert store().get(str(LeafObject.objects.get(role="payload").blob)) == LARGE


def test_the_blob_of_a_repeated_event_is_an_orphan() -> None:
    stream = new_stream()
    append(stream, event("a", LARGE))
    append(stream, event("a", LARGE))
    assert len(list(store().keys("blobs"))) == 2
    assert sweep_orphans(now_ms() + DAY_MS + 10_000) == 1
    assert store().get(str(LeafObject.objects.get(role="payload").blob)) == LARGE


def test_the_file_of_a_bundle_that_no_row_names_goes_once_its_job_has_ended() -> None:
    named, ended, running, unknown = (_exported() for _ in range(4))
    Bundle.objects.exclude(pk=named.id).update(file="")
    Job.objects.filter(public_id=running.job_id).update(state="running")
    Bundle.objects.filter(pk=unknown.id).delete()
    store().put("bundles/of-somebody-else", b"x")
    assert sweep_bundles(now_ms()) == 1
    assert sorted(store().keys("bundles")) == sorted(
        [named.file, running.file, unknown.file, "bundles/of-somebody-else"]
    )
    assert sweep_bundles(now_ms() + DAY_MS + 10_000) == 1
    assert sorted(store().keys("bundles")) == sorted([named.file, running.file, "bundles/of-somebody-else"])
    assert ended.file != named.file


def _exported() -> BundleView:
    stream = new_stream(f"of-{uuid7(now_ms(), os.urandom(10)).hex}")
    append(stream, event("a"))
    seal_window(stream.id, reason="request")
    return exported(stream, 0, 1)


def test_what_killed_processes_left_half_written_goes_after_a_day() -> None:
    append(new_stream(), event("a", LARGE))
    state = Path(settings.COUNTERSIGN_STATE_DIR)
    draft, folder = state / "store/blobs/.new-abc", state / "work/export-abc"
    folder.mkdir(parents=True)
    draft.write_bytes(b"half")
    assert tidy() == 0
    for left in (draft, folder):
        os.utime(left, (time.time() - 90_000,) * 2)
    assert tidy() == 2
    assert not draft.exists()
    assert not folder.exists()
    assert len(list(store().keys("blobs"))) == 1
