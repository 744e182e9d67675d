"""Reading a request's body, never more than its limit, whatever the headers say.

Guarantees that an announced excess is refused before a byte is read, that a body without an announced length is
refused (a server cannot tell the end of a chunked body from a connection that broke), and that a body shorter than
announced is refused and not taken for a whole one.
"""

from __future__ import annotations

from typing import Protocol

from django.http import HttpRequest
from django.utils.http import parse_header_parameters

from console.api.problems import ProblemError
from console.front.bodies import BodyRefused
from console.front.environ import UNREADABLE

_CHUNK = 1 << 20
_RETRY = {"busy": {"Retry-After": "2"}}
_CLOSE = {"body_timeout": "It stood still for too long, or came below the least rate."}


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


def read_body(request: HttpRequest, limit: int) -> bytes:
    """The whole body of at most `limit` bytes; raises a problem of length, encoding or time."""
    _check_headers(request)
    announced = _announced(request)
    if announced > limit:
        raise _too_large(limit)
    stream: _Readable | None = request.META.get("wsgi.input")
    if stream is None or announced == 0:
        return b""
    body = _read(stream, announced, limit)
    if len(body) < announced:
        raise ProblemError("body_truncated", f"{announced:,} bytes were announced, {len(body):,} came.")
    return body


def _check_headers(request: HttpRequest) -> None:
    unreadable = request.META.get(UNREADABLE)
    if unreadable:
        path = f"$.headers['{unreadable}']"
        raise ProblemError("request_malformed", "Headers carry ASCII; percent-encode the rest.", path=path)
    encoding = request.META.get("HTTP_CONTENT_ENCODING", "").strip().lower()
    if encoding not in {"", "identity"}:
        raise ProblemError("encoding_unsupported", f"Content-Encoding {encoding[:64]} is not taken here.")


def _announced(request: HttpRequest) -> int:
    """The length; 0 where there is no body. Raises a problem where it is missing, doubled or no number."""
    text = request.META.get("CONTENT_LENGTH") or ""
    if "HTTP_TRANSFER_ENCODING" in request.META:
        raise ProblemError("length_ambiguous" if text else "length_required")
    if not text:
        return 0
    if not (text.isascii() and text.isdigit()):
        path = "$.headers['content-length']"
        raise ProblemError("request_malformed", "Content-Length is not a number.", path=path)
    return int(text)


def _read(stream: _Readable, wanted: int, limit: int) -> bytes:
    parts: list[bytes] = []
    while wanted > 0:
        try:
            part = stream.read(min(wanted, _CHUNK))
        except BodyRefused as error:
            raise _refused(error.code, limit) from error
        except OSError as error:
            raise ProblemError("body_truncated", "The connection ended before the body did.") from error
        if not part:
            break
        parts.append(part)
        wanted -= len(part)
    return b"".join(parts)


def _refused(code: str, limit: int) -> ProblemError:
    if code == "body_too_large":
        return _too_large(limit)
    return ProblemError(code, _CLOSE.get(code, ""), headers=_RETRY.get(code, {}))


def _too_large(limit: int) -> ProblemError:
    return ProblemError("body_too_large", f"At most {limit:,} bytes are taken here.")


def content_type_of(request: HttpRequest) -> str:
    """The media type without parameters, in lower case."""
    return (request.META.get("CONTENT_TYPE") or "").split(";", 1)[0].strip().lower()


def require_type(request: HttpRequest, *taken: str) -> str:
    """The media type when it is one of `taken`, in UTF-8; raises type_unsupported, naming them."""
    found, accepted = content_type_of(request), {"Accept-Post": ", ".join(taken)}
    if found not in taken:
        said = f"{found[:128]} is not taken here" if found else "A content type is needed"
        raise ProblemError("type_unsupported", f"{said}; send {' or '.join(taken)}.", headers=accepted)
    charset = parse_header_parameters(request.META["CONTENT_TYPE"])[1].get("charset", "utf-8").strip().lower()
    if charset not in {"utf-8", "utf8"}:
        detail = f"The charset {charset[:32]} is not taken; send UTF-8."
        raise ProblemError("type_unsupported", detail, headers=accepted)
    return found
