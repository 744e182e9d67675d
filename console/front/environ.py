"""From granian's RSGI scope to a WSGI environ (PEP 3333)."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any, Protocol

_UNPREFIXED = {"CONTENT_TYPE", "CONTENT_LENGTH"}
UNREADABLE = "countersign.unreadable_header"


class Headers(Protocol):
    """Of a request; `items` leaves out values that are not ASCII, `keys` does not."""

    def keys(self) -> list[str]: ...

    def items(self) -> list[tuple[str, str]]: ...


class Scope(Protocol):
    """What granian tells of a request before its body."""

    method: str
    path: str
    query_string: str
    scheme: str
    server: str
    client: str
    http_version: str
    authority: str | None

    @property
    def headers(self) -> Headers: ...


def environ_of(scope: Scope, file_wrapper: object) -> dict[str, Any]:
    """The environ without its body."""
    host, _, port = scope.server.rpartition(":")
    client, _, client_port = scope.client.rpartition(":")
    return {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "SERVER_NAME": host.strip("[]"),
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{'1.0' if scope.http_version == '1' else scope.http_version}",
        "SERVER_SOFTWARE": "Granian",
        "REMOTE_ADDR": client.strip("[]"),
        "REMOTE_PORT": client_port,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        "wsgi.file_wrapper": file_wrapper,
        **_headers(scope.headers),
    }


def _headers(headers: Headers) -> dict[str, str]:
    """Repeated headers in one line. Names with underscores are dropped: they could pass for a proxy's own."""
    pairs = headers.items()
    found: dict[str, str] = {}
    for name, value in pairs:
        if "_" in name:
            continue
        key = name.upper().replace("-", "_")
        key = key if key in _UNPREFIXED else f"HTTP_{key}"
        between = "; " if key == "HTTP_COOKIE" else ","
        found[key] = f"{found[key]}{between}{value}" if key in found else value
    return found | _unreadable(headers.keys(), {name for name, _ in pairs})


def _unreadable(names: Iterable[str], readable: set[str]) -> dict[str, str]:
    """The first header whose value is not ASCII: nothing may be believed of a request that lost one."""
    lost = sorted({*names} - readable)
    return {UNREADABLE: lost[0]} if lost else {}
