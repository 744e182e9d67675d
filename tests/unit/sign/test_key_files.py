"""An encrypted key opens with its passphrase alone, and with the header that it was wrapped under."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from nacl.signing import SigningKey

from governance.sign import keyfile
from governance.sign.errors import KeyDiffers, KeyFileMalformed, PassphraseWrong
from governance.sign.keyfile import KeyFile, read_key, unwrap
from ledger.core import strict_base64
from ledger.core.canonical import canonical
from ledger.core.keys import kid_of
from tests.support.signing import ORIGIN, PASSPHRASE, key_of


def bent(**more: Any) -> bytes:
    return canonical({**key_of().fields, **more})


def test_what_was_wrapped_opens_again() -> None:
    seed = bytes(range(32))
    key = read_key(key_of(seed=seed).to_bytes())
    assert bytes(unwrap(key, PASSPHRASE)) == seed
    assert key.public == bytes(SigningKey(seed).verify_key)
    assert key.kid == kid_of("decision", ORIGIN, key.public)


def test_the_private_key_stands_nowhere_in_the_file() -> None:
    seed = b"a seed that would be seen, here!"
    whole = key_of(seed=seed).to_bytes()
    assert seed not in whole
    assert seed.hex().encode() not in whole


def test_another_passphrase_opens_nothing() -> None:
    with pytest.raises(PassphraseWrong):
        unwrap(key_of(), PASSPHRASE + " ")


@pytest.mark.parametrize(
    "more", [{"person": "person:other"}, {"custody": "passkey"}, {"use": "native"}, {"kid": "0" * 32}], ids=str
)
def test_a_changed_header_opens_nothing(more: dict[str, Any]) -> None:
    with pytest.raises(PassphraseWrong):
        unwrap(read_key(bent(**more)), PASSPHRASE)


def test_a_header_that_shows_another_public_key_is_found_out() -> None:
    shown, hidden = key_of(seed=b"o" * 32), key_of()
    header = {name: value for name, value in shown.fields.items() if name != "wrapped"}
    inner = keyfile._PKCS8 + bytes(unwrap(hidden, PASSPHRASE))
    wrapped = AESGCM(keyfile._derived(header, PASSPHRASE)).encrypt(b"n" * 12, inner, canonical(header))
    with pytest.raises(KeyDiffers):
        unwrap(read_key(bent(**header, wrapped=strict_base64.encode(wrapped))), PASSPHRASE)


@pytest.mark.parametrize(
    ("more", "path"),
    [
        ({"v": "countersign-key/2"}, "v"),
        ({"extra": 1}, ""),
        ({"public": "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}, ""),
        ({"public": "AQ=="}, "public"),
        ({"custody": "browser"}, "custody"),
        ({"wrapped": "AAAA"}, "wrapped"),
        ({"kdf": {"name": "pbkdf2-hmac-sha256", "iterations": 1000, "salt": "A" * 22 + "=="}}, "kdf.iterations"),
        ({"kdf": {"name": "pbkdf2-hmac-sha256", "iterations": 10**9, "salt": "A" * 22 + "=="}}, "kdf.iterations"),
        ({"kdf": {"name": "none"}}, "kdf"),
        ({"cipher": {"name": "aes-256-gcm", "nonce": "AAAA"}}, "cipher.nonce"),
    ],
    ids=str,
)
def test_another_form_is_refused_and_the_field_named(more: dict[str, Any], path: str) -> None:
    with pytest.raises(KeyFileMalformed) as refused:
        read_key(bent(**more))
    assert refused.value.path == path


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"v":1,"v":2}', b"\xff"])
def test_what_is_no_key_file_is_refused(data: bytes) -> None:
    with pytest.raises(KeyFileMalformed):
        read_key(data)


def test_the_file_is_readable_json_in_one_form() -> None:
    assert canonical(json.loads(key_of().to_bytes())) + b"\n" == key_of().to_bytes()
    assert isinstance(key_of(), KeyFile)
