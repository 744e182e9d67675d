"""Where a request comes from: the peer, or what a trusted proxy says of its own peer.

Guarantees that nobody chooses their own address: of `X-Forwarded-For` only what a trusted proxy appended is believed,
read from the right. Without COUNTERSIGN_TRUSTED_PROXIES the header is not looked at.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest

MOST_HOPS = 8
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Proxies:
    """A number of `hops` that always stand in front, or the `networks` that proxies call from; neither: nobody."""

    hops: int = 0
    networks: tuple[Network, ...] = ()


def parse_proxies(text: str) -> Proxies:
    """`2` (hops, 1 to 8) or `10.0.0.0/8, fd00::/8`; raises ValueError."""
    if not text.strip():
        return Proxies()
    if text.strip().isdecimal():
        hops = int(text)
        if not 1 <= hops <= MOST_HOPS:
            raise ValueError(text)
        return Proxies(hops=hops)
    return Proxies(networks=tuple(ipaddress.ip_network(part.strip()) for part in text.split(",")))


def client_address(request: HttpRequest) -> str:
    """The address of the client, as text; the peer's own where no trusted proxy stands in between."""
    proxies: Proxies = settings.COUNTERSIGN_TRUSTED_PROXIES
    return address_in(request.META, proxies)


def address_in(meta: Mapping[str, object], proxies: Proxies) -> str:
    """The same from the variables of a request."""
    peer = str(meta.get("REMOTE_ADDR", ""))
    told = [part.strip() for part in str(meta.get("HTTP_X_FORWARDED_FOR", "")).split(",") if part.strip()]
    if proxies.hops:
        first = _address(told[-proxies.hops]) if len(told) >= proxies.hops else None
        return str(first) if first else peer
    seen = _address(peer)
    while seen is not None and told and _is_trusted(seen, proxies):
        before = _address(told.pop())
        if before is None:
            break
        seen = before
    return str(seen) if seen is not None else peer


def _is_trusted(address: Address, proxies: Proxies) -> bool:
    return any(address in network for network in proxies.networks)


def _address(text: str) -> Address | None:
    """An address, also with a port (`192.0.2.1:443`, `[2001:db8::1]:443`) or mapped into IPv6."""
    bare = text.partition("]")[0].strip("[") if text.startswith("[") else text
    bare = bare.partition(":")[0] if bare.count(":") == 1 else bare
    try:
        found = ipaddress.ip_address(bare)
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return mapped or found
