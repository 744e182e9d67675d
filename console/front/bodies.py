"""Bodies that are still arriving: read on the event loop, by a deadline, within what this process can hold.

A body that is not taken reaches the application as `Unread`, which raises `BodyRefused` when it is read: the
application still says 401 or 404 first where that is the better answer.
"""

from __future__ import annotations

import asyncio
import io
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

MEBIBYTE = 1024 * 1024
MAX_BODY = 32 * MEBIBYTE
SHORTEST_PATIENCE, LONGEST_PATIENCE = 0.1, 60.0
DEFAULT_PATIENCE = 10.0
VERIFY = "/api/v1/verify/"
API = "/api/"

Environ = dict[str, Any]


class BodyRefused(OSError):
    """The body was not taken; `code` is that of the problem."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Unread(io.RawIOBase):
    """In the place of a body that was not taken."""

    def __init__(self, code: str) -> None:
        super().__init__()
        self.code = code

    def readable(self) -> bool:
        """It looks like a file until it is read."""
        return True

    def readinto(self, _buffer: object, /) -> int:
        """Raise what there is to say."""
        raise BodyRefused(self.code)

    def readall(self) -> bytes:
        """The same."""
        raise BodyRefused(self.code)


class Arriving(Protocol):
    """The chunks of a body as they come; an empty one is the end, or a connection that broke."""

    def __aiter__(self) -> AsyncIterator[bytes]: ...


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one process allows.

    `patience` is the longest pause in seconds; the whole body has as long again, and the time that it takes at
    `least_rate` bytes a second. `waiting` and `verifying` count bodies, `held` counts bytes.
    """

    patience: float = DEFAULT_PATIENCE
    least_rate: int = 32 * 1024
    waiting: int = 256
    verifying: int = 16
    held: int = 256 * MEBIBYTE


DEFAULT_BOUNDS = Bounds()


def patience_of(text: str | None) -> float:
    """Seconds from COUNTERSIGN_BODY_PATIENCE, from 0.1 to 60; the default for anything else."""
    try:
        seconds = float(text or "")
    except ValueError:
        return DEFAULT_PATIENCE
    return seconds if SHORTEST_PATIENCE <= seconds <= LONGEST_PATIENCE else DEFAULT_PATIENCE


class Bodies:
    """Every body of this process that is not answered yet. Used on one event loop alone, so it needs no lock."""

    def __init__(self, bounds: Bounds | None = None) -> None:
        self.bounds = bounds or Bounds(patience=patience_of(os.environ.get("COUNTERSIGN_BODY_PATIENCE")))
        self.waiting = self.verifying = self.held = 0

    async def read(self, environ: Environ, arriving: Arriving) -> io.BytesIO | Unread:
        """The body as a file, or why there is none. What it holds is given back with `release`."""
        length = _announced(environ)
        code = "length_required" if "HTTP_TRANSFER_ENCODING" in environ else self._refusal(environ, length)
        if code:
            return Unread(code)
        if length == 0:
            return io.BytesIO()
        with self._counted(environ):
            return await self._by_deadline(length, arriving)

    def release(self, body: io.BytesIO | Unread) -> None:
        """The request is answered; its bytes no longer count."""
        if isinstance(body, io.BytesIO):
            self.held -= body.getbuffer().nbytes

    def _refusal(self, environ: Environ, length: int) -> str:
        if length > MAX_BODY:
            return "body_too_large"
        if length and _is_hopeless(environ):
            return "credentials_missing"
        full = self.waiting >= self.bounds.waiting or self.held + length > self.bounds.held
        crowded = _is_verify(environ) and self.verifying >= self.bounds.verifying
        return "busy" if length and (full or crowded) else ""

    @contextmanager
    def _counted(self, environ: Environ) -> Iterator[None]:
        verifying = int(_is_verify(environ))
        self.waiting += 1
        self.verifying += verifying
        try:
            yield
        finally:
            self.waiting -= 1
            self.verifying -= verifying

    async def _by_deadline(self, length: int, arriving: Arriving) -> io.BytesIO | Unread:
        body = io.BytesIO()
        try:
            code = await self._fill(body, length, arriving)
        except TimeoutError:
            code = "body_timeout"
        if not code:
            body.seek(0)
            return body
        self.release(body)
        return Unread(code)

    async def _fill(self, body: io.BytesIO, length: int, arriving: Arriving) -> str:
        """Take chunks until all that was announced is there, or the stream ends before; raises TimeoutError."""
        loop, chunks = asyncio.get_running_loop(), aiter(arriving)
        last = loop.time() + self.bounds.patience + length / self.bounds.least_rate
        async with asyncio.timeout_at(None) as deadline:
            while body.tell() < length:
                deadline.reschedule(min(last, loop.time() + self.bounds.patience))
                chunk = await anext(chunks)
                if not chunk:
                    return ""
                if self.held + len(chunk) > self.bounds.held:
                    return "busy"
                body.write(chunk)
                self.held += len(chunk)
        return ""


def _announced(environ: Environ) -> int:
    text = str(environ.get("CONTENT_LENGTH", ""))
    return int(text) if text.isascii() and text.isdigit() else 0


def _is_verify(environ: Environ) -> bool:
    return str(environ["PATH_INFO"]) == VERIFY


def _is_hopeless(environ: Environ) -> bool:
    """A body for the API from nobody: it is answered 401 without having been read."""
    known = "HTTP_AUTHORIZATION" in environ or "HTTP_COOKIE" in environ
    return str(environ["PATH_INFO"]).startswith(API) and not known and not _is_verify(environ)
