from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st
from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

from ledger.core.ed25519 import verify, verify_pure
from ledger.core.ed25519_group import ORDER
from tests.vectors.known_ed25519 import SMALL_ORDER

REACHED: Counter[str] = Counter()
SEEDS = st.binary(min_size=32, max_size=32)
PART = st.sampled_from(["nothing", "key", "commitment", "scalar", "message", "order", "small key", "small commitment"])


def sodium(public: bytes, message: bytes, signature: bytes) -> bool:
    try:
        VerifyKey(public).verify(message, signature)
    except BadSignatureError:
        return False
    return True


def flipped(data: bytes, place: int) -> bytes:
    changed = bytearray(data)
    changed[place // 8] ^= 1 << place % 8
    return bytes(changed)


def changed(part: str, public: bytes, message: bytes, signature: bytes, place: int) -> tuple[bytes, bytes, bytes]:
    small = SMALL_ORDER[place % len(SMALL_ORDER)]
    scalar = int.from_bytes(signature[32:], "little") + (1 + place % 14) * ORDER
    return {
        "nothing": (public, message, signature),
        "key": (flipped(public, place), message, signature),
        "commitment": (public, message, flipped(signature, place)),
        "scalar": (public, message, flipped(signature, place + 256)),
        "message": (public, message + b"\x00", signature),
        "order": (public, message, signature[:32] + scalar.to_bytes(32, "little")),
        "small key": (small, message, signature),
        "small commitment": (public, message, small + signature[32:]),
    }[part]


@settings(max_examples=400, deadline=None)
@given(SEEDS, st.binary(max_size=80), PART, st.integers(0, 255))
def _decided_alike(seed: bytes, message: bytes, part: str, place: int) -> None:
    key = SigningKey(seed)
    case = changed(part, bytes(key.verify_key), message, key.sign(message).signature, place)
    verdict = sodium(*case)
    assert verify(*case) is verify_pure(*case) is verdict
    assert verdict is (part == "nothing")
    REACHED[part] += 1


def test_both_implementations_decide_like_libsodium_on_changed_input() -> None:
    REACHED.clear()
    _decided_alike()
    assert min(REACHED[part] for part in ("nothing", "key", "commitment", "scalar", "message", "order")) >= 5, REACHED


@settings(max_examples=100, deadline=None)
@given(st.binary(min_size=32, max_size=32), st.binary(max_size=8), st.binary(min_size=64, max_size=64))
def test_random_bytes_are_decided_alike(public: bytes, message: bytes, signature: bytes) -> None:
    assert (
        verify(public, message, signature)
        is verify_pure(public, message, signature)
        is sodium(public, message, signature)
    )


def test_every_small_encoding_is_decided_alike_as_key_and_as_commitment() -> None:
    key = SigningKey(b"\x05" * 32)
    for small in SMALL_ORDER:
        for other in (*SMALL_ORDER, bytes(key.verify_key)):
            for scalar in (0, 1, ORDER - 1, ORDER):
                signature = other + scalar.to_bytes(32, "little")
                assert not verify(small, b"m", signature)
                assert not verify_pure(small, b"m", signature)
                assert not sodium(small, b"m", signature)
