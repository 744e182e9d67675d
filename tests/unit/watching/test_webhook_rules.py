"""Webhooks: signed as Standard Webhooks says, and never sent into a private network, however the address is written."""

from __future__ import annotations

import base64
from ipaddress import ip_network

import pytest

from governance.identity.errors import NameInvalid
from governance.watching.core.webhooks import (
    MOST_TRIES,
    Target,
    headers,
    is_open_to,
    pause_after,
    secret_of,
    secret_text,
    target_of,
)


def test_the_published_vector_is_met() -> None:
    secret = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    told = headers([secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert told["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert (told["webhook-id"], told["webhook-timestamp"]) == ("msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330")


def test_each_secret_of_a_rotation_signs() -> None:
    told = headers([b"a" * 32, b"b" * 32], "msg_1", 5, b"{}")["webhook-signature"].split(" ")
    assert told == [headers([one * 32], "msg_1", 5, b"{}")["webhook-signature"] for one in (b"a", b"b")]


def test_every_webhook_has_a_secret_of_its_own() -> None:
    one, other = (secret_of(b"k" * 32, name) for name in (b"1", b"2"))
    assert one != other
    assert secret_text(one).startswith("whsec_")
    assert base64.b64decode(secret_text(one).removeprefix("whsec_")) == one


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.9.9.9", "0.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "198.18.0.1", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::", "2001:0:1::1",
        "fec0::1",
    ],
)  # fmt: skip
def test_no_address_of_the_inside_is_open(address: str) -> None:
    assert not is_open_to(address, ())


@pytest.mark.parametrize("address", ["93.184.216.34", "1.1.1.1", "2606:4700::1111", "::ffff:1.1.1.1"])
def test_addresses_of_the_internet_are_open(address: str) -> None:
    assert is_open_to(address, ())


def test_a_network_that_was_named_is_open_and_its_neighbour_is_not() -> None:
    named = (ip_network("10.1.0.0/16"),)
    assert is_open_to("10.1.2.3", named)
    assert is_open_to("::ffff:10.1.2.3", named)
    assert not is_open_to("10.2.2.3", named)
    assert not is_open_to("::1", named)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/", "ftp://example.org/", "https://", "https:///x", "example.org", "https://u:p@example.org/",
        "https://example.org/#x", "https://example.org:99999/", "https://exämple.org/", "https://example.org/\r\nX: y",
        "https://example.org/ x", f"https://example.org/{'x' * 500}", "file:///etc/passwd", "https://[::1",
    ],
)  # fmt: skip
def test_addresses_that_are_none_are_refused(url: str) -> None:
    with pytest.raises(NameInvalid) as refused:
        target_of(url)
    assert refused.value.next_step


def test_an_address_is_taken_apart() -> None:
    assert target_of("https://Hooks.Example.org/in?x=1") == Target(True, "hooks.example.org", 443, "/in?x=1")
    assert target_of("http://10.1.2.3:8080", plain=True) == Target(False, "10.1.2.3", 8080, "/")


def test_pauses_grow_and_end() -> None:
    pauses = [pause_after(tries) for tries in range(1, MOST_TRIES + 1)]
    assert pauses[-1] is None
    grown = [one.total_seconds() for one in pauses if one is not None]
    assert grown == sorted(set(grown))
    assert sum(grown) > 4 * 3_600
