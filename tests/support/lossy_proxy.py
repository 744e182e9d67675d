"""A TCP proxy that loses a request or its answer: the server did it or not, the client cannot know."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field


@dataclass
class LossyProxy:
    """Forwards to `upstream` (host and port, or a Unix socket); of requests that hold `marker`, the next `lose`
    answers are lost, or, with `swallow`, the requests themselves.
    """

    upstream: tuple[str, int] | str
    marker: bytes
    lose: int = 0
    swallow: bool = False
    refusing: bool = False
    lost: int = 0
    listener: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0)))

    @property
    def port(self) -> int:
        return int(self.listener.getsockname()[1])

    def serve(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            if self.refusing:
                client.close()
                continue
            threading.Thread(target=self._pair, args=(client,), daemon=True).start()

    def _pair(self, client: socket.socket) -> None:
        server = _connected(self.upstream)
        losing = threading.Event()
        threading.Thread(target=self._answers, args=(server, client, losing), daemon=True).start()
        with suppress(OSError):
            while data := client.recv(65_536):
                if self.marker in data and self.lose:
                    self.lose -= 1
                    if self.swallow:
                        self.lost += 1
                        break
                    losing.set()
                server.sendall(data)
        _closed(server)

    def _answers(self, server: socket.socket, client: socket.socket, losing: threading.Event) -> None:
        with suppress(OSError):
            while data := server.recv(65_536):
                # "100 Continue" asks for the body; it is not the answer.
                if losing.is_set() and not data.startswith(b"HTTP/1.1 100"):
                    self.lost += 1
                    break
                client.sendall(data)
        _closed(client)


def _connected(upstream: tuple[str, int] | str) -> socket.socket:
    if not isinstance(upstream, str):
        return socket.create_connection(upstream)
    made = socket.socket(socket.AF_UNIX)
    made.connect(upstream)
    return made


def _closed(one: socket.socket) -> None:
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()


@contextmanager
def lossy(upstream: tuple[str, int] | str, marker: bytes) -> Iterator[LossyProxy]:
    proxy = LossyProxy(upstream, marker)
    threading.Thread(target=proxy.serve, daemon=True).start()
    try:
        yield proxy
    finally:
        proxy.listener.close()
