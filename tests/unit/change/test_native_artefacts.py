"""Native artefacts: EvidenceOS' bytes are read, bound by what the body lists, and signed as the daemon checks them."""

from __future__ import annotations

import random
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest
from nacl.signing import SigningKey

from governance.change.core.native import (
    NATIVE_FIELD,
    NativeMade,
    bound,
    check_made,
    declarations,
    declared,
    fixed_form,
    full_form,
    read_artefact,
    signed_bytes,
)
from governance.change.core.native_forms import DOMAINS, EPOCH, EVENT, KINDS, NULLSPEC, RECORD
from governance.change.core.native_text import read_text
from governance.change.core.verbs import Verb
from governance.change.errors import NativeDiffers, NativeMalformed, NativeMissing
from governance.evidenceos.core.digests import Domain
from governance.evidenceos.core.epoch import EpochControl, control_faults
from governance.evidenceos.core.events import event_faults
from governance.evidenceos.core.nullspec import read_contract
from governance.evidenceos.core.nullspec_checks import canonical_faults, signature_faults
from governance.evidenceos.core.operator import record_faults
from governance.evidenceos.core.registry import Entry, entry_faults
from tests.support.native_artefacts import artefacts, contract, event, payload, record

CHANCE = random.Random("native")  # noqa: S311  (the same on every run)
KEY = SigningKey(bytes(range(32)))
PUBLIC = KEY.verify_key.encode()


def sign(data: bytes) -> bytes:
    return KEY.sign(data).signature


def test_domains_are_evidenceos_own() -> None:
    assert {RECORD: Domain.ORACLE_RECORD.value, EPOCH: Domain.EPOCH_CONTROL.value} == DOMAINS


@pytest.mark.parametrize("kind", KINDS)
def test_every_value_of_an_artefact_is_one_line_and_none_passes_through_a_double(kind: str) -> None:
    for _ in range(40):
        data = payload(kind, CHANCE)
        told = "\n".join(f"{line.path}: {line.text}" for line in read_artefact(kind, data).lines())
        assert len(set(told.splitlines())) == len(told.splitlines())
        for number in ("9007199254740993", "18446744073709551615", "9223372036854775809"):
            assert (number in data.decode()) is (number in told)


def test_a_contract_signed_here_is_one_that_the_registry_takes() -> None:
    made = contract(CHANCE)
    unsigned = replace(made, created_by="ops-1", oracle_id="builtin.accuracy")
    data = unsigned.signing_payload()
    signature = sign(signed_bytes(NULLSPEC, data))
    whole = full_form(data, signature)
    read = read_contract(whole)
    assert whole == unsigned.signed(signature).canonical()
    assert [*signature_faults(read, {"ops-1": PUBLIC})] == [*canonical_faults(read, whole)] == []
    entry = Entry("builtin.accuracy", read.nullspec_id.hex(), read, whole, sign(whole))
    assert [*entry_faults(entry, {"ops-1": PUBLIC})] == []
    check_made(NativeMade(NULLSPEC, data, signature, sign(whole), PUBLIC))


def test_a_record_an_epoch_and_an_event_signed_here_are_those_that_the_daemon_takes() -> None:
    one = replace(
        record(CHANCE), key_id="k", ttl_epochs=2**64 - 1, calibration_manifest_hash_hex="ab" * 32,
        disjointness_attestation=None,
    )  # fmt: skip
    signed = replace(one, signature_hex=sign(signed_bytes(RECORD, one.payload("o"))).hex())
    codes = {fault.code for fault in record_faults("o", signed, {"k": PUBLIC})}
    assert "oracle_signature_wrong" not in codes
    control = EpochControl(2**53 + 1, 5, "k")
    control = replace(control, signature_hex=sign(signed_bytes(EPOCH, control.payload())).hex())
    assert [*control_faults(control, {"k": PUBLIC})] == []
    line = replace(event(CHANCE), key_id="k")
    line = replace(line, event_id=line.computed_id(), signature_hex=sign(signed_bytes(EVENT, line.message())).hex())
    assert [*event_faults(line, {"k": PUBLIC})] == []


def test_where_a_digest_is_signed_it_is_computed_from_the_text() -> None:
    data = EpochControl(7, 8, "k").payload()
    assert signed_bytes(EPOCH, data) == sha256(b"evidenceos:epoch_control:v1" + data).digest()


def test_what_the_executor_fixes_is_no_part_of_what_is_listed() -> None:
    one = EpochControl(7, 8, "k")
    later = replace(one, updated_at_epoch=99, key_id="another")
    assert declared(EPOCH, "executor", one.payload()) == declared(EPOCH, "executor", later.payload())
    assert fixed_form(EPOCH, one.payload()) == b'{"forced_epoch":7}'
    assert declared(EPOCH, "executor", b'{"forced_epoch":7}') == declared(EPOCH, "executor", one.payload())
    other = replace(one, forced_epoch=9)
    assert declared(EPOCH, "executor", one.payload()) != declared(EPOCH, "executor", other.payload())


