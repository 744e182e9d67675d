"""Fields of governed documents in words: `/state` becomes State, seconds become durations, people their names.

What is signed are the bytes on the signing page; here the same fields are told for reading, with their path beside.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from console import words
from console.changes.members import apart, member_words, twin_words

if TYPE_CHECKING:
    from ledger.core.types import JSON, JSONObject

_SECONDS = "_s"
_WHOLE = frozenset({"ttl_epochs", "epoch_created", "holds_through", "forced_epoch", "calibration_epoch"})
"""Whole numbers of 64 bits, which stand as text."""
_NAMES = {
    "kid": "Key", "lock_s": "Time lock", "life_s": "Life", "cool_down_s": "Cool-down", "mmd_s": "Merge delay",
    "nullspec_id": "NullSpec id", "oracle_id": "Oracle", "holdout_handle": "Holdout", "created_by": "Author's key",
    "ttl_epochs": "TTL, epochs", "holds_through": "Holds through epoch", "epoch_created": "Epoch of its making",
    "oracle_resolution_hash": "Resolution hash", "calibration_manifest_hash": "Calibration", "e_process": "E-process",
    "forced_epoch": "Forced epoch", "e_drift": "E-value", "proof_sha256": "SHA-256 of the proof",
    "nonoverlap_proof_uri": "Where the proof lies", "active_key_id": "Active key of the log",
}  # fmt: skip
_LONGEST = 400


def field_name(path: str) -> str:
    """A name for the field at a JSON pointer; the pointer itself stands beside it."""
    last = path.rsplit("/", 1)[-1].replace("~1", "/").replace("~0", "~")
    if last in _NAMES:
        return _NAMES[last]
    plain = last.removesuffix(_SECONDS).replace("_", " ").replace("-", " ").strip()
    return plain[:1].upper() + plain[1:] if plain else "The whole document"


def in_words(path: str, value: JSON, names: Mapping[str, str]) -> str:
    """A value for people; `names` are those of people by `person:<uuid>`, of tenants by `tenant:<uuid>`.

    A list takes a line for each member, a document a line for each field.
    """
    if isinstance(value, list):
        return "\n".join(member_words(one, names, _field(names)) for one in value) or "none"
    if isinstance(value, dict):
        return "\n".join(_field(names)(name, one) for name, one in value.items()) or "nothing"
    return _plain(path, value, names)


def both_in_words(path: str, old: JSON, new: JSON, names: Mapping[str, str]) -> tuple[str | None, str | None, str]:
    """Both sides of a field, and what is on both ('' where nothing is told of it).

    Of two lists only the members that differ are told, and how many stay; a side without any of them is None.
    """
    if not isinstance(old, list) or not isinstance(new, list):
        return in_words(path, old, names), in_words(path, new, names), ""
    gone, come, stay = apart(old, new)
    told = f"{words.counted(stay, 'other')}, unchanged" if stay else ""
    return _side(gone, come, stay, names), _side(come, gone, stay, names), told


def _side(members: list[JSON], others: list[JSON], stay: int, names: Mapping[str, str]) -> str | None:
    if not members:
        return None if stay else "none"
    twins = {one["name"]: one for one in others if isinstance(one, dict) and isinstance(one.get("name"), str)}
    return "\n".join(_member(one, twins, names) for one in members)


def _member(one: JSON, twins: Mapping[JSON, JSONObject], names: Mapping[str, str]) -> str:
    twin = twins.get(one.get("name")) if isinstance(one, dict) and isinstance(one.get("name"), str) else None
    if isinstance(one, dict) and twin is not None and twin != one:
        return twin_words(one, twin, _field(names))
    return member_words(one, names, _field(names))


def _field(names: Mapping[str, str]) -> Callable[[str, JSON], str]:
    def told(name: str, value: JSON) -> str:
        nested = isinstance(value, list | dict)
        text = in_words(name, value, names)
        text = f"({text.replace(chr(10), '; ')})" if nested and "\n" in text else text
        return f"{field_name(name).lower()}: {text}" if name else text

    return told


def _plain(path: str, value: JSON, names: Mapping[str, str]) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int) and path.endswith(_SECONDS):
        return f"{words.duration(timedelta(seconds=value))} ({words.grouped(value)} s)"
    if isinstance(value, int):
        return words.grouped(value)
    if path.rsplit("/", 1)[-1] in _WHOLE and str(value).isdecimal():
        return words.grouped(int(str(value)))
    return _text(names.get(str(value), str(value))) or "empty text"


def _text(text: str) -> str:
    return (
        text
        if len(text) <= _LONGEST
        else f"{text[:_LONGEST]} and {words.counted(len(text) - _LONGEST, 'character')} more"
    )
