"""What the application answers, made in a thread: a status, headers, and bytes or the path of a file."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, Protocol

log = logging.getLogger(__name__)
Pairs = list[tuple[str, str]]
Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
BROKEN = b"This request could not be answered.\n"


class Outlet(Protocol):
    """Where granian takes an answer."""

    def response_bytes(self, status: int, headers: Pairs, body: bytes) -> None: ...

    def response_file(self, status: int, headers: Pairs, file: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Answer:
    """`path` is the file that is the body, where there is one."""

    status: int
    headers: Pairs
    body: bytes = b""
    path: str = ""

    def send(self, outlet: Outlet) -> None:
        """Hand it over; granian sends it at the pace of who reads."""
        if self.path:
            outlet.response_file(self.status, self.headers, self.path)
        else:
            outlet.response_bytes(self.status, self.headers, self.body)


class FileBody:
    """`wsgi.file_wrapper`: a file as a body."""

    def __init__(self, file: BinaryIO, block_size: int = 65_536) -> None:
        self.file, self.block_size = file, block_size

    def __iter__(self) -> Iterator[bytes]:
        """Blocks of a file that has no path."""
        return iter(lambda: self.file.read(self.block_size), b"")

    def close(self) -> None:
        """Close the file, and with it Django's response."""
        self.file.close()

    @property
    def path(self) -> str:
        """Its path when all of it is wanted, from the first byte."""
        name = getattr(self.file, "name", "")
        whole = isinstance(name, str) and os.path.isfile(name) and self.file.tell() == 0  # noqa: PTH113 - a file's name is text
        return os.path.abspath(name) if whole else ""  # noqa: PTH100 - the same


def answered(application: Application, environ: dict[str, Any]) -> Answer:
    """Run the application to the end of its answer, in the thread whose database connection it uses."""
    try:
        return _run(application, environ)
    except Exception:
        log.exception("a request failed outside of every handler")
        return Answer(500, [("Content-Type", "text/plain"), ("Cache-Control", "no-store")], BROKEN)


def _run(application: Application, environ: dict[str, Any]) -> Answer:
    told: list[tuple[str, Pairs]] = []
    body = application(environ, lambda status, headers, _=None: told.append((status, headers)))
    try:
        status, headers = int(told[0][0].partition(" ")[0]), [(str(name), str(text)) for name, text in told[0][1]]
        path = body.path if isinstance(body, FileBody) else ""
        return Answer(status, headers, path=path) if path else Answer(status, headers, b"".join(body))
    finally:
        close = getattr(body, "close", None)
        if close is not None:
            close()
