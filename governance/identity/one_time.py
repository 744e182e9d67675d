"""Codes of an authenticator (RFC 6238: SHA-1, 6 digits, 30 s), for people who have none at hand."""

from __future__ import annotations

import base64
from urllib.parse import quote, urlencode

from django_otp.oath import TOTP

PERIOD_SECONDS = 30


def secret_text(secret: bytes) -> str:
    """The secret in base32 without padding, as authenticators take it."""
    return base64.b32encode(secret).decode().rstrip("=")


def secret_of(text: str) -> bytes:
    """The bytes behind `secret_text`; raises binascii.Error."""
    return base64.b32decode(text + "=" * (-len(text) % 8))


def code_at(secret: bytes, now: float) -> tuple[str, int]:
    """The code at `now` (Unix seconds), and for how many seconds it holds."""
    generator = TOTP(secret, step=PERIOD_SECONDS, digits=6)
    generator.time = now
    return f"{generator.token():06d}", PERIOD_SECONDS - int(now) % PERIOD_SECONDS


def otpauth_url(secret: bytes, email: str, issuer: str) -> str:
    """What a QR code for an authenticator holds (Key Uri Format)."""
    query = {
        "secret": secret_text(secret),
        "issuer": issuer,
        "algorithm": "SHA1",
        "digits": 6,
        "period": PERIOD_SECONDS,
    }
    return f"otpauth://totp/{quote(issuer)}:{quote(email)}?{urlencode(query, quote_via=quote)}"
