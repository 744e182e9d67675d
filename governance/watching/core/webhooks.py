"""Signed webhooks by Standard Webhooks 1.0: what is signed and how, when it is tried again, and where it may go. Pure.

Guarantees that a receiver can tell that a message is ours and fresh (id, time and body are signed with HMAC-SHA256),
and that no address inside of a private network is named, whatever form it is written in.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final, TypeAlias
from urllib.parse import urlsplit

from governance.identity.errors import NameInvalid

Network: TypeAlias = IPv4Network | IPv6Network
LONGEST_URL: Final = 500
MOST_TRIES: Final = 8
_PREFIX: Final = "whsec_"
_TRANSLATED: Final = (ip_network("64:ff9b::/96"), ip_network("64:ff9b:1::/48"))
_NEXT: Final = "Give an address that begins with https://, of a host that the whole internet reaches."


@dataclass(frozen=True, slots=True)
class Target:
    """Where a message goes: scheme, host as it is written, port, and path with query."""

    secure: bool
    host: str
    port: int
    path: str


def target_of(url: str, *, plain: bool = False) -> Target:
    """Read an address; raises NameInvalid. `plain` lets http through, for networks that were named for it."""
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname or ""
    except ValueError as error:
        raise _refused(str(error)) from error
    if len(url) > LONGEST_URL or not url.isascii() or any(one <= " " or one == "\x7f" for one in url):
        raise _refused("it is longer than 500 characters, or holds others than those of an address")
    if parts.scheme not in ({"https", "http"} if plain else {"https"}) or not host:
        raise _refused(f"{parts.scheme or 'no scheme'} with {host or 'no host'}")
    if parts.username is not None or parts.fragment:
        raise _refused("names, passwords and fragments do not belong here")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    secure = parts.scheme == "https"
    return Target(secure, host, port or (443 if secure else 80), path)


def is_open_to(address: str, allowed: Iterable[Network]) -> bool:
    """Whether a message may go to this address: one of the internet, or of a network that was named for it."""
    found = _plain(ip_address(address.partition("%")[0]))
    if found is None:
        return False
    if any(found.version == one.version and found in one for one in allowed):
        return True
    return found.is_global and not found.is_multicast


def _plain(found: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address | None:
    """The address meant; None for forms that lead to another one behind a translator."""
    if isinstance(found, IPv4Address):
        return found
    if found.ipv4_mapped is not None:
        return found.ipv4_mapped
    hides = (
        found.is_site_local
        or found.sixtofour is not None
        or found.teredo is not None
        or any(found in one for one in _TRANSLATED)
    )
    return None if hides else found


def secret_of(key: bytes, webhook: bytes) -> bytes:
    """The secret of one webhook (32 bytes): nothing of it is stored."""
    return hmac.digest(key, webhook, sha256().name)


def secret_text(secret: bytes) -> str:
    """The secret as receivers take it."""
    return f"{_PREFIX}{base64.b64encode(secret).decode()}"


def headers(secrets: Sequence[bytes], message: str, second: int, body: bytes) -> dict[str, str]:
    """The headers of one try; one signature for each secret, so that a rotation of keys refuses nothing."""
    signed = f"{message}.{second}.".encode() + body
    marks = [base64.b64encode(hmac.digest(one, signed, sha256().name)).decode() for one in secrets]
    return {
        "webhook-id": message,
        "webhook-timestamp": str(second),
        "webhook-signature": " ".join(f"v1,{mark}" for mark in marks),
        "content-type": "application/json",
        "user-agent": "Countersign-Webhook/1",
    }


def pause_after(tries: int) -> timedelta | None:
    """How long to wait after this many failed tries; None after the last."""
    return None if tries >= MOST_TRIES else timedelta(minutes=2**tries)


def _refused(why: str) -> NameInvalid:
    return NameInvalid("No webhook can go to this address", why=why, path="$.url", next_step=_NEXT)
