"""What `verify/` takes: evidence with the reader's policy, as a form with files or as one JSON object.

Guarantees that nothing is written to a disk under a name, and that the kind of evidence is told by its bytes
alone.
"""

from __future__ import annotations

import binascii
import io
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParser, MultiPartParserError

from console.api.problems import ProblemError
from console.api.request_body import read_body, require_type
from ledger.core import strict_base64
from ledger.core.canonical import canonical
from ledger.core.strict_json import parse
from ledger.core.trust import Reader, ReaderTrust, parse_trust
from ledger.core.types import JSON
from ledger.core.witness_policy import parse_policy

MAX_BYTES = 32 * 1024 * 1024
FORM, OBJECT = "multipart/form-data", "application/json"
FIELDS = ("evidence", "policy", "trust", "leaf", "now")
MAX_TIME = 253_402_300_799


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is to be verified, and before which reader."""

    data: bytes
    leaf: bytes | None
    reader: Reader


class _InMemory(MemoryFileUploadHandler):
    """Keeps every file in memory; the body was bounded before."""

    def handle_raw_input(self, *args: Any, **kwargs: Any) -> None:
        """Whatever the size."""
        super().handle_raw_input(*args, **kwargs)
        self.activated = True


def evidence_of(request: HttpRequest, now: datetime) -> Evidence:
    """Read the request; raises a problem, PolicyInvalid or TrustInvalid."""
    media_type = require_type(request, FORM, OBJECT)
    body = read_body(request, MAX_BYTES)
    fields = _form(request, body) if media_type == FORM else _object(body)
    if "evidence" not in fields or "policy" not in fields:
        name = "policy" if "evidence" in fields else "evidence"
        raise ProblemError("input_unreadable", f"{name} is needed.", path=f"$.{name}")
    trust = parse_trust(fields["trust"]) if "trust" in fields else ReaderTrust()
    reader = Reader(parse_policy(fields["policy"]), trust, _time(fields.get("now"), now))
    return Evidence(fields["evidence"], fields.get("leaf"), reader)


def _time(text: bytes | None, now: datetime) -> int:
    if text is None:
        return int(now.astimezone(UTC).timestamp())
    if not (text.isdigit() and int(text) <= MAX_TIME):
        raise ProblemError("input_unreadable", "now is a time in seconds since 1970.", path="$.now")
    return int(text)


def _form(request: HttpRequest, body: bytes) -> dict[str, bytes]:
    meta = {**request.META, "CONTENT_LENGTH": str(len(body))}
    try:
        parser = MultiPartParser(meta, io.BytesIO(body), [_InMemory(request)], "utf-8")
        texts, files = parser.parse()
    except MultiPartParserError as error:
        raise ProblemError("request_malformed", "The form cannot be read.") from error
    found = {name: str(texts[name]).encode() for name in FIELDS if name in texts}
    return found | {name: _file(files[name]) for name in FIELDS if name in files}


def _file(held: object) -> bytes:
    """The bytes of an uploaded file, which is in memory."""
    return held.read() if isinstance(held, UploadedFile) else b""


def _object(body: bytes) -> dict[str, bytes]:
    value = parse(body)
    if not isinstance(value, dict):
        raise ProblemError("input_unreadable", "An object is expected.", path="$")
    for name in value:
        if name not in FIELDS:
            raise ProblemError("input_unreadable", "This field is not known here.", path=f"$.{name[:80]}")
    return {name: _bytes(name, given) for name, given in value.items() if given is not None}


def _bytes(name: str, given: JSON) -> bytes:
    """A text as it is, an object as its JSON, and what can only be bytes (a bundle, a leaf) from base64."""
    if name == "now" and isinstance(given, int) and not isinstance(given, bool) and given >= 0:
        return str(given).encode()
    if isinstance(given, dict) and name in {"evidence", "trust"}:
        return canonical(given)
    if not isinstance(given, str):
        raise ProblemError("input_unreadable", "The value has another type.", path=f"$.{name}")
    if name == "leaf" or (name == "evidence" and "\n" not in given and not given.startswith("{")):
        return _decoded(name, given)
    return given.encode()


def _decoded(name: str, given: str) -> bytes:
    try:
        return strict_base64.decode(given)
    except (ValueError, binascii.Error) as error:
        raise ProblemError("input_unreadable", "Bytes are sent in standard base64.", path=f"$.{name}") from error
