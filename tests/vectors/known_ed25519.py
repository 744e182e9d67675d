"""Known answers for Ed25519, values only: RFC 8032, section 7.1, tests 1 to 3."""

from __future__ import annotations

VALID = (
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
            "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        ),
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        ),
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        (
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
            "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
        ),
    ),
)
"""Public key, message, signature."""

_EIGHTHS = (
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
)
_CANONICAL = ("01" + "00" * 31, "ec" + "ff" * 30 + "7f", "00" * 32, *_EIGHTHS)
_NOT_REDUCED = ("ed" + "ff" * 30 + "7f", "ee" + "ff" * 30 + "7f")


def _with_sign(encoded: str) -> str:
    return encoded[:-2] + f"{int(encoded[-2:], 16) | 0x80:02x}"


SMALL_ORDER = tuple(
    bytes.fromhex(form) for encoded in (*_CANONICAL, *_NOT_REDUCED) for form in (encoded, _with_sign(encoded))
)
"""Every 32-byte encoding, canonical or not, of the eight points whose order divides 8."""
