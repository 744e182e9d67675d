"""COUNTERSIGN_MAIL_URL in words that Django understands."""

from __future__ import annotations

import pytest

from console.mail import mail_settings


def test_a_server_with_a_password_and_tls() -> None:
    found = mail_settings("smtp+starttls://us%40er:p%2Fw@mail.example")
    assert (found["EMAIL_HOST"], found["EMAIL_PORT"]) == ("mail.example", 587)
    assert (found["EMAIL_HOST_USER"], found["EMAIL_HOST_PASSWORD"]) == ("us@er", "p/w")
    assert (found["EMAIL_USE_TLS"], found["EMAIL_USE_SSL"]) == (True, False)
    assert found["EMAIL_TIMEOUT"] <= 10


def test_tls_from_the_start_and_none_at_all() -> None:
    assert mail_settings("smtps://mail.example")["EMAIL_USE_SSL"]
    plain = mail_settings("smtp://localhost:2525")
    assert (plain["EMAIL_PORT"], plain["EMAIL_USE_TLS"], plain["EMAIL_USE_SSL"]) == (2525, False, False)


@pytest.mark.parametrize(("url", "backend"), [("", "dummy"), ("console:", "console")])
def test_no_server_at_all(url: str, backend: str) -> None:
    assert f".{backend}." in mail_settings(url)["EMAIL_BACKEND"]


@pytest.mark.parametrize("url", ["mail.example", "imap://mail.example", "smtp://", "console://x"])
def test_anything_else_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        mail_settings(url)
