"""What clients send becomes a RawEvent, or a refusal that names the culprit."""

from __future__ import annotations

import pytest

from ledger.core.ingest import Defaults, from_binary, from_cloudevent, from_plain
from ledger.errors import EventInvalid

DEFAULTS = Defaults(id="fresh-id", source="scoring key")
CLOUDEVENT = {"specversion": "1.0", "id": "e-1", "source": "urn:acme:scoring", "type": "ai.decision"}


def test_the_plain_form_takes_its_defaults_from_the_caller() -> None:
    event = from_plain({"type": "ai.decision", "payload": {"b": 1, "a": 2}}, DEFAULTS)
    assert (event.id, event.source, event.time) == ("fresh-id", "scoring key", None)
    assert event.payload == b'{"a":2,"b":1}'
    assert event.media_type == "application/json"


def test_the_plain_form_keeps_every_attribute() -> None:
    event = from_plain(
        {
            "type": "ai.decision",
            "id": "dec-4711",
            "source": "urn:acme:scoring",
            "time": "2026-11-21T09:16:58Z",
            "subject": "case-88",
            "sequence": "1204",
            "payload": None,
        },
        DEFAULTS,
    )
    assert (event.id, event.source, event.subject, event.sequence) == (
        "dec-4711",
        "urn:acme:scoring",
        "case-88",
        "1204",
    )
    assert event.payload == b"null"


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ([], "$[7]"),
        ({"payload": 1}, "$[7].type"),
        ({"type": "", "payload": 1}, "$[7].type"),
        ({"type": 5, "payload": 1}, "$[7].type"),
        ({"type": "t"}, "$[7]"),
        ({"type": "t", "payload": 1, "extra": 1}, "$[7].extra"),
        ({"type": "t" * 257, "payload": 1}, "$[7].type"),
        ({"type": "t", "payload": 1, "id": "i" * 257}, "$[7].id"),
        ({"type": "t", "payload": 1, "id": "ä" * 129}, "$[7].id"),
        ({"type": "t", "payload": 1, "subject": "s" * 1025}, "$[7].subject"),
        ({"type": "t", "payload": 1, "source": "s" * 2049}, "$[7].source"),
        ({"type": "t", "payload": 1, "id": "a\u0000b"}, "$[7].id"),
        ({"type": "t", "payload": 1, "id": "a\ufffeb"}, "$[7].id"),
        ({"type": "t", "payload": 1, "time": "yesterday"}, "$[7].time"),
        ({"type": "t", "payload": 1, "time": "2026-02-31T00:00:00Z"}, "$[7].time"),
        ({"type": "t", "payload": 1, "time": "2026-02-01T00:00:00"}, "$[7].time"),
    ],
)
def test_the_plain_form_refuses_with_the_path(value: object, path: str) -> None:
    with pytest.raises(EventInvalid) as refused:
        from_plain(value, DEFAULTS, "$[7]")  # type: ignore[arg-type] # hostile input on purpose
    assert refused.value.path == path
    assert refused.value.what
    assert refused.value.next_step


@pytest.mark.parametrize("field", ["type", "id", "subject", "source"])
def test_the_limit_itself_is_still_taken(field: str) -> None:
    limit = {"type": 256, "id": 256, "subject": 1024, "source": 2048}[field]
    event = from_plain({"type": "t", "payload": 1, field: "x" * limit}, DEFAULTS)
    assert len(getattr(event, field)) == limit


def test_a_cloudevent_keeps_its_extensions_verbatim() -> None:
    event = from_cloudevent({**CLOUDEVENT, "traceparent": "00-ab", "partition": 7, "sampled": True, "data": {"x": 1}})
    assert event.extensions == {"traceparent": "00-ab", "partition": 7, "sampled": True}
    assert (event.media_type, event.payload) == ("application/json", b'{"x":1}')


@pytest.mark.parametrize(
    ("extra", "media_type", "payload"),
    [
        ({}, "", b""),
        ({"data": None}, "application/json", b"null"),
        ({"data_base64": "AAEC"}, "", b"\x00\x01\x02"),
        ({"data_base64": "AAEC", "datacontenttype": "image/png"}, "image/png", b"\x00\x01\x02"),
        ({"data": "<a/>", "datacontenttype": "text/xml"}, "text/xml", b"<a/>"),
        ({"data": "text", "datacontenttype": "application/json"}, "application/json", b'"text"'),
        ({"data": [1.0], "datacontenttype": "application/ld+json"}, "application/ld+json", b"[1]"),
    ],
)
def test_a_cloudevents_data_becomes_the_committed_bytes(extra: dict, media_type: str, payload: bytes) -> None:  # type: ignore[type-arg] # JSON literals
    event = from_cloudevent({**CLOUDEVENT, **extra})
    assert (event.media_type, event.payload) == (media_type, payload)


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"specversion": "0.3"}, "$.specversion"),
        ({"id": None}, "$.id"),
        ({"source": ""}, "$.source"),
        ({"data": 1, "data_base64": "AA=="}, "$.data_base64"),
        ({"data_base64": "A"}, "$.data_base64"),
        ({"data_base64": 7}, "$.data_base64"),
        ({"data": {}, "datacontenttype": "text/plain"}, "$.data"),
        ({"datacontenttype": "nonsense"}, "$.datacontenttype"),
        ({"BadName": "x"}, "$.BadName"),
        ({"a" * 21: "x"}, "$." + "a" * 21),
        ({"ext": 2**31}, "$.ext"),
        ({"ext": 1.5}, "$.ext"),
        ({"ext": {"nested": 1}}, "$.ext"),
        ({f"e{n}": "x" for n in range(33)}, "$"),
    ],
)
def test_a_cloudevent_is_refused_with_the_path(change: dict, path: str) -> None:  # type: ignore[type-arg] # JSON literals
    with pytest.raises(EventInvalid) as refused:
        from_cloudevent({**CLOUDEVENT, **change})
    assert refused.value.path == path


def test_binary_mode_keeps_the_body_byte_for_byte() -> None:
    headers = {f"ce-{name}": text for name, text in CLOUDEVENT.items()} | {
        "ce-traceparent": "00-ab",
        "accept": "*/*",
    }
    event = from_binary(headers, "application/octet-stream", b"\xff\x00{")
    assert (event.id, event.payload, event.media_type) == ("e-1", b"\xff\x00{", "application/octet-stream")
    assert event.extensions == {"traceparent": "00-ab"}


def test_binary_mode_without_a_source_is_refused() -> None:
    headers = {"ce-specversion": "1.0", "ce-id": "1", "ce-type": "t"}
    with pytest.raises(EventInvalid) as refused:
        from_binary(headers, "text/plain", b"")
    assert refused.value.path == "$.headers.source"
