"""From what a client sends to `RawEvent`: the plain form and CloudEvents 1.0 (JSON format, binary mode).

Every refusal is an EventInvalid with the JSON path of the culprit. String attributes follow the CloudEvents
type system: no control characters, no noncharacters. Limits in bytes of UTF-8: type 256, id 256, subject
1,024, source 2,048.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ledger.core.canonical import canonical
from ledger.core.event import JSON_MEDIA_TYPE, RawEvent
from ledger.core.types import JSON, JSONObject
from ledger.errors import EventInvalid

LIMITS = {
    "type": 256,
    "id": 256,
    "subject": 1_024,
    "source": 2_048,
    "sequence": 256,
    "time": 64,
    "dataschema": 2_048,
}
_SHORT = min(LIMITS.values())
MAX_EXTENSIONS = 32
MAX_EXTENSION_BYTES = 1_024
_PLAIN = frozenset({"type", "id", "source", "time", "subject", "sequence", "payload"})
_CONTEXT = frozenset({"specversion", "type", "id", "source", "time", "subject", "sequence", "dataschema"})
_ENVELOPE = _CONTEXT | {"datacontenttype", "data", "data_base64"}
_BAD_CHARACTER = re.compile("[\x00-\x1f\x7f-\x9f\ufdd0-\ufdef\ud800-\udfff\ufffe\uffff]")
_EXTENSION_NAME = re.compile(r"[a-z0-9]{1,20}", re.ASCII)
_RFC3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})",
    re.ASCII,
)
_MEDIA_TYPE = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+/[!#$%&'*+.^_`|~0-9A-Za-z-]+( *;[ -~]*)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Defaults:
    """What an event gets that does not say it: a fresh id (UUIDv7), the system key's name as source."""

    id: str
    source: str


def from_plain(value: JSON, defaults: Defaults, path: str = "$") -> RawEvent:
    """Read `{type, payload, id?, source?, time?, subject?, sequence?}`; raises EventInvalid."""
    event = _object(value, path)
    usual = _usual(event, defaults)
    if usual is not None:
        return usual
    _refuse_unknown(event, _PLAIN, path)
    if "payload" not in event:
        raise EventInvalid("An event needs a payload", next_step="Send null if there is nothing to say.", path=path)
    return RawEvent(
        type=_required(event, "type", path),
        id=_optional(event, "id", path) or defaults.id,
        source=_optional(event, "source", path) or defaults.source,
        time=_time(event, path),
        subject=_optional(event, "subject", path),
        sequence=_optional(event, "sequence", path),
        payload=canonical(event["payload"]),
    )


def _usual(event: JSONObject, defaults: Defaults) -> RawEvent | None:
    """The event where all it says is short printable ASCII, looked at at once; None where only the rules may tell."""
    kind, name, source, time = event.get("type"), event.get("id"), event.get("source"), event.get("time")
    subject, sequence = event.get("subject"), event.get("sequence")
    said: list[Any] = [text for text in (name, source, time, subject, sequence) if text is not None]
    said.append(kind)
    if not _is_short(said) or not event.keys() <= _PLAIN or "payload" not in event or not _is_time(time):
        return None
    given = name if name is not None else defaults.id, source if source is not None else defaults.source
    told: tuple[Any, ...] = (kind, *given, canonical(event["payload"]), JSON_MEDIA_TYPE, time, subject, sequence)
    return RawEvent(*told)


def _is_short(said: list[Any]) -> bool:
    """Whether these are texts within every limit, without a character that anything could object to."""
    try:
        joined = "".join(said)
    except TypeError:
        return False
    return joined.isascii() and joined.isprintable() and all(said) and max(map(len, said)) <= _SHORT


def _is_time(text: Any) -> bool:
    try:
        return text is None or (_RFC3339.fullmatch(text) is not None and bool(datetime.fromisoformat(text.upper())))
    except ValueError:
        return False


def from_cloudevent(value: JSON, path: str = "$") -> RawEvent:
    """Read a CloudEvents 1.0 event in the JSON event format; raises EventInvalid."""
    event = _object(value, path)
    media_type, payload = _data(event, path)
    return _with_context(event, _extensions(event, _ENVELOPE, path), media_type, payload, path)


def from_binary(headers: Mapping[str, str], media_type: str, body: bytes) -> RawEvent:
    """Read binary mode: `ce-` attributes in lower-case, decoded `headers`; `body` byte for byte."""
    context: JSONObject = {name[3:]: text for name, text in headers.items() if name.startswith("ce-")}
    _check_media_type(media_type, "$.headers['content-type']")
    return _with_context(context, _extensions(context, _CONTEXT, "$.headers"), media_type, body, "$.headers")


