from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from hashlib import sha512

import pytest
from nacl.signing import SigningKey

from ledger.core import ed25519
from ledger.core.ed25519 import check_public, is_weak, verify, verify_pure
from ledger.core.ed25519_group import ORDER, PRIME, SMALL_ORDINATES, combination, decode
from ledger.core.ed25519_sodium import PROBE_MESSAGE, PROBES, agrees, sodium_equation
from ledger.errors import WeakKey
from tests.vectors.known_ed25519 import SMALL_ORDER, VALID

KEY = SigningKey(b"\x07" * 32)
PUBLIC = bytes(KEY.verify_key)
MESSAGE = b"evidence"
SIGNATURE = KEY.sign(MESSAGE).signature
Check = Callable[[bytes, bytes, bytes], bool]
VERIFIERS = pytest.mark.parametrize("check", [verify, verify_pure])


def bits(data: bytes, place: int) -> bytes:
    changed = bytearray(data)
    changed[place // 8] ^= 1 << place % 8
    return bytes(changed)


@VERIFIERS
@pytest.mark.parametrize(("public", "message", "signature"), VALID)
def test_the_published_signatures_verify(check: Check, public: str, message: str, signature: str) -> None:
    assert check(*map(bytes.fromhex, (public, message, signature))) is True


@VERIFIERS
def test_another_message_or_a_changed_bit_does_not_verify(check: Check) -> None:
    assert check(PUBLIC, MESSAGE, SIGNATURE)
    assert not check(PUBLIC, MESSAGE + b" ", SIGNATURE)
    for place in range(0, 512, 37):
        assert not check(PUBLIC, MESSAGE, bits(SIGNATURE, place))
    for place in range(0, 256, 37):
        assert not check(bits(PUBLIC, place), MESSAGE, SIGNATURE)


@VERIFIERS
@pytest.mark.parametrize("times", [1, 2, 8, 14])
def test_a_scalar_not_below_the_order_is_refused(check: Check, times: int) -> None:
    scalar = int.from_bytes(SIGNATURE[32:], "little") + times * ORDER
    assert not check(PUBLIC, MESSAGE, SIGNATURE[:32] + scalar.to_bytes(32, "little"))


@VERIFIERS
@pytest.mark.parametrize("length", [0, 63, 65, 128])
def test_a_signature_of_another_length_is_refused(check: Check, length: int) -> None:
    assert check(PUBLIC, MESSAGE, (SIGNATURE * 2)[:length]) is False


@VERIFIERS
def test_a_zero_behind_the_signature_is_no_part_of_its_scalar(check: Check) -> None:
    assert check(PUBLIC, MESSAGE, SIGNATURE)
    assert not check(PUBLIC, MESSAGE, SIGNATURE + b"\x00")


@pytest.mark.parametrize("small", SMALL_ORDER, ids=bytes.hex)
def test_small_order_is_the_reason_told_in_every_encoding(small: bytes) -> None:
    with pytest.raises(WeakKey, match="small order"):
        check_public(small)


@VERIFIERS
@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_key_of_another_length_is_refused(check: Check, length: int) -> None:
    public = (PUBLIC * 2)[:length]
    assert check(public, MESSAGE, SIGNATURE) is False
    assert is_weak(public)


@VERIFIERS
@pytest.mark.parametrize("small", SMALL_ORDER, ids=bytes.hex)
def test_keys_of_small_order_verify_nothing(check: Check, small: bytes) -> None:
    assert is_weak(small)
    for commitment in (small, SMALL_ORDER[0], SIGNATURE[:32]):
        for message in (b"", b"a", b"b", b"c"):
            assert not check(small, message, commitment + b"\x00" * 32)


@VERIFIERS
@pytest.mark.parametrize("small", SMALL_ORDER, ids=bytes.hex)
def test_commitments_of_small_order_are_refused(check: Check, small: bytes) -> None:
    # With R of small order the honest holder of a key could make S = h*a: the equation alone holds for R = 0.
    secret = 0x1234567890ABCDEF
    public = combination((0, 1), 0, secret)
    challenge = int.from_bytes(sha512(small + public + MESSAGE).digest(), "little") % ORDER
    signature = small + (challenge * secret % ORDER).to_bytes(32, "little")
    assert not check(public, MESSAGE, signature)


def test_there_are_eight_points_of_small_order() -> None:
    points = {point for small in SMALL_ORDER if (point := decode(small))}
    assert len(points) == 8
    assert {y for _x, y in points} == SMALL_ORDINATES


@pytest.mark.parametrize("ordinate", range(PRIME, 2**255))
def test_keys_that_are_not_reduced_are_weak(ordinate: int) -> None:
    for sign in (0, 1 << 255):
        encoded = (ordinate | sign).to_bytes(32, "little")
        assert is_weak(encoded)
        assert decode(encoded) is None
        with pytest.raises(WeakKey):
            check_public(encoded)


def test_zero_has_one_sign() -> None:
    assert decode(b"\x01" + b"\x00" * 31) == (0, 1)
    assert decode(b"\x01" + b"\x00" * 30 + b"\x80") is None


def test_bytes_off_the_curve_are_weak() -> None:
    encoded = (2).to_bytes(32, "little")
    assert decode(encoded) is None
    assert is_weak(encoded)
    with pytest.raises(WeakKey, match="not a point"):
        check_public(encoded)


@pytest.mark.parametrize(
    ("public", "reason"),
    [
        (b"", "0 bytes"),
        (b"\x00" * 32, "small order"),
        ((PRIME + 3).to_bytes(32, "little"), "not canonical"),
    ],
)
def test_the_reason_of_a_weak_key_is_told(public: bytes, reason: str) -> None:
    with pytest.raises(WeakKey, match=reason):
        check_public(public)


def test_an_honest_key_passes() -> None:
    check_public(PUBLIC)
    assert not is_weak(PUBLIC)


@VERIFIERS
@pytest.mark.parametrize(("public", "signature", "verdict"), PROBES)
def test_the_equation_is_checked_without_the_cofactor(
    check: Check,
    public: str,
    signature: str,
    verdict: bool,  # noqa: FBT001  a column of the table
) -> None:
    assert check(bytes.fromhex(public), PROBE_MESSAGE, bytes.fromhex(signature)) is verdict


def test_an_accelerator_that_accepts_more_or_less_is_not_used() -> None:
    assert agrees(verify_pure)
    assert not agrees(lambda _public, _message, _signature: True)
    assert not agrees(lambda _public, _message, _signature: False)


def test_libsodium_is_used_where_tests_run() -> None:
    assert sodium_equation() is not None
    assert ed25519._equation is not ed25519._pure_equation


def test_everything_works_without_the_accelerator() -> None:
    program = (
        "import sys; sys.modules['nacl'] = sys.modules['nacl.bindings'] = None\n"
        "from ledger.core import ed25519 as e\n"
        "assert e._equation is e._pure_equation\n"
        f"assert e.verify({PUBLIC!r}, {MESSAGE!r}, {SIGNATURE!r})\n"
        f"assert not e.verify({PUBLIC!r}, b'other', {SIGNATURE!r})\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
