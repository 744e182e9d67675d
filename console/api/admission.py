"""Callers who were let in to append a moment ago: who they are and the stream they may write, kept for a minute.

Guarantees that nobody is let in by what is remembered alone: the append asks in its own transaction whether every row
that it rests on is still the one that was read (`Grounds`), and is refused there if not; the door then reads anew. So
a key that was disabled, a tenant that was suspended or a setting that was changed counts from its commit on.
Only system keys are remembered, under a digest of their token, and only by the secret that is in force.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import connection
from django.http import HttpRequest

from governance.identity.core.principal import Principal
from governance.identity.selectors.grounds import grounds_of
from governance.identity.selectors.principals import is_by_secret_in_force
from governance.identity.tokens import Token, TokenKind, parse_token
from ledger.selectors.streams import StreamView
from ledger.services.append import Grounds

KEPT_S: Final = 60.0
MOST: Final = 1_024
Place = tuple[str, str, str, bytes]


@dataclass(frozen=True, slots=True)
class Admission:
    """Who was let in, to which stream, on which grounds; `until` in monotonic seconds."""

    principal: Principal
    stream: StreamView
    grounds: Grounds
    until: float
    day: int


_known: dict[Place, Admission] = {}


def known(request: HttpRequest, namespace: str, name: str, now: datetime) -> Admission | None:
    """Who was let in by the same token to the same stream within the last minute of the same day."""
    found = _known.get(_place(request, namespace, name))
    return found if found is not None and time.monotonic() < found.until and found.day == now.toordinal() else None


def forget(request: HttpRequest, namespace: str, name: str) -> None:
    """Let the next call read anew."""
    _known.pop(_place(request, namespace, name), None)


class Newcomer:
    """A caller nobody remembers: the versions of what it rests on are read before the rows themselves."""

    def __init__(self, request: HttpRequest, namespace: str, name: str) -> None:
        self._place, self._token = _place(request, namespace, name), _token(request)
        self._grounds = grounds_of(self._token.public_id, namespace, name) if self._token is not None else None

    def remember(self, principal: Principal, stream: StreamView, now: datetime) -> None:
        """Keep who was let in just now."""
        if self._grounds is None or self._token is None or not is_by_secret_in_force(self._token):
            return
        if len(_known) >= MOST:
            _known.clear()
        _known[self._place] = Admission(principal, stream, self._grounds, time.monotonic() + KEPT_S, now.toordinal())


def _token(request: HttpRequest) -> Token | None:
    scheme, _, text = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    token = parse_token(text.strip()) if scheme.lower() == "bearer" else None
    return token if token is not None and token.kind is TokenKind.SYSTEM_KEY else None


def _place(request: HttpRequest, namespace: str, name: str) -> Place:
    """No token stands in memory for longer than its request; databases are told apart."""
    told = hashlib.sha256(request.META.get("HTTP_AUTHORIZATION", "").encode()).digest()
    return str(connection.settings_dict["NAME"]), namespace, name, told
