"""Posting one body to one address on the internet, and to nowhere else.

Guarantees that the host is looked up once and the connection goes to the very address that was judged, that no
redirect is followed, and that an answer is bounded in size and time. What is refused is told in a sentence.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Mapping, Sequence
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from threading import Timer
from typing import Final

from governance.watching.core.webhooks import Network, Target, is_open_to

PATIENCE_S: Final = 5.0
MOST_ANSWER: Final = 16_384
OK, MOVED = range(200, 300), range(300, 400)
DEADLINE_S: Final = 10.0


class NotPosted(Exception):
    """The receiver did not take it; the message says why, in words without addresses of the inside."""


class _Straight(HTTPConnection):
    """A connection to an address that was judged, under the name that was given."""

    def __init__(self, target: Target, address: str) -> None:
        super().__init__(target.host, target.port, timeout=PATIENCE_S)
        self._target, self._address = target, address

    def connect(self) -> None:
        """To the address, not to whatever the name means by now."""
        plain = socket.create_connection((self._address, self._target.port), PATIENCE_S)
        if not self._target.secure:
            self.sock = plain
            return
        self.sock = ssl.create_default_context().wrap_socket(plain, server_hostname=self._target.host)

    def cut(self) -> None:
        """End it from outside: a receiver that answers one byte at a time keeps nobody waiting."""
        with suppress(OSError, AttributeError):
            self.sock.shutdown(socket.SHUT_RDWR)


def post(target: Target, body: bytes, headers: Mapping[str, str], allowed: Sequence[Network]) -> int:
    """Post, and return the status of an answer in 200 to 299; raises NotPosted."""
    connection = _Straight(target, _judged(target, allowed))
    watch = Timer(DEADLINE_S, connection.cut)
    watch.start()
    try:
        connection.request("POST", target.path, body=body, headers=dict(headers))
        answer = connection.getresponse()
        answer.read(MOST_ANSWER)
    except (OSError, HTTPException, ValueError, AttributeError) as error:
        raise NotPosted(f"it was not reached: {type(error).__name__}") from error
    finally:
        watch.cancel()
        connection.close()
    if answer.status not in OK:
        raise NotPosted(f"it answered {answer.status}{', which is not followed' if answer.status in MOVED else ''}")
    return answer.status


def _judged(target: Target, allowed: Sequence[Network]) -> str:
    """The first address of the host, if all of its addresses may be reached."""
    try:
        rows = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NotPosted("its host has no address") from error
    found = [str(row[4][0]) for row in rows]
    if not found or not all(is_open_to(one, allowed) for one in found):
        raise NotPosted("its host is inside of a private network")
    if not target.secure and not all(is_open_to(one, allowed) and _named(one, allowed) for one in found):
        raise NotPosted("without https it is reached only in networks that were named for it")
    return found[0]


def _named(address: str, allowed: Sequence[Network]) -> bool:
    return any(is_open_to(address, [one]) for one in allowed)
