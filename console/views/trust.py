"""What a reader needs over a second channel: the trust sheet of a stream, and the verifier itself."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from django.http import HttpResponse

from console.short_words import spoken
from console.verifier import FILE_NAME, verifier_bytes
from console.views.guard import page
from ledger.selectors import checkpoints, keys
from ledger.selectors.health import policy_in_force

if TYPE_CHECKING:
    from console.views.visit import Visit


@page("GET")
def sheet(visit: Visit, namespace: str, name: str) -> HttpResponse:
    """One page to print and hand over beside a bundle, never with it."""
    stream = visit.stream(namespace, name)
    code = verifier_bytes()
    logs = [
        (str(vkey), hashlib.sha256(vkey.public).digest(), spoken(hashlib.sha256(vkey.public).digest()))
        for vkey in keys.log_vkeys(stream.id)
    ]
    return visit.page(
        "streams/trust_sheet.html",
        {
            "stream": stream,
            "title": f"Trust sheet of {namespace}/{name}",
            "logs": logs,
            "genesis_words": spoken(stream.log),
            "policy": policy_in_force(stream),
            "checkpoint": checkpoints.newest(stream),
            "verifier_name": FILE_NAME,
            "verifier_digest": hashlib.sha256(code).digest(),
            "verifier_words": spoken(hashlib.sha256(code).digest()),
        },
    )


@page("GET")
def verifier(visit: Visit) -> HttpResponse:  # noqa: ARG001  (the guard's signature)
    """The verifier as one file."""
    response = HttpResponse(verifier_bytes(), content_type="text/x-python; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{FILE_NAME}"'
    response["Cache-Control"] = "no-store"
    return response
