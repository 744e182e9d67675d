"""A leaf has exactly the fields of its kind, in canonical bytes, under its limit."""

from __future__ import annotations

import pytest

from ledger.core.canonical import canonical
from ledger.core.envelope import MAX_LEAF_BYTES, Envelope, build, parse
from ledger.core.merkle import leaf_hash
from ledger.core.schemas import CONTROL, KINDS, SCHEMAS
from ledger.errors import JSONInvalid, LeafSchema, LeafTooLarge, NotCanonical
from tests.unit.core.leaves import FIELDS, ORIGIN, PREV, RECORDED, genesis, leaf


def test_there_is_a_sample_of_every_kind() -> None:
    assert FIELDS.keys() == KINDS.keys() - {"genesis"}
    assert set(CONTROL) == {"genesis", "key", "policy", "reliance", "segment", "terms", "closed"}


@pytest.mark.parametrize("kind", sorted(FIELDS))
def test_what_is_built_is_parsed_back_the_same(kind: str) -> None:
    built = leaf(kind)
    again = parse(built.raw)
    assert again == built
    assert again.leaf_hash == leaf_hash(built.raw)
    assert again.is_control == (kind in CONTROL)


def test_the_bytes_of_an_event_leaf_are_these() -> None:
    assert leaf("event").raw == (
        b'{"attrs":"' + b"aa" * 32 + b'","index":4,"kind":"event","origin":"log.example/log/acme/decisions",'
        b'"payload":"' + b"bb" * 32 + b'","prev":"' + b"11" * 32 + b'","recorded":"2026-11-21T09:16:58.000001Z",'
        b'"type":"ai.decision","v":"countersign/1"}'
    )


@pytest.mark.parametrize("kind", sorted(SCHEMAS))
def test_each_field_is_needed_and_no_other_is_taken(kind: str) -> None:
    value = dict((genesis() if kind == "genesis" else leaf(kind)).fields)
    for name in value.keys() - {"kind"}:
        with pytest.raises(LeafSchema):
            parse(canonical({key: field for key, field in value.items() if key != name}))
    with pytest.raises(LeafSchema):
        parse(canonical({**value, "extra": 1}))


@pytest.mark.parametrize("kind", sorted(SCHEMAS))
def test_each_field_refuses_a_foreign_value(kind: str) -> None:
    value = dict((genesis() if kind == "genesis" else leaf(kind)).fields)
    for name in value:
        with pytest.raises(LeafSchema):
            parse(canonical({**value, name: {"foreign": True}}))


@pytest.mark.parametrize(
    ("name", "bad"),
    [
        ("index", True),
        ("index", -1),
        ("index", "4"),
        ("prev", "AA" * 32),
        ("prev", "aa" * 31),
        ("prev", None),
        ("recorded", "2026-11-21T09:16:58Z"),
        ("recorded", "2026-02-31T00:00:00.000000Z"),
        ("recorded", "2026-11-21T09:16:58.000001+00:00"),
        ("v", "countersign/2"),
        ("kind", "evnt"),
        ("type", ""),
        ("type", "t" * 257),
        ("attrs", "a" * 64 + "a"),
        ("origin", "o" * 256),
    ],
)
def test_an_event_leaf_refuses(name: str, bad: object) -> None:
    with pytest.raises(LeafSchema):
        parse(canonical({**leaf("event").fields, name: bad}))  # type: ignore[dict-item] # hostile input on purpose


def test_only_genesis_stands_at_index_zero() -> None:
    with pytest.raises(LeafSchema):
        build("event", ORIGIN, 0, None, RECORDED, FIELDS["event"])
    with pytest.raises(LeafSchema):
        build("genesis", ORIGIN, 1, PREV, RECORDED, genesis_fields())
    with pytest.raises(LeafSchema):
        build("event", ORIGIN, 1, None, RECORDED, FIELDS["event"])


def genesis_fields() -> dict:  # type: ignore[type-arg] # JSON
    shared = {"v", "kind", "origin", "index", "prev", "recorded"}
    return {name: value for name, value in genesis().fields.items() if name not in shared}


@pytest.mark.parametrize(
    ("raw", "error"),
    [
        (b"[]", LeafSchema),
        (b"{", JSONInvalid),
        (b'{"v": 1}', NotCanonical),
        (b'{"v":1,"v":1}', JSONInvalid),
        (b"x" * (MAX_LEAF_BYTES + 1), LeafTooLarge),
    ],
)
def test_bytes_that_are_no_leaf_are_refused_by_name(raw: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        parse(raw)


def test_an_event_leaf_above_8192_bytes_is_refused_where_another_kind_is_not() -> None:
    entries: list = [{"alg": "ed25519", "kid": "k" * 32, "public": "A" * 43 + "=", "use": "receipt"}] * 64  # type: ignore[type-arg] # JSON
    big = build("key", ORIGIN, 4, PREV, RECORDED, {**FIELDS["key"], "add": entries})
    assert isinstance(big, Envelope)
    assert len(big.raw) > 8192
    with pytest.raises(LeafSchema):
        build("event", ORIGIN, 4, PREV, RECORDED, {**FIELDS["event"], "type": "t" * 8192})
