"""One leaf and everything that belongs to it: content, receipt, proof."""

from __future__ import annotations

from contextlib import suppress

from django.http import HttpRequest, HttpResponse

from console.api import represent
from console.api.call import Call
from console.api.documented import INDEX, LIMIT, STREAM, documented, number_in_query, text_in_query, words_in_query
from console.api.encoding import b64
from console.api.links import event_links
from console.api.operation import Operation, answer
from console.api.operations.append import AppendEvents
from console.api.paging import page
from console.api.parameters import TIME_PATTERN, choice, limit_of, point_in_time, short_text, whole_number
from console.api.problems import GUARD, ProblemError
from console.api.receipt_pending import still_pending
from console.api.represent_notices import spoken
from console.api.shapes import BASE64, HASH, TEXT, closed, listed, paged, ref
from console.api.shapes import INDEX as WHOLE
from governance.identity.core.roles import Capability
from ledger.errors import PayloadErased
from ledger.selectors import leaves, proofs, receipts, streams
from ledger.selectors.acceptances import accepted_by
from ledger.selectors.notices import spoken_of
from ledger.selectors.streams import StreamView
from ledger.services.alterations import opened_or_recorded
from ledger.services.receipt_pending import NO_SIGNATURE

PROOF_TYPE = "text/plain"
LONGEST_WAIT = 60
_TEXTS = {"type": 256, "source": 2_048, "subject": 1_024}
_TIMES = {
    "recorded_from": "Recorded at this time or later.",
    "recorded_to": "Recorded before this time.",
    "claimed_from": "Claimed for this time or later.",
    "claimed_to": "Claimed for a time before this.",
}


class ListEvents(Operation):
    """Events in the order of the log, by the columns that are derived for searching."""

    @documented(
        "list_events",
        "List the events of a stream",
        answers={200: paged(ref("EventRow"))},
        parameters=[
            *STREAM,
            LIMIT,
            number_in_query("after", "Index of the last event of the page before."),
            *(words_in_query(name, most, f"Only this {name}.") for name, most in _TEXTS.items()),
            *(text_in_query(name, {"pattern": TIME_PATTERN}, words) for name, words in _TIMES.items()),
            text_in_query("order", {"enum": ["oldest", "newest"]}, "Which come first; the oldest if left out."),
        ],
        problems=["not_found", "parameter_invalid"],
        tag="events",
    )
    def get(self, call: Call, ns: str, name: str) -> HttpResponse:
        """A page in the order of index."""
        call.require(Capability.READ, ns)
        limit, after = limit_of(call.request), whole_number(call.request, "after")
        newest = choice(call.request, "order", "oldest", "newest") == "newest"
        stream = streams.stream(ns, name)
        rows = leaves.events_in(stream, after, limit + 1, _filter(call.request), newest_first=newest)
        return answer(
            page(
                call.request,
                rows,
                limit,
                lambda row: represent.event_row(ns, name, row),
                lambda row: row.index,
            )
        )


class EventsRoute(ListEvents, AppendEvents):
    """`events/`"""


class ShowEvent(Operation):
    """The envelope, and what opens its commitments."""

    @documented(
        "show_event",
        "A leaf of any kind; of an event also its attributes, salts and the link to its payload",
        answers={200: ref("Event")},
        parameters=[*STREAM, INDEX],
        problems=["not_found", "payload_digest_mismatch"],
        tag="events",
    )
    def get(self, call: Call, ns: str, name: str, index: int) -> HttpResponse:
        """By index, of whatever kind; 500 where stored content does not open its commitment."""
        call.require(Capability.READ, ns)
        stream = streams.stream(ns, name)
        view = leaves.leaf(stream, index)
        if view.kind != "event":
            return answer(represent.leaf(ns, name, view))
        event = leaves.event(stream, index)
        for role in ("attrs", "payload"):
            _opened(call, stream, event, role)
        told = {"accepted_by": by} if (by := accepted_by(stream, index)) else {}
        return answer({**represent.event(ns, name, event), **told, **spoken(spoken_of(stream, index))})


class ShowPayload(Operation):
    """The committed bytes, as a download: what a tenant stored is never rendered by our origin."""

    @documented(
        "show_payload",
        "The payload of an event, byte for byte",
        answers={(200, "application/octet-stream"): {"type": "string", "format": "binary"}},
        parameters=[*STREAM, INDEX],
        problems=["not_found", "payload_erased", "payload_digest_mismatch"],
        tag="events",
    )
    def get(self, call: Call, ns: str, name: str, index: int) -> HttpResponse:
        """410 when it was erased, 404 when the leaf is no event, 500 when it was altered."""
        call.require(Capability.READ, ns)
        stream = streams.stream(ns, name)
        payload = _opened(call, stream, leaves.event(stream, index), "payload")
        if payload is None:
            raise ProblemError("payload_erased")
        headers = {
            "Cache-Control": "no-store",
            "Content-Disposition": f'attachment; filename="payload-{index}"',
        }
        return HttpResponse(payload, content_type="application/octet-stream", headers=headers)


