"""Append events: the one operation that must be fast, and the one that must never half-happen."""

from __future__ import annotations

import hashlib
import re
import secrets
from typing import Any

from django.http import HttpRequest, HttpResponse
from drf_spectacular.utils import OpenApiParameter

from console.api import admission
from console.api.call import Call
from console.api.credentials import principal_of
from console.api.documented import BODY, STREAM, UNSAFE, documented
from console.api.encoding import b64
from console.api.event_input import (
    BATCH,
    MAX_BYTES,
    NDJSON,
    PLAIN,
    STRUCTURED,
    check_type,
    events_of,
    is_binary_mode,
)
from console.api.links import event_links
from console.api.operation import Operation, answer
from console.api.problems import GUARD, ProblemError
from console.api.receipt_pending import b64_salts, kept_answer
from console.api.request_body import read_body
from console.api.rows_json import leaf_json, listed, receipt_json, salts_json
from console.api.shapes import listed as list_of
from console.api.shapes import ref
from governance.identity.core.principal import Principal, PrincipalKind
from governance.identity.core.roles import Capability
from governance.identity.moment import Moment
from ledger.errors import EventConflict, RequestError
from ledger.selectors import streams
from ledger.selectors.streams import StreamView
from ledger.services.append import AppendResult, GroundsChanged, IdempotencyKey, append_events
from ledger.services.receipt_pending import ReceiptPending

_KEY = re.compile(r"[\x20-\x7e]{1,255}")
_KEY_PARAMETER = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "pattern": "^[!-~]([ -~]{0,253}[!-~])?$"},
    OpenApiParameter.HEADER,
    description="For 24 hours the same request under the same key gets the same answer, another one 409.",
)
_REFUSALS = (
    "not_found", "event_invalid", "profile_refused", "batch_empty", "batch_too_large", "leaf_too_large",
    "idempotency_key_invalid", "idempotency_conflict", "event_conflict", "payload_erased", "stream_stopped",
    "stream_closed", "clock", "key_unusable", "signer_paused", "append_timeout", "commit_unknown",
)  # fmt: skip


class AppendEvents(Operation):
    """One event or a batch, all or nothing; durable before it is acknowledged."""

    @documented(
        "append_events",
        "Append one event or a batch; the answer carries receipts, leaves and salts",
        request={
            PLAIN: ref("PlainEvent"),
            STRUCTURED: ref("CloudEvent"),
            BATCH: list_of(ref("CloudEvent"), minItems=1, maxItems=10_000),
            NDJSON: {"type": "string", "description": "one event a line, plain form or CloudEvent"},
        },
        answers={
            201: {"anyOf": [ref("Appended"), ref("AppendedBatch")]},
            200: {"anyOf": [ref("Appended"), ref("AppendedBatch")]},
            202: {"anyOf": [ref("Kept"), ref("KeptBatch")]},
        },
        parameters=[*STREAM, _KEY_PARAMETER],
        problems=[*UNSAFE, *BODY, *_REFUSALS, *GUARD],
        tag="events",
    )
    def post(self, call: Call, ns: str, name: str) -> HttpResponse:
        """Refuse what the headers already show, then read, parse and append."""
        stream = self._let_in(call, ns, name)
        try:
            sent = _sent(call.request, ns, name)
            return self._append(call, stream, *sent)
        except Exception as error:
            if call.admission is None:
                raise
            stream = self._let_in_anew(call, ns, name)
            if not isinstance(error, GroundsChanged):
                raise
        return self._append(call, stream, *sent)

    def caller(self, call: Call, asked: dict[str, object]) -> Principal:
        """Who appends, remembered or read; who only looks is always read."""
        if call.request.method == "POST":
            call.admission = admission.known(call.request, str(asked["ns"]), str(asked["name"]), call.now)
        return call.admission.principal if call.admission is not None else super().caller(call, asked)

    def _let_in(self, call: Call, ns: str, name: str) -> StreamView:
        """The stream; who was not remembered is from now on, where it may be."""
        call.require(Capability.APPEND, ns)
        if call.admission is not None:
            return call.admission.stream
        newcomer = admission.Newcomer(call.request, ns, name)
        stream = streams.stream(ns, name)
        if call.who.kind is PrincipalKind.SYSTEM_KEY:
            newcomer.remember(principal_of(call.request, call.now), stream, call.now)
        return stream

    def _let_in_anew(self, call: Call, ns: str, name: str) -> StreamView:
        """Read what was remembered: no caller is told more than one who was not remembered."""
        admission.forget(call.request, ns, name)
        call.principal, call.admission = principal_of(call.request, call.now), None
        return self._let_in(call, ns, name)

    def _append(self, call: Call, stream: StreamView, body: bytes, idempotency: IdempotencyKey | None) -> HttpResponse:
        events, batched = events_of(call.request, body, call.who.name, Moment(call.now, secrets.token_bytes))
        grounds = call.admission.grounds if call.admission is not None else None
        ns, name = stream.namespace, stream.name
        try:
            result = append_events(stream, events, actor=call.who.actor, idempotency=idempotency, grounds=grounds)
        except ReceiptPending as pending:
            return kept_answer(ns, name, pending, batched=batched)
        except RequestError as error:
            error.path = error.path if batched else _of_single(error.path, call.request, error.code)
            raise
        shape = _batch if batched else _single
        value, status = shape(ns, name, result)
        return answer(value, status)


