"""Codes are those of RFC 6238, appendix B (the last six of its eight digits)."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from governance.identity.one_time import code_at, otpauth_url, secret_of, secret_text

SECRET = b"12345678901234567890"
KNOWN = [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")]


@pytest.mark.parametrize(("now", "code"), KNOWN)
def test_codes_are_those_of_the_rfc(now: int, code: str) -> None:
    assert code_at(SECRET, now)[0] == code


def test_it_says_how_long_a_code_still_holds() -> None:
    assert [code_at(SECRET, now)[1] for now in (0, 29.9, 30, 59)] == [30, 1, 30, 1]


def test_the_text_of_a_secret_leads_back_to_it() -> None:
    assert secret_of(secret_text(SECRET)) == SECRET
    assert "=" not in secret_text(b"12345")


def test_the_address_for_authenticators_carries_secret_and_issuer() -> None:
    parts = urlsplit(otpauth_url(SECRET, "author@demo.localhost", "Countersign (demo-1.localhost)"))
    assert (parts.scheme, parts.netloc) == ("otpauth", "totp")
    assert parse_qs(parts.query)["secret"] == [secret_text(SECRET)]
    assert parse_qs(parts.query)["issuer"] == ["Countersign (demo-1.localhost)"]
    assert "+" not in parts.query
