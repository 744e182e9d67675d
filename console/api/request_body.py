"""Reading a request's body, never more than its limit, whatever the headers say.

Guarantees that an announced excess is refused before a byte is read, that an unannounced one (chunked, or a
missing Content-Length) stops at the limit, and that a body shorter than announced is refused and not taken
for a whole one.
"""

from __future__ import annotations

from typing import Protocol

from django.http import HttpRequest

from console.api.problems import ProblemError

_CHUNK = 1 << 20


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


def read_body(request: HttpRequest, limit: int) -> bytes:
    """The whole body of at most `limit` bytes; raises body_too_large, body_truncated or request_malformed."""
    announced = _announced(request)
    if announced is not None and announced > limit:
        raise _too_large(limit)
    stream: _Readable | None = request.META.get("wsgi.input")
    if stream is None or (announced is None and "HTTP_TRANSFER_ENCODING" not in request.META):
        return b""
    body = _read(stream, limit + 1 if announced is None else announced)
    if len(body) > limit:
        raise _too_large(limit)
    if announced is not None and len(body) < announced:
        raise ProblemError("body_truncated", f"{announced:,} bytes were announced, {len(body):,} came.")
    return body


def _announced(request: HttpRequest) -> int | None:
    text = request.META.get("CONTENT_LENGTH") or ""
    if not text:
        return None
    if not (text.isascii() and text.isdigit()):
        raise ProblemError("request_malformed", "Content-Length is not a number.")
    return int(text)


def _read(stream: _Readable, wanted: int) -> bytes:
    parts: list[bytes] = []
    while wanted > 0:
        try:
            part = stream.read(min(wanted, _CHUNK))
        except OSError as error:
            raise ProblemError("body_truncated", "The connection ended before the body did.") from error
        if not part:
            break
        parts.append(part)
        wanted -= len(part)
    return b"".join(parts)


def _too_large(limit: int) -> ProblemError:
    return ProblemError("body_too_large", f"At most {limit:,} bytes are taken here.")


def content_type_of(request: HttpRequest) -> str:
    """The media type without parameters, in lower case."""
    return (request.META.get("CONTENT_TYPE") or "").split(";", 1)[0].strip().lower()


def require_type(request: HttpRequest, *taken: str) -> str:
    """The media type when it is one of `taken`; raises type_unsupported, naming them."""
    found = content_type_of(request)
    if found not in taken:
        detail = f"{found or 'No content type'} is not taken here; send {' or '.join(taken)}."
        raise ProblemError("type_unsupported", detail, headers={"Accept-Post": ", ".join(taken)})
    return found