class ShowReceipt(Operation):
    """The receipt, derived again from the leaf where it was not kept."""

    @documented(
        "show_receipt",
        "The receipt of a leaf (DSSE)",
        answers={200: ref("Envelope"), 202: closed({"receipt_pending": ref("ReceiptPending")})},
        parameters=[*STREAM, INDEX],
        problems=["not_found", *GUARD],
        tag="proofs",
    )
    def get(self, call: Call, ns: str, name: str, index: int) -> HttpResponse:
        """By index; 202 while the signer cannot sign what it has not signed before."""
        call.require(Capability.SEE, ns)
        try:
            return answer(receipts.receipt(streams.stream(ns, name), index).to_json())
        except NO_SIGNATURE as error:
            return still_pending(event_links(ns, name, index)["receipt"], error)


class ShowProof(Operation):
    """That the leaf is in the tree of a checkpoint."""

    @documented(
        "show_proof",
        "Inclusion proof of a leaf, as JSON or as a C2SP .tlog-proof",
        answers={
            200: closed(
                {
                    "index": WHOLE,
                    "size": WHOLE,
                    "leaf_hash": HASH,
                    "hashes": listed(BASE64),
                    "checkpoint": TEXT,
                }
            ),
            (200, PROOF_TYPE): {"type": "string"},
        },
        parameters=[
            *STREAM,
            INDEX,
            number_in_query("size", "The size of a signed checkpoint; the newest if left out.", least=1),
            text_in_query("format", {"enum": ["json", "tlog-proof"]}, "The form, if Accept does not say."),
        ],
        problems=["not_found", "proof_pending", "parameter_invalid"],
        tag="proofs",
    )
    def get(self, call: Call, ns: str, name: str, index: int) -> HttpResponse:
        """Against the newest checkpoint, or the one of `?size=`."""
        call.require(Capability.SEE, ns)
        size = whole_number(call.request, "size", least=1)
        as_text = _wants_text(call.request)
        stream = streams.stream(ns, name)
        if size is None and stream.signed_size <= index < stream.size:
            raise _pending(stream, index)
        view = proofs.inclusion(stream, index, size)
        if as_text:
            text = view.tlog_proof().to_bytes()
            return HttpResponse(
                text, content_type=f"{PROOF_TYPE}; charset=utf-8", headers={"Cache-Control": "no-store"}
            )
        return answer(
            {
                "index": view.index,
                "size": view.size,
                "leaf_hash": view.leaf_hash.hex(),
                "hashes": [b64(one) for one in view.hashes],
                "checkpoint": view.note.decode(),
            }
        )


def _opened(call: Call, stream: StreamView, event: leaves.EventView, role: str) -> bytes | None:
    """The bytes that opened the leaf's commitment, None once they are gone; a mismatch is recorded and raised."""
    held = event.attrs_object if role == "attrs" else event.payload_object
    if held is None:
        return None
    with suppress(PayloadErased):
        return opened_or_recorded(stream, event.leaf, role, held, door=call.route, request_id=call.request_id)
    return None


def _pending(stream: streams.StreamView, index: int) -> ProblemError:
    """The leaf is recorded; its proof comes with the checkpoint over the window that it is in."""
    wait = min(max(stream.window_age_s, 1), LONGEST_WAIT)
    detail = f"Leaf {index:,} is recorded; the newest checkpoint covers {stream.signed_size:,} leaves."
    return ProblemError("proof_pending", detail, headers={"Retry-After": str(wait)})


def _wants_text(request: HttpRequest) -> bool:
    form = choice(request, "format", "json", "tlog-proof")
    if form is not None:
        return form == "tlog-proof"
    return request.headers.get("Accept", "").split(",")[0].strip().startswith(PROOF_TYPE)


def _filter(request: HttpRequest) -> leaves.EventFilter:
    texts = {name: short_text(request, name, most) for name, most in _TEXTS.items()}
    times = {name: point_in_time(request, name) for name in _TIMES}
    return leaves.EventFilter(
        type=texts["type"],
        source=texts["source"],
        subject=texts["subject"],
        recorded_from=times["recorded_from"],
        recorded_to=times["recorded_to"],
        claimed_from=times["claimed_from"],
        claimed_to=times["claimed_to"],
    )
