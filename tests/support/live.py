"""A WSGI application behind a real socket, with somebody in between who can listen, answer first, or lie."""

from __future__ import annotations

import contextlib
import io
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server


@dataclass
class Exchange:
    """One request and what is answered; whoever stands in between may change status, headers and answer."""

    method: str
    path: str
    key: str
    token: str
    body: bytes
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    answer: bytes = b""


Meddle = Callable[[Exchange], None]
Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def nothing(_: Exchange) -> None:
    """An honest line."""


class Between:
    """Hands requests on. `before` may set a status, and the application is not asked; `after` may change its
    answer. Everything that passed is in `seen`.
    """

    def __init__(self, application: Application) -> None:
        self._application = application
        self.before: Meddle = nothing
        self.after: Meddle = nothing
        self.seen: list[Exchange] = []

    def posts(self) -> list[Exchange]:
        """The batches that passed."""
        return [one for one in self.seen if one.method == "POST" and one.path.endswith("/events/")]

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        exchange = _read(environ)
        self.seen.append(exchange)
        self.before(exchange)
        if not exchange.status:
            self._ask(environ, exchange)
            self.after(exchange)
        exchange.headers["Content-Length"] = str(len(exchange.answer))
        start_response(f"{exchange.status} {HTTPStatus(exchange.status).phrase}", list(exchange.headers.items()))
        return [exchange.answer]

    def _ask(self, environ: dict[str, Any], exchange: Exchange) -> None:
        def start(status: str, headers: list[tuple[str, str]], _: Any = None) -> Any:
            exchange.status, exchange.headers = int(status.partition(" ")[0]), dict(headers)
            return lambda _data: None

        answer = self._application({**environ, "wsgi.input": io.BytesIO(exchange.body)}, start)
        exchange.answer = b"".join(answer)
        if hasattr(answer, "close"):
            answer.close()


def _read(environ: dict[str, Any]) -> Exchange:
    length = int(environ.get("CONTENT_LENGTH") or 0)
    query = f"?{environ['QUERY_STRING']}" if environ.get("QUERY_STRING") else ""
    return Exchange(
        environ["REQUEST_METHOD"], environ["PATH_INFO"] + query, environ.get("HTTP_IDEMPOTENCY_KEY", ""),
        environ.get("HTTP_AUTHORIZATION", ""), environ["wsgi.input"].read(length),
    )  # fmt: skip


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextlib.contextmanager
def listening(application: Application) -> Iterator[str]:
    """The application's address while the block lasts."""
    with make_server("127.0.0.1", 0, application, _Server, _Quiet) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
