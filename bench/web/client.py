"""A client process: some connections, each with one request in flight; every answer is kept and checked afterwards."""

from __future__ import annotations

import base64
import json
import secrets
import selectors
import socket
import time
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from bench.events import line_of
from ledger.core import ed25519
from ledger.core.dsse import pae, parse_envelope
from ledger.core.merkle import leaf_hash
from ledger.core.receipt import PAYLOAD_TYPE, parse_receipt

_RUN = secrets.token_hex(4)
_numbers = count()
_READ = 1 << 18


@dataclass
class Load:
    """What is sent where: `batch` events a request (0: one, as plain JSON), on a connection each if so many."""

    port: int
    path: str
    token: str
    batch: int = 0

    def request(self) -> bytes:
        """The next request."""
        lines = [line_of(next(_numbers), _RUN) for _ in range(self.batch or 1)]
        body = b"\n".join(lines)
        kind = "application/x-ndjson" if self.batch else "application/json"
        head = (
            f"POST {self.path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {self.token}\r\n"
            f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n{'Connection: close' if self.batch else ''}"
        )
        return head.rstrip().encode() + b"\r\n\r\n" + body


@dataclass
class _Link:
    """One connection and the answer that it waits for."""

    load: Load
    link: socket.socket | None = None
    prepared: list[bytes] = field(default_factory=list)
    answer: bytearray = field(default_factory=bytearray)
    wanted: int = -1

    def send(self) -> socket.socket:
        """Send the next request; a batch gets a connection of its own, so that workers share them evenly."""
        if self.link is None:
            self.link = socket.create_connection(("127.0.0.1", self.load.port))
            self.link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.link.setblocking(True)
        self.link.sendall(self.prepared.pop() if self.prepared else self.load.request())
        self.link.setblocking(False)
        self.answer, self.wanted = bytearray(), -1
        return self.link

    def read(self) -> bool:
        """Take what came; whether the answer is whole."""
        assert self.link is not None
        part = self.link.recv(_READ)
        assert part, bytes(self.answer[:500])
        self.answer += part
        if self.wanted < 0 and (end := self.answer.find(b"\r\n\r\n")) >= 0:
            head = bytes(self.answer[:end]).lower()
            self.wanted = end + 4 + int(head.split(b"content-length:")[1].split(b"\r\n")[0])
        return 0 <= self.wanted <= len(self.answer)

    def body(self) -> bytes:
        """The body of a whole answer; 201 or it raises."""
        head, _, body = bytes(self.answer).partition(b"\r\n\r\n")
        assert head.split()[1] == b"201", bytes(self.answer[:500])
        return body

    def close(self) -> None:
        """Close the connection."""
        if self.link is not None:
            self.link.close()
            self.link = None


def send(load: dict[str, Any], connections: int, seconds: float, public: str = "") -> dict[str, float]:
    """Keep `connections` requests in flight for some seconds; with `public` (hex) every receipt is verified.

    Returns how many events were answered, and in how many seconds, the last answers included.
    """
    links = [_Link(Load(**load)) for _ in range(connections)]
    for link in links:
        link.prepared = [link.load.request() for _ in range(8 if link.load.batch else 200)]
    bodies, elapsed = _sent(links, seconds)
    size = links[0].load.batch or 1
    if public:
        for body in bodies:
            _check(json.loads(body), bytes.fromhex(public), size)
    return {"events": len(bodies) * size, "seconds": elapsed}


def _sent(links: list[_Link], seconds: float) -> tuple[list[bytes], float]:
    bodies, begun = [], time.perf_counter()
    with selectors.DefaultSelector() as selector:
        for one in links:
            selector.register(one.send(), selectors.EVENT_READ, one)
        while selector.get_map():
            for key, _ in selector.select():
                link: _Link = key.data
                if not link.read():
                    continue
                bodies.append(link.body())
                selector.unregister(key.fileobj)
                if link.load.batch:
                    link.close()
                if time.perf_counter() - begun < seconds:
                    selector.register(link.send(), selectors.EVENT_READ, link)
                else:
                    link.close()
    return bodies, time.perf_counter() - begun


def _check(answer: dict[str, Any], public: bytes, size: int) -> None:
    receipts = answer["receipts"] if "receipts" in answer else [answer["receipt"]]
    leaves = answer["leaves"] if "leaves" in answer else [answer["leaf"]]
    assert len(receipts) == len(leaves) == size
    for one, leaf in zip(receipts, leaves, strict=True):
        signed = parse_envelope(one)
        assert signed.payload_type == PAYLOAD_TYPE
        assert ed25519.verify(public, pae(signed.payload_type, signed.payload), signed.signatures[0].sig)
        assert parse_receipt(signed.payload).leaf_hash == leaf_hash(base64.b64decode(leaf))
