from __future__ import annotations

import uuid

import pytest

from governance.identity.tokens import Token, TokenKind, parse_token

TOKEN = Token(TokenKind.SYSTEM_KEY, uuid.UUID(int=7), bytes(range(32)))


def test_it_reads_back_what_it_revealed() -> None:
    assert parse_token(TOKEN.reveal()) == TOKEN
    assert TOKEN.reveal().startswith("cs_key_00000000000000000000000000000007_")


@pytest.mark.parametrize(
    "text",
    [
        "",
        TOKEN.reveal() + "A",
        TOKEN.reveal()[:-1],
        TOKEN.reveal().upper(),
        TOKEN.reveal().replace("cs_key", "cs_foo"),
        TOKEN.reveal() + "\n",
        TOKEN.reveal().replace("_", "-", 1),
    ],
)
def test_it_refuses_every_other_form(text: str) -> None:
    assert parse_token(text) is None


def test_it_matches_its_own_digest_only() -> None:
    other = Token(TokenKind.SYSTEM_KEY, TOKEN.public_id, bytes(32))
    assert TOKEN.matches(TOKEN.digest())
    assert not other.matches(TOKEN.digest())


def test_its_representation_keeps_the_secret() -> None:
    assert TOKEN.reveal() not in repr(TOKEN)
    assert TOKEN.secret.hex() not in repr(TOKEN)
