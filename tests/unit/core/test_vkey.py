"""Verifier keys: the key ID is computed, never believed; weak keys and odd names never become one."""

from __future__ import annotations

import pytest

from ledger.core.note import KeyType, VKey, make_vkey
from ledger.errors import LedgerError, NoteMalformed, WeakKey
from tests.unit.core.signers import LOG, signer
from tests.vectors.known_notes import EXAMPLE_VKEY, P256_VKEY

PUBLIC = LOG.vkey.public


def test_it_writes_what_it_read() -> None:
    assert str(VKey.parse(EXAMPLE_VKEY)) == EXAMPLE_VKEY
    assert VKey.parse(str(LOG.vkey)) == LOG.vkey


def test_the_base64_of_a_key_may_contain_plus() -> None:
    vkey = next(one for one in map(signer, range(256)) if "+" in str(one.vkey).split("+", 2)[2]).vkey
    assert VKey.parse(str(vkey)) == vkey


def test_the_key_id_binds_name_and_type() -> None:
    ids = {make_vkey("a", PUBLIC).key_id, make_vkey("b", PUBLIC).key_id, make_vkey("a", PUBLIC, 4).key_id}
    assert len(ids) == 3


def test_the_key_id_of_ecdsa_leaves_out_the_name() -> None:
    spki = VKey.parse(P256_VKEY).public
    assert make_vkey("a", spki, KeyType.ECDSA).key_id == make_vkey("b", spki, KeyType.ECDSA).key_id


def test_it_refuses_a_key_id_that_does_not_follow() -> None:
    text = str(LOG.vkey).replace(LOG.vkey.key_id.hex(), "00000000")
    with pytest.raises(NoteMalformed, match="does not follow"):
        VKey.parse(text)


@pytest.mark.parametrize(
    "name", ["", "a b", "a+b", "a\u00a0b", "a\u2003b", "a\u0085b", "a\u2028b", "a\tb", "a\x00b", "\ud800"]
)
def test_it_refuses_a_name_that_could_not_stand_in_a_line(name: str) -> None:
    with pytest.raises(NoteMalformed, match="key name"):
        make_vkey(name, PUBLIC)


@pytest.mark.parametrize("size", [0, 31, 33, 1312])
def test_it_refuses_ed25519_keys_of_another_length(size: int) -> None:
    with pytest.raises(NoteMalformed, match="shape"):
        make_vkey("a", (PUBLIC * 41)[:size])


@pytest.mark.parametrize("size", [32, 1311, 1313])
def test_it_refuses_mldsa_keys_of_another_length(size: int) -> None:
    with pytest.raises(NoteMalformed, match="shape"):
        make_vkey("a", bytes(size), KeyType.MLDSA44)


def test_it_refuses_der_that_is_not_a_nist_key() -> None:
    spki = VKey.parse(P256_VKEY).public
    for wrong in (spki + b"\0", spki[:-1], b"\x31" + spki[1:], b""):
        with pytest.raises(NoteMalformed, match="shape"):
            make_vkey("a", wrong, KeyType.ECDSA)


@pytest.mark.parametrize("key_type", [0x00, 0x03, 0x07, 0xFA, 0xFF])
def test_it_refuses_types_it_does_not_know(key_type: int) -> None:
    with pytest.raises(NoteMalformed, match="type"):
        make_vkey("a", PUBLIC, key_type)


@pytest.mark.parametrize("key_type", [KeyType.ED25519, KeyType.COSIGNATURE])
@pytest.mark.parametrize("public", [bytes(32), b"\x01" + bytes(31), b"\xec" + b"\xff" * 30 + b"\x7f"])
def test_it_refuses_small_order_keys(public: bytes, key_type: KeyType) -> None:
    with pytest.raises(WeakKey):
        make_vkey("a", public, key_type)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "a+00000000",
        "a+0000000+AQ==",
        "a+000000000+AQ==",
        "a+0000000g+AQ==",
        "a+00000000+",
        "a+00000000+!",
        str(LOG.vkey) + "\n",
        str(LOG.vkey)[:-1],
        " " + str(LOG.vkey),
        str(LOG.vkey).replace("/", "/ ", 1),
    ],
)
def test_it_refuses_text_of_another_shape(text: str) -> None:
    with pytest.raises(LedgerError):
        VKey.parse(text)


def test_it_refuses_upper_case_in_the_key_id() -> None:
    vkey = next(one.vkey for one in map(signer, range(256)) if not one.vkey.key_id.hex().isdigit())
    with pytest.raises(NoteMalformed, match="8 hex digits"):
        VKey.parse(str(vkey).replace(vkey.key_id.hex(), vkey.key_id.hex().upper()))
