"""The control chain is complete or refused, and tells which key held where."""

from __future__ import annotations

import pytest

from ledger.core.control import ControlChainBroken, Link, history, key_statement
from ledger.core.keys import DelegatedKey, decode_base64, kid_of
from ledger.core.types import Hash
from ledger.errors import LeafSchema
from tests.unit.core.leaves import LOG_KEY, ORIGIN, RECEIPT_PUBLIC, genesis, leaf, linked

NEW = DelegatedKey.of("receipt", ORIGIN, b"\x09" * 32)
OLD_KID = kid_of("receipt", ORIGIN, RECEIPT_PUBLIC)


def test_genesis_alone_gives_its_keys_and_policy() -> None:
    told = history([genesis()])
    assert told.delegated_at("receipt", 0) == {OLD_KID: RECEIPT_PUBLIC}
    assert list(told.delegated_at("export", 10**9).values()) == [bytes(range(1, 33))]
    assert told.log_keys_at(1) == [LOG_KEY]
    assert told.policy_at(1) == "aa" * 32
    assert told.max_merge_delay == 120


def test_a_key_holds_from_its_leaf_until_the_leaf_that_retires_it() -> None:
    first = genesis()
    added = linked("key", first, 5, add=[NEW.to_json()], add_log_keys=["second"])
    retired = linked("key", added, 9, retire=[OLD_KID], retire_log_keys=[LOG_KEY])
    told = history([first, added, retired], Link.to(retired))
    assert [sorted(told.delegated_at("receipt", at)) for at in (4, 5, 8, 9)] == [
        [OLD_KID],
        sorted([OLD_KID, NEW.kid]),
        sorted([OLD_KID, NEW.kid]),
        [NEW.kid],
    ]
    assert [told.log_keys_at(size) for size in (5, 6, 9, 10)] == [
        [LOG_KEY],
        [LOG_KEY, "second"],
        [LOG_KEY, "second"],
        ["second"],
    ]


def test_the_policy_in_force_is_the_last_one_below_the_size() -> None:
    first = genesis()
    told = history([first, linked("policy", first, 6, policy="cc" * 32)])
    assert (told.policy_at(6), told.policy_at(7)) == ("aa" * 32, "cc" * 32)


def test_a_chain_without_its_beginning_is_broken() -> None:
    with pytest.raises(ControlChainBroken):
        history([])
    with pytest.raises(ControlChainBroken):
        history([leaf("policy")])


def test_a_missing_control_leaf_is_noticed() -> None:
    first = genesis()
    second = linked("policy", first, 5)
    third = linked("policy", second, 6)
    with pytest.raises(ControlChainBroken):
        history([first, third])
    with pytest.raises(ControlChainBroken):
        history([first, second], Link.to(third))


def test_a_leaf_that_is_no_control_leaf_does_not_belong() -> None:
    with pytest.raises(ControlChainBroken):
        history([genesis(), leaf("event")])


def test_retiring_an_unknown_or_retired_key_is_refused() -> None:
    first = genesis()
    with pytest.raises(ControlChainBroken):
        history([first, linked("key", first, 5, retire=["00" * 16])])
    once = linked("key", first, 5, retire=[OLD_KID])
    with pytest.raises(ControlChainBroken):
        history([first, once, linked("key", once, 6, retire=[OLD_KID])])


def test_a_key_is_added_once_and_never_comes_back() -> None:
    first = genesis()
    again = DelegatedKey.of("receipt", ORIGIN, RECEIPT_PUBLIC).to_json()
    for entries in ({"add": [again]}, {"add_log_keys": [LOG_KEY]}):
        with pytest.raises(ControlChainBroken):
            history([first, linked("key", first, 5, **entries)])
    retired = linked("key", first, 5, retire=[OLD_KID], retire_log_keys=[LOG_KEY])
    for entries in ({"add": [again]}, {"add_log_keys": [LOG_KEY]}):
        with pytest.raises(ControlChainBroken):
            history([first, retired, linked("key", retired, 6, **entries)])
    with pytest.raises(ControlChainBroken):
        history([genesis(log_keys=[LOG_KEY, LOG_KEY])])


def test_a_kid_is_bound_to_use_origin_and_bytes() -> None:
    kids = {
        kid_of(use, origin, public)
        for use in ("receipt", "export", "checkpoint")
        for origin in ("a", "b")
        for public in (b"\0" * 32, b"\1" * 32)
    }
    assert len(kids) == 12
    forged = {**NEW.to_json(), "use": "export"}
    with pytest.raises(LeafSchema):
        DelegatedKey.from_json(forged, ORIGIN)
    assert DelegatedKey.from_json(NEW.to_json(), ORIGIN) == NEW


@pytest.mark.parametrize("change", [{"alg": "rsa"}, {"use": "witness"}, {"public": "AA=="}, {"more": 1}, {"kid": "x"}])
def test_a_malformed_delegated_key_is_refused(change: dict) -> None:  # type: ignore[type-arg] # JSON literals
    with pytest.raises(LeafSchema):
        DelegatedKey.from_json({**NEW.to_json(), **change}, ORIGIN)


def test_the_statement_of_a_key_leaf_binds_log_origin_and_place() -> None:
    first = genesis()
    fields = linked("key", first, 5, add=[NEW.to_json()]).fields
    said = {
        key_statement(first.leaf_hash, ORIGIN, fields),
        key_statement(Hash(b"\0" * 32), ORIGIN, fields),
        key_statement(first.leaf_hash, "other", fields),
        key_statement(first.leaf_hash, ORIGIN, {**fields, "add": []}),
        key_statement(first.leaf_hash, ORIGIN, {**fields, "control_prev": {"index": 1, "leaf_hash": "aa" * 32}}),
    }
    assert len(said) == 5


@pytest.mark.parametrize("value", ["AA==", "AAAAAA==", "AAAA\n", "A", 7, None, "ÄAAA"])
def test_base64_of_the_wrong_length_or_spelling_is_refused(value: object) -> None:
    assert decode_base64("AAAA", 3) == bytes(3)
    with pytest.raises(LeafSchema):
        decode_base64(value, 3)  # type: ignore[arg-type] # hostile input on purpose