def _sent(request: HttpRequest, ns: str, name: str) -> tuple[bytes, IdempotencyKey | None]:
    """The body, and the key under which it came."""
    check_type(request)
    key = _key_of(request)
    body = read_body(request, MAX_BYTES)
    return body, IdempotencyKey(key, _digest(request, ns, name, body)) if key is not None else None


def _key_of(request: HttpRequest) -> str | None:
    key: str | None = request.META.get("HTTP_IDEMPOTENCY_KEY")
    if key is not None and _KEY.fullmatch(key) is None:
        raise ProblemError("idempotency_key_invalid", path="$.headers['idempotency-key']")
    return key


def _digest(request: HttpRequest, namespace: str, name: str, body: bytes) -> bytes:
    """What makes two requests the same: stream, content type, `ce-` headers and body."""
    context = sorted((header, text) for header, text in request.META.items() if header.startswith("HTTP_CE_"))
    parts = [
        namespace,
        name,
        request.META.get("CONTENT_TYPE", ""),
        *(part for pair in context for part in pair),
    ]
    digest = hashlib.sha256(len(parts).to_bytes(4, "big"))
    for part in parts:
        digest.update(len(part.encode()).to_bytes(8, "big") + part.encode())
    digest.update(body)
    return digest.digest()


def _of_single(path: str, request: HttpRequest, code: str = "") -> str:
    """The path of an event that came alone: `$.payload`, where the batch of one says `$[0].payload`."""
    if code == EventConflict.code:
        return "$.headers['ce-id']" if is_binary_mode(request) else "$.id"
    return _in_alone(path)


def _in_alone(path: str) -> str:
    return f"${path.removeprefix('$[0]')}" if path.startswith("$[0]") else path


def _single(namespace: str, name: str, result: AppendResult) -> tuple[dict[str, Any], int]:
    one = result.appended[0]
    value: dict[str, Any] = {
        "receipt": one.receipt.to_json(),
        "index": one.index,
        "leaf": b64(one.leaf),
        "leaf_hash": one.leaf_hash.hex(),
        "salts": b64_salts(one),
        "links": event_links(namespace, name, one.index),
    }
    value |= _warned(result)
    for warning in value.get("warnings", ()):
        warning["path"] = _in_alone(warning["path"])
    if result.replayed or one.replayed:
        return {**value, "replayed": True}, 200
    return value, 201


def _batch(namespace: str, name: str, result: AppendResult) -> tuple[dict[str, Any], int]:  # noqa: ARG001 - same signature as for one
    rows = result.appended
    repeated = sum(row.replayed for row in rows)
    indices = [row.index for row in rows]
    value: dict[str, Any] = {
        "accepted": len(rows),
        "repeated": repeated,
        "first": min(indices),
        "last": max(indices),
        "indices": indices,
        "receipts": listed([receipt_json(row.receipt) for row in rows]),
        "leaves": listed([leaf_json(row) for row in rows]),
        "salts": listed([salts_json(row) for row in rows]),
    }
    value |= _warned(result)
    if result.replayed or repeated == len(rows):
        return {**value, "replayed": True}, 200
    return value, 201


def _warned(result: AppendResult) -> dict[str, Any]:
    """What profiles had to say, on streams that warn."""
    return {"warnings": [one.to_json() for one in result.warnings]} if result.warnings else {}