def _with_context(
    event: JSONObject, extensions: dict[str, str | int | bool], media_type: str, payload: bytes, path: str
) -> RawEvent:
    if event.get("specversion") != "1.0":
        raise EventInvalid("specversion must be 1.0", why=repr(event.get("specversion")), path=f"{path}.specversion")
    return RawEvent(
        type=_required(event, "type", path),
        id=_required(event, "id", path),
        source=_required(event, "source", path),
        time=_time(event, path),
        subject=_optional(event, "subject", path),
        sequence=_optional(event, "sequence", path),
        dataschema=_optional(event, "dataschema", path),
        extensions=extensions,
        media_type=media_type,
        payload=payload,
    )


def _object(value: JSON, path: str) -> JSONObject:
    if not isinstance(value, dict):
        raise EventInvalid("An event must be a JSON object", why=type(value).__name__, path=path)
    return value


def _refuse_unknown(event: JSONObject, known: frozenset[str], path: str) -> None:
    for name in event:
        if name not in known:
            raise EventInvalid(
                "An event has a field that the plain form does not know",
                why=name[:80],
                next_step="Put it into the payload, or send a CloudEvent with extension attributes.",
                path=f"{path}.{name[:80]}",
            )


def _required(event: JSONObject, name: str, path: str) -> str:
    found = _optional(event, name, path)
    if found is None:
        raise EventInvalid(f"An event needs {name}", path=f"{path}.{name}")
    return found


def _optional(event: JSONObject, name: str, path: str) -> str | None:
    value = event.get(name)
    if value is None:
        return None
    limit = LIMITS[name]
    if type(value) is str and value.isascii() and value.isprintable() and 0 < len(value) <= limit:
        return value
    return _text(value, limit, f"{path}.{name}")


def _text(value: JSON, limit: int, path: str) -> str:
    if not isinstance(value, str) or not value:
        raise EventInvalid("A non-empty string is expected", why=repr(value)[:80], path=path)
    if _BAD_CHARACTER.search(value):
        raise EventInvalid("Control characters and noncharacters are refused", why=repr(value)[:80], path=path)
    size = len(value.encode())
    if size > limit:
        raise EventInvalid(f"At most {limit:,} bytes are taken here", why=f"{size:,} bytes", path=path)
    return value


def _time(event: JSONObject, path: str) -> str | None:
    text = _optional(event, "time", path)
    if text is not None:
        try:
            datetime.fromisoformat(text.upper() if _RFC3339.fullmatch(text) else "")
        except ValueError as error:
            raise EventInvalid("time must be RFC 3339", why=text, path=f"{path}.time") from error
    return text


def _extensions(event: JSONObject, known: frozenset[str], path: str) -> dict[str, str | int | bool]:
    found: dict[str, str | int | bool] = {}
    for name, value in event.items():
        if name in known or value is None:
            continue
        found[name] = _extension(name, value, f"{path}.{name[:80]}")
    if len(found) > MAX_EXTENSIONS:
        raise EventInvalid(f"At most {MAX_EXTENSIONS} extension attributes are taken", why=str(len(found)), path=path)
    return found


def _extension(name: str, value: JSON, path: str) -> str | int | bool:
    if _EXTENSION_NAME.fullmatch(name) is None or name == "data":
        raise EventInvalid("An attribute's name is 1 to 20 lowercase letters and digits", why=name[:80], path=path)
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        if not -(2**31) <= value < 2**31:
            raise EventInvalid("A CloudEvents integer has 32 bits", why=str(value), path=path)
        return value
    return _text(value, MAX_EXTENSION_BYTES, path) if value != "" else ""


def _data(event: JSONObject, path: str) -> tuple[str, bytes]:
    declared = event.get("datacontenttype")
    if declared is not None:
        _check_media_type(declared, f"{path}.datacontenttype")
    media_type = str(declared) if declared is not None else ""
    if "data" in event and "data_base64" in event:
        raise EventInvalid("data and data_base64 exclude each other", path=f"{path}.data_base64")
    if "data_base64" in event:
        return media_type, _decoded(event["data_base64"], f"{path}.data_base64")
    if "data" not in event:
        return media_type, b""
    return _json_data(media_type, event["data"], path)


def _json_data(media_type: str, data: JSON, path: str) -> tuple[str, bytes]:
    if not media_type or _is_json(media_type):
        return media_type or JSON_MEDIA_TYPE, canonical(data)
    if isinstance(data, str):
        return media_type, data.encode()
    raise EventInvalid("data of a type that is not JSON must be a string", why=media_type, path=f"{path}.data")


def _is_json(media_type: str) -> bool:
    essence = media_type.split(";", 1)[0].strip().lower()
    return essence.endswith(("/json", "+json"))


def _check_media_type(value: JSON, path: str) -> None:
    if not isinstance(value, str) or len(value) > 255 or _MEDIA_TYPE.fullmatch(value) is None:
        raise EventInvalid(
            "A media type (RFC 2046) of at most 255 characters is expected", why=repr(value)[:80], path=path
        )


def _decoded(value: JSON, path: str) -> bytes:
    try:
        return base64.b64decode(str(value) if isinstance(value, str) else "?", validate=True)
    except binascii.Error as error:
        raise EventInvalid("data_base64 must be standard base64", why=str(error), path=path) from error
