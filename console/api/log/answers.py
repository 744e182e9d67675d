"""How the parts of a log are answered: types, caching, conditional requests, and gzip at most once.

C2SP tlog-tiles: tiles and entries never change, a checkpoint changes all the time. Every answer has a strong
ETag (a prefix of the SHA-256 of its bytes, another one where it is compressed), and HEAD says what GET would.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from typing import Final, cast

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response, patch_vary_headers

FOR_EVER: Final = "max-age=31536000, immutable"
ASK_AGAIN: Final = "no-cache"
NOTE_TYPE: Final = "text/plain; charset=utf-8"
BYTES_TYPE: Final = "application/octet-stream"
_ETAG_DIGITS = 32
_GZIP = re.compile(r"\s*gzip\s*(?:;\s*q\s*=\s*(?P<q>[01](?:\.[0-9]{0,3})?)\s*)?", re.ASCII | re.IGNORECASE)


def note_answer(request: HttpRequest, note: bytes, *, public: bool) -> HttpResponse:
    """A checkpoint: kept by caches, but asked for again each time."""
    response = HttpResponse(note, content_type=NOTE_TYPE)
    return _finished(request, response, ASK_AGAIN, public=public)


def tile_answer(request: HttpRequest, data: bytes, *, public: bool) -> HttpResponse:
    """A hash tile: nothing to compress in it."""
    return _finished(request, HttpResponse(data, content_type=BYTES_TYPE), FOR_EVER, public=public)


def entries_answer(request: HttpRequest, data: bytes, *, public: bool) -> HttpResponse:
    """An entry bundle, compressed where the client takes gzip."""
    etag = _digest(data)
    response = HttpResponse(data, content_type=BYTES_TYPE)
    if takes_gzip(request.headers.get("Accept-Encoding", "")):
        response.content = gzip.compress(data, compresslevel=6, mtime=0)
        response["Content-Encoding"] = "gzip"
        etag += "-gzip"
    patch_vary_headers(response, ["Accept-Encoding"])
    return _finished(request, response, FOR_EVER, public=public, etag=etag)


def takes_gzip(header: str) -> bool:
    """Whether an Accept-Encoding header names gzip with a quality above 0."""
    found = next((match for part in header.split(",") if (match := _GZIP.fullmatch(part))), None)
    return found is not None and float(found["q"] or 1) > 0


def _finished(
    request: HttpRequest, response: HttpResponse, caching: str, *, public: bool, etag: str = ""
) -> HttpResponse:
    response["Cache-Control"] = f"{'public' if public else 'private'}, {caching}"
    response["ETag"] = f'"{etag or _digest(response.content)}"'
    response["Content-Length"] = str(len(response.content))
    if not public:
        patch_vary_headers(response, ["Authorization", "Cookie"])
    answer = cast("HttpResponse", get_conditional_response(request, etag=response["ETag"], response=response))
    if request.method == "HEAD":
        answer.content = b""
    return _readable_anywhere(answer) if public else answer


def _readable_anywhere(response: HttpResponse) -> HttpResponse:
    """What is public may be read by pages of other sites too: a verifier in a browser is one."""
    response["Access-Control-Allow-Origin"] = "*"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:_ETAG_DIGITS]