def body_of(*given: tuple[str, bytes], by: str = "executor") -> dict[str, Any]:
    return {"native": [declared(kind, by, data) for kind, data in given]}


def test_an_executor_gets_the_whole_and_everybody_else_what_is_fixed() -> None:
    data = EpochControl(7, 8, "k").payload()
    body = body_of((EPOCH, data))
    assert bound(body, Verb.EXECUTE, [(EPOCH, data)])[0][1].to_sign == signed_bytes(EPOCH, data)
    assert not bound(body, Verb.APPROVE, [(EPOCH, fixed_form(EPOCH, data))])[0][1].whole
    with pytest.raises(NativeMalformed):
        bound(body, Verb.EXECUTE, [(EPOCH, fixed_form(EPOCH, data))])
    with pytest.raises(NativeMalformed):
        bound(body, Verb.APPROVE, [(EPOCH, data)])


def test_a_missing_an_added_and_another_artefact_are_refused() -> None:
    data, other = EpochControl(7, 8, "k").payload(), EpochControl(9, 8, "k").payload()
    body = body_of((EPOCH, data))
    for given, refusal in (
        ([], NativeMissing), ([(EPOCH, data)] * 2, NativeDiffers), ([(EPOCH, other)], NativeDiffers),
        ([(EVENT, data)], NativeDiffers),
    ):  # fmt: skip
        with pytest.raises(refusal):
            bound(body, Verb.EXECUTE, given)
    with pytest.raises(NativeDiffers):
        bound({}, Verb.EXECUTE, [(EPOCH, data)])


@pytest.mark.parametrize(
    "native", [[], {}, "x", [{"kind": EPOCH}], [{"kind": "x", "by": "author", "sha256": "0" * 64}]]
)
def test_a_list_that_is_none_is_refused(native: Any) -> None:
    with pytest.raises(NativeMalformed):
        declarations({"native": native})


def test_a_body_without_a_list_lists_nothing() -> None:
    assert declarations({}) == ()
    NATIVE_FIELD([declared(EPOCH, "executor", b'{"forced_epoch":7}')])


@pytest.mark.parametrize(
    "data",
    [
        b'{"forced_epoch":7,"key_id":"k","updated_at_epoch":18446744073709551616}',
        b'{"forced_epoch":7,"key_id":"k","updated_at_epoch":1.0}',
        b'{"forced_epoch":07,"key_id":"k","updated_at_epoch":1}',
        b'{"forced_epoch":7,"updated_at_epoch":1,"key_id":"k"}',
        b'{"forced_epoch":7,"forced_epoch":8,"key_id":"k","updated_at_epoch":1}',
        b'{"forced_epoch":7,"key_id":"k","more":1,"updated_at_epoch":1}',
        b'{"forced_epoch": 7,"key_id":"k","updated_at_epoch":1}',
        b'{"forced_epoch":7,"key_id":"\\u006b","updated_at_epoch":1}',
        b'{"forced_epoch":7,"key_id":"e\xcc\x81","updated_at_epoch":1}',
        b'{"forced_epoch":7,"key_id":"k","updated_at_epoch":1}\n',
        b'\xef\xbb\xbf{"forced_epoch":7,"key_id":"k","updated_at_epoch":1}',
        b'{"forced_epoch":null,"key_id":"k","updated_at_epoch":1}',
        b"[7]", b"", b"\xff", b'{"forced_epoch":' + b"[" * 40,
    ],
)  # fmt: skip
def test_what_reads_in_two_ways_is_refused(data: bytes) -> None:
    with pytest.raises(NativeMalformed):
        read_artefact(EPOCH, data)


def test_deep_nesting_is_refused_before_it_is_walked() -> None:
    read_text(b'{"a":[[[[[[[]]]]]]]}')
    with pytest.raises(NativeMalformed, match="Nested deeper"):
        read_text(b'{"a":' + b"[" * 9 + b"]" * 9 + b"}")


def test_two_different_artefacts_never_read_alike() -> None:
    seen: dict[str, bytes] = {}
    for kind, data in artefacts(800, "alike"):
        try:
            told = kind + "\n".join(f"{line.path}: {line.text}" for line in read_artefact(kind, data).lines())
        except NativeMalformed:
            continue
        assert seen.setdefault(told, data) == data
    assert len(seen) > 300


def test_a_signature_of_another_key_or_over_another_text_is_refused() -> None:
    data = EpochControl(7, 8, "k").payload()
    good = NativeMade(EPOCH, data, sign(signed_bytes(EPOCH, data)), None, PUBLIC)
    check_made(good)
    contracts = contract(CHANCE).signing_payload()
    signature = sign(contracts)
    wrong = (
        replace(good, public=SigningKey(b"x" * 32).verify_key.encode()),
        replace(good, payload=EpochControl(7, 9, "k").payload()),
        replace(good, signature=sign(data)),
        replace(good, detached=sign(data)),
        NativeMade(NULLSPEC, contracts, signature, None, PUBLIC),
        NativeMade(NULLSPEC, contracts, signature, sign(contracts), PUBLIC),
    )
    for made in wrong:
        with pytest.raises(NativeDiffers):
            check_made(made)
