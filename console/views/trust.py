"""What a reader needs over a second channel: the trust sheet of a stream, and the verifier itself."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from django.http import Http404, HttpResponse

from console.short_words import spoken
from console.signing_page import digests
from console.signing_record import newest_entry
from console.trust_files import (
    POLICY_NAME,
    TRUST_NAME,
    asks_for_witnesses,
    decisions_of,
    head_of,
    trust_json,
    trust_policy,
)
from console.verifier import FILE_NAME, verifier_bytes
from console.verifier_page import FILE_NAME as PAGE_NAME
from console.verifier_page import page_bytes
from console.views.guard import page
from ledger.errors import RequestError
from ledger.selectors import keys

if TYPE_CHECKING:
    from console.signing_record import Entered
    from console.views.visit import Visit
    from ledger.selectors.keys import LogKeys
    from ledger.selectors.signed_heads import SignedHead
    from ledger.selectors.streams import StreamView

LONGEST_SIZE = 16


@page("GET")
def sheet(visit: Visit, namespace: str, name: str) -> HttpResponse:
    """One page to print and hand over beside a bundle, never with it; `?head=` names an older signed head."""
    stream = visit.stream(namespace, name)
    code, held, text = verifier_bytes(), keys.log_keys(stream.id), trust_policy(stream)
    page_digest = hashlib.sha256(page_bytes()).digest()
    asked, decisions = visit.request.GET.get("head", ""), decisions_of()
    return visit.page(
        "streams/trust_sheet.html",
        {
            "stream": stream,
            "title": f"Trust sheet of {namespace}/{name}",
            "logs": _shown(held),
            "decisions": decisions,
            "decisions_own": decisions is not None and decisions.origin == stream.origin,
            "decisions_logs": _shown(keys.log_keys(decisions.id)) if decisions is not None else [],
            "decisions_words": spoken(decisions.log) if decisions is not None else "",
            "genesis_words": spoken(stream.log),
            "policy": text.decode(),
            "witnesses": asks_for_witnesses(text),
            "head": _head(visit, stream, held),
            "query": f"?head={asked}" if asked else "",
            "verifier_name": FILE_NAME,
            "verifier_digest": hashlib.sha256(code).digest(),
            "verifier_words": spoken(hashlib.sha256(code).digest()),
            "page_name": PAGE_NAME,
            "page_digest": page_digest,
            "page_words": spoken(page_digest),
            "signer": digests(),
            "signer_entry": _entry(),
        },
    )


@page("GET")
def policy(visit: Visit, namespace: str, name: str) -> HttpResponse:
    """trust.policy as a file."""
    return _file(trust_policy(visit.stream(namespace, name)), POLICY_NAME, "text/plain; charset=utf-8")


@page("GET")
def trust(visit: Visit, namespace: str, name: str) -> HttpResponse:
    """trust.json as a file: genesis, and the head that is remembered."""
    stream = visit.stream(namespace, name)
    return _file(trust_json(stream, _head(visit, stream)), TRUST_NAME, "application/json")


def _shown(held: LogKeys) -> list[tuple[str, bytes, str]]:
    """Each key in force, the SHA-256 of its public half, and that in words."""
    found = [(str(vkey), hashlib.sha256(vkey.public).digest()) for vkey in held.valid()]
    return [(vkey, digest, spoken(digest)) for vkey, digest in found]


def _head(visit: Visit, stream: StreamView, held: LogKeys | None = None) -> SignedHead | None:
    size = visit.request.GET.get("head", "")
    if size and not (size.isascii() and size.isdecimal() and len(size) <= LONGEST_SIZE):
        raise Http404
    try:
        return head_of(stream, int(size) if size else None, held)
    except RequestError as unknown:
        raise Http404 from unknown


def _file(data: bytes, name: str, media_type: str) -> HttpResponse:
    response = HttpResponse(data, content_type=media_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response


@page("GET")
def verifier(visit: Visit) -> HttpResponse:  # noqa: ARG001  (the guard's signature)
    """The verifier as one file."""
    return _file(verifier_bytes(), FILE_NAME, "text/x-python; charset=utf-8")


def _entry() -> Entered | None:
    """The log's entry of the signing page that is served now; None where the log knows another one, or none."""
    entry = newest_entry()
    return entry if entry is not None and entry.names(digests()) else None
