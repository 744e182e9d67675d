"""A backup from before an erasure is put back: what the leaves say is listed and erased again, and nothing else."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from django.core.management import CommandError, call_command

from ledger.core.types import Hash
from ledger.models import LeafObject, Notice, NoticeRange
from ledger.selectors.notices import held_spans, terms
from ledger.services.erasures import erase
from ledger.services.holds import place_hold, release_hold
from ledger.services.relisting import replay
from ledger.services.streams import ensure_platform
from ledger.services.successor import continue_stream
from ledger.services.terms import Change, declare
from ledger.services.verify_store import verify_store
from ledger.storage.guards.configured import head_guard
from tests.support.erasing import asked
from tests.support.guarded import reconnected, settled
from tests.support.streams import ACTOR, append, events, fresh, new_stream

pytestmark = pytest.mark.db


def test_a_restore_that_brings_content_back_is_made_good(
    ledger_db: object, owner_connection: psycopg.Connection[Any]
) -> None:
    stream = new_stream()
    append(stream, *events("abcd"))
    kept = list(LeafObject.objects.filter(stream_id=stream.id))
    place_hold(fresh(stream), [(1, 2)], case="C-7", reason="audit", by="person:1")
    place_hold(fresh(stream), [(3, 3)], case="C-8", reason="audit", by="person:1")
    release_hold(fresh(stream), case="C-8", reason="closed", by="person:1")
    declare(fresh(stream), Change(payload_days=30), reason="R-4", by="person:1")
    erase(fresh(stream), asked((3, 4)))
    listed = [list(model.objects.order_by("pk").values()) for model in (Notice, NoticeRange)]
    size = fresh(stream).size

    owner_connection.execute("DELETE FROM ledger_noticerange")
    owner_connection.execute("DELETE FROM ledger_notice")
    owner_connection.execute("DELETE FROM ledger_object")
    owner_connection.commit()
    LeafObject.objects.bulk_create(kept)

    done = replay(fresh(stream))
    assert (done.listed, done.erasures, fresh(stream).size) == (5, 1, size)
    assert not LeafObject.objects.filter(index__in=(3, 4), role="payload").exists()
    assert LeafObject.objects.filter(role="payload").count() == 2
    assert [list(model.objects.order_by("pk").values()) for model in (Notice, NoticeRange)] == listed
    assert held_spans(stream.id) == {"C-7": [(1, 2)]}
    assert terms(fresh(stream)).payload_days == 30
    assert replay(fresh(stream)).listed == 0
    assert verify_store(fresh(stream), "full", lambda _: None).problems == ()
    settled(fresh(stream))


def test_a_closed_log_is_made_good_too_and_a_stopped_one_keeps_nobody(
    ledger_db: object, owner_connection: psycopg.Connection[Any]
) -> None:
    ensure_platform()
    made = {name: new_stream(name) for name in ("closed", "stopped", "whole")}
    kept: list[LeafObject] = []
    for one in made.values():
        append(one, *events("ab"))
        kept += LeafObject.objects.filter(stream_id=one.id)
        erase(fresh(one), asked((1, 2)))
    continue_stream(made["closed"], "closed-2", actor=ACTOR, reason="moved")
    origin, size = made["stopped"].origin, fresh(made["stopped"]).size + 5
    head_guard().advance_receipted(origin, size, Hash(bytes(32)), lambda _: True)
    reconnected()
    owner_connection.execute("DELETE FROM ledger_object")
    LeafObject.objects.bulk_create(kept)
    with pytest.raises(CommandError, match=r"1 of .* acme/stopped \(head_guard_ahead"):
        call_command("erasures_replay")
    left = set(LeafObject.objects.filter(role="payload").values_list("stream_id", flat=True))
    assert left == {made["stopped"].id}
