"""Streams: list, create, state."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse

from console.api import represent, represent_notices
from console.api.body import json_object, refused
from console.api.call import Call
from console.api.documented import BODY, LIMIT, STREAM, UNSAFE, documented, text_in_query, words_in_query
from console.api.links import stream_link
from console.api.operation import Operation, answer
from console.api.paging import page
from console.api.parameters import limit_of, short_text
from console.api.problems import GUARD, ProblemError
from console.api.shapes import NAME, NAMESPACE, closed, paged, ref
from console.guard_memo import as_guarded
from governance.identity.core.names import is_tenant_name
from governance.identity.core.roles import Capability
from ledger.core.keys import PUBLIC_BYTES, decode_base64
from ledger.errors import LeafSchema
from ledger.selectors import checkpoints, streams
from ledger.selectors.completeness import completeness_of
from ledger.selectors.health import health_of
from ledger.selectors.notices import terms
from ledger.selectors.reliance import pauses_of
from ledger.services.streams import NO_RECOVERY, StreamOptions, create_stream

_LIMITS = {"window_count": (1, 1_000_000), "window_age_s": (1, 86_400), "max_merge_delay_s": (1, 604_800)}
_FLAGS = ("clear_attributes", "post_quantum")
_TEXTS = ("namespace", "name", "profile_mode", "without_receipt", "policy", "recovery_key")
_FIELDS = dict.fromkeys(_TEXTS, str) | dict.fromkeys(_FLAGS, bool) | dict.fromkeys(_LIMITS, int)
MAX_POLICY = 16_384
_CHOICES = {"profile_mode": ("off", "warn", "refuse"), "without_receipt": ("pending", "refuse")}
_NEW_STREAM = closed(
    {"namespace": NAMESPACE, "name": NAME},
    profile_mode={"enum": [*_CHOICES["profile_mode"]]},
    without_receipt={
        "enum": [*_CHOICES["without_receipt"]],
        "description": "What becomes of an event while the signer cannot sign: kept and answered 202, or refused.",
    },
    clear_attributes={"type": "boolean"},
    post_quantum={"type": "boolean"},
    policy={"type": "string", "maxLength": MAX_POLICY, "description": "C2SP tlog-policy; quorum none unless given"},
    recovery_key={
        "type": "string",
        "pattern": "^[A-Za-z0-9+/]{43}=$",
        "description": "Base64 of an Ed25519 public key whose private half you keep. It cannot be added later.",
    },
    **{key: {"type": "integer", "minimum": least, "maximum": most} for key, (least, most) in _LIMITS.items()},
)


class ListStreams(Operation):
    """The streams of every namespace that the caller may see."""

    @documented(
        "list_streams",
        "List the streams you may see",
        answers={200: paged(ref("StreamRow"))},
        parameters=[
            LIMIT,
            text_in_query(
                "after",
                {"pattern": "^_?[a-z0-9-]{1,63}/[a-z0-9-]{1,63}$"},
                "Namespace and name of the last stream of the page before.",
            ),
            words_in_query("q", 128, "Only streams with this in namespace/name."),
            text_in_query("namespace", {"pattern": "^_?[a-z0-9-]{1,63}$"}, "Only this namespace."),
        ],
        problems=["parameter_invalid", "not_found"],
    )
    def get(self, call: Call) -> HttpResponse:
        """A page in the order of namespace and name."""
        limit, after = limit_of(call.request), _after(call.request)
        wanted = short_text(call.request, "namespace", 64)
        if wanted is not None:
            call.require(Capability.SEE, wanted)
        visible = call.who.holding(Capability.SEE) if wanted is None else frozenset({wanted})
        part = short_text(call.request, "q", 128) or ""
        rows = streams.streams_in(visible, after, limit + 1, containing=part.lower())
        return answer(page(call.request, rows, limit, represent.stream_row, lambda row: f"{row.namespace}/{row.name}"))


class CreateStream(Operation):
    """A new stream with its keys and genesis leaf."""

    @documented(
        "create_stream",
        "Create a stream",
        request={"application/json": _NEW_STREAM},
        answers={201: ref("Stream")},
        problems=[
            *UNSAFE,
            *BODY,
            "parameter_invalid",
            "not_found",
            "stream_exists",
            "name_invalid",
            "policy_invalid",
            "weak_key",
            *GUARD,
        ],
    )
    def post(self, call: Call) -> HttpResponse:
        """Check right and name, then create."""
        fields = json_object(call.request, _FIELDS)
        namespace, name = _needed(fields, "namespace"), _needed(fields, "name")
        call.asks(stream=name)
        call.require(Capability.APPEND, namespace)
        if not is_tenant_name(name):
            raise refused("$.name", "A name has 1 to 63 lower-case letters, digits and hyphens.")
        options = _options(fields)
        stream = create_stream(namespace, name, actor=call.who.actor, options=options)
        warning = {"warning": NO_RECOVERY} if options.recovery_key is None else {}
        return answer(_state(stream) | warning, 201, Location=stream_link(namespace, name))


class ShowStream(Operation):
    """What is known of a stream at this moment."""

    @documented(
        "show_stream",
        "State of a stream: size, head, newest checkpoint and window, the five health paths, completeness, pauses",
        answers={200: ref("Stream")},
        parameters=[*STREAM],
        problems=["not_found"],
    )
    def get(self, call: Call, ns: str, name: str) -> HttpResponse:
        """One stream."""
        call.require(Capability.SEE, ns)
        return answer(_state(as_guarded(streams.stream(ns, name))))


def _after(request: HttpRequest) -> tuple[str, str] | None:
    text = short_text(request, "after", 128)
    if text is None:
        return None
    namespace, slash, name = text.partition("/")
    if not slash:
        raise ProblemError("parameter_invalid", "after is namespace/name of the last stream.", path="?after")
    return namespace, name


def _needed(fields: dict[str, Any], name: str) -> str:
    if name not in fields:
        raise refused(f"$.{name}", "This field is needed.")
    return str(fields[name])


def _options(fields: dict[str, Any]) -> StreamOptions:
    """The settings that the body names, each within its bounds."""
    chosen = {key: given for key, given in fields.items() if key not in {"namespace", "name"}}
    for key, known in _CHOICES.items():
        if chosen.get(key, known[0]) not in known:
            raise refused(f"$.{key}", f"{key} is one of {', '.join(known)}.")
    for key, (least, most) in _LIMITS.items():
        if not least <= chosen.get(key, least) <= most:
            raise refused(f"$.{key}", f"{key} is a whole number from {least:,} to {most:,}.")
    if len(chosen.get("policy", "")) > MAX_POLICY:
        raise refused("$.policy", f"A policy has at most {MAX_POLICY:,} characters.")
    if "recovery_key" in chosen:
        chosen["recovery_key"] = _recovery(chosen["recovery_key"])
    return StreamOptions(**chosen)


def _recovery(text: str) -> bytes:
    """The 32 bytes of a recovery key; its order is checked where the stream is made."""
    try:
        return decode_base64(text, PUBLIC_BYTES)
    except LeafSchema as error:
        raise refused("$.recovery_key", "recovery_key is base64 of the 32 bytes of an Ed25519 public key.") from error


def _state(stream: streams.StreamView) -> dict[str, Any]:
    newest = checkpoints.newest(stream)
    windows = checkpoints.windows_of(stream, None, 1)
    return {
        **represent.stream_row(stream),
        "checkpoint": represent.checkpoint(newest) if newest is not None else None,
        "window": represent.window(windows[0]) if windows else None,
        "health": [represent.health(path) for path in health_of(stream)],
        "completeness": represent.health(completeness_of(stream)),
        "terms": represent_notices.terms(terms(stream)),
        "reliance_paused": [represent_notices.pause(one) for one in pauses_of(stream)],
    }


class StreamsRoute(ListStreams, CreateStream):
    """`streams/`"""
