"""The root that is shown is that of the note, and only under a signature that verified."""

from __future__ import annotations

from dataclasses import replace

import psycopg
import pytest

from ledger.core.types import Hash
from ledger.models import SigningKey
from ledger.selectors import checkpoints
from ledger.selectors.checkpoints import CheckpointView
from ledger.selectors.keys import log_vkeys
from ledger.selectors.signed_heads import SignedHead, signed_head
from ledger.selectors.streams import StreamView
from ledger.services.seal import seal_window
from tests.support.streams import append, events, fresh, new_stream

pytestmark = pytest.mark.db


@pytest.fixture
def stream(ledger_db: object) -> StreamView:
    return sealed(new_stream())


def sealed(made: StreamView) -> StreamView:
    append(made, *events("abc"))
    seal_window(made.id, reason="request")
    return fresh(made)


def newest(stream: StreamView) -> CheckpointView:
    found = checkpoints.newest(stream)
    assert found is not None
    return found


def changed(stream: StreamView, **columns: object) -> SignedHead:
    return signed_head(stream, replace(newest(stream), **columns))  # type: ignore[arg-type]  # fields by name


def test_the_root_stands_in_a_note_that_a_log_key_signed(stream: StreamView) -> None:
    head = signed_head(stream, newest(stream))
    (key,) = log_vkeys(stream.id)
    assert (head.problem, head.root, head.size) == ("", newest(stream).root, stream.signed_size)
    assert head.signers == [f"{stream.origin}+{key.key_id.hex()}"]


def test_an_altered_column_is_not_believed(stream: StreamView) -> None:
    head = changed(stream, root=Hash(bytes(32)))
    assert (head.problem, head.root) == ("", newest(stream).root)


def test_an_altered_note_has_no_signer(stream: StreamView) -> None:
    note = newest(stream).note.replace(b"\n5\n", b"\n4\n", 1)
    assert note != newest(stream).note
    head = changed(stream, note=note)
    assert head.signers == []
    assert "does not verify" in head.problem


def test_a_note_of_another_log_or_size_is_told(stream: StreamView) -> None:
    other = sealed(new_stream("others"))
    assert "No known key" in changed(stream, note=newest(other).note).problem
    assert "over 5 leaves, not 4" in changed(stream, size=4).problem


def test_a_key_that_is_valid_for_later_leaves_alone_does_not_count(
    stream: StreamView, admin_connection: psycopg.Connection
) -> None:
    admin_connection.execute("ALTER TABLE ledger_signingkey DISABLE TRIGGER final_rows")
    rows = SigningKey.objects.using("owner").filter(stream_id=stream.id, use="checkpoint")
    rows.update(valid_from=5)
    assert "No known key" in signed_head(stream, newest(stream)).problem


def test_what_is_no_note_is_told(stream: StreamView) -> None:
    assert changed(stream, note=b"nothing").problem
