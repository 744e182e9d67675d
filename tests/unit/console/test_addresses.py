"""Whom a forwarded address is believed from, and which one."""

from __future__ import annotations

import pytest

from console.addresses import address_in, parse_proxies


@pytest.mark.parametrize(
    ("proxies", "peer", "told", "address"),
    [
        ("", "10.0.0.1", "192.0.2.1", "10.0.0.1"),
        ("1", "10.0.0.1", "192.0.2.1", "192.0.2.1"),
        ("1", "10.0.0.1", "6.6.6.6, 192.0.2.1", "192.0.2.1"),
        ("2", "10.0.0.1", "6.6.6.6, 192.0.2.1, 10.0.0.2", "192.0.2.1"),
        ("2", "10.0.0.1", "192.0.2.1", "10.0.0.1"),
        ("1", "10.0.0.1", "not an address", "10.0.0.1"),
        ("10.0.0.0/8", "10.0.0.1", "6.6.6.6, 192.0.2.1", "192.0.2.1"),
        ("10.0.0.0/8", "10.0.0.1", "6.6.6.6, 192.0.2.1, 10.9.9.9", "192.0.2.1"),
        ("10.0.0.0/8", "192.0.2.9", "6.6.6.6", "192.0.2.9"),
        ("10.0.0.0/8", "10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.0/8", "10.0.0.1", "rubbish", "10.0.0.1"),
        ("10.0.0.0/8, fd00::/8", "fd00::1", "2001:db8::7", "2001:db8::7"),
        ("10.0.0.0/8", "::ffff:10.0.0.1", "192.0.2.1:4711", "192.0.2.1"),
        ("10.0.0.0/8", "10.0.0.1", "[2001:db8::1]:443", "2001:db8::1"),
    ],
)
def test_only_what_a_trusted_proxy_appended_is_believed(proxies: str, peer: str, told: str, address: str) -> None:
    assert address_in({"REMOTE_ADDR": peer, "HTTP_X_FORWARDED_FOR": told}, parse_proxies(proxies)) == address


@pytest.mark.parametrize("text", ["0", "9", "-1", "10.0.0.1/8", "everything", "10.0.0.0/8,"])
def test_a_setting_that_says_nothing_clear_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_proxies(text)
