"""A `head` leaf says what a note says, and nothing else is taken for one."""

from __future__ import annotations

import hashlib

import pytest

from ledger.core.checkpoint import Checkpoint
from ledger.core.envelope import build, parse
from ledger.core.head import Head, head_of
from ledger.core.types import Hash, JSONObject, TreeSize
from ledger.errors import LeafSchema, NoteMalformed

ROOT = Hash(bytes(range(32)))
TEXT = Checkpoint("example.com/log/a/b", TreeSize(7), ROOT).text()
NOTE = f"{TEXT}\n— example.com/log/a/b {'A' * 91}=\n".encode()


def test_a_head_is_read_from_a_note_and_back_from_its_leaf() -> None:
    head = Head.of_note(NOTE)
    assert head == Head("example.com/log/a/b", TreeSize(7), ROOT, Hash(hashlib.sha256(NOTE).digest()))
    leaf = build("head", "example.com/log/_platform/heads", 1, ROOT, "2026-01-01T00:00:00.000000Z", head.fields())
    assert head_of(parse(leaf.raw)) == head


def test_what_is_no_note_has_no_head() -> None:
    with pytest.raises(NoteMalformed):
        Head.of_note(TEXT.encode())


def test_a_leaf_of_another_kind_is_no_head() -> None:
    fields: JSONObject = {"cause": "sequence", "from": "1", "to": "2", "count": 2, "after": None, "before": None}
    leaf = build("gap", "example.com/log/a/b", 1, ROOT, "2026-01-01T00:00:00.000000Z", {**fields})
    with pytest.raises(LeafSchema):
        head_of(leaf)
