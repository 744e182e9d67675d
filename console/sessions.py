"""Keeps the row of each session: a session whose row was ended from elsewhere is over at its next request."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, cast

from django.contrib.auth import logout
from django.utils import timezone

from console.addresses import client_address
from governance.identity.factors import ASSURANCE, VERIFIED_AT
from governance.identity.middleware import ENDED
from governance.identity.sessions import ROW, Place, is_open, open_row

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

    from governance.identity.models import Person

_KEPT_BITS = {4: 24, 6: 48}


class KnownSessions:
    """Stands after SessionLimits; sets `request.session_ended` to `revoked` when it acts."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Keep the rest of the chain."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Open the row of a session that has none, and end the session whose row has ended."""
        if request.session.session_key is not None and request.user.is_authenticated:
            self._know(request)
        return self.get_response(request)

    def _know(self, request: HttpRequest) -> None:
        session = request.session
        if ROW not in session:
            verified = (str(session.get(ASSURANCE, "")), float(session.get(VERIFIED_AT) or 0))
            open_row(session, cast("Person", request.user), place_of(request), timezone.now(), verified=verified)
        elif not is_open(session):
            logout(request)
            setattr(request, ENDED, "revoked")


def place_of(request: HttpRequest) -> Place:
    """What the browser says it is, and its network: enough to recognise one's own, not enough to follow somebody."""
    return Place(request.headers.get("User-Agent", ""), network_of(client_address(request)))


def network_of(address: str) -> str:
    """The /24 or /48 around an address; '' for what is none."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return ""
    return str(ipaddress.ip_network(f"{found}/{_KEPT_BITS[found.version]}", strict=False))
