"""The effect card of a change: old and new field by field, direction, what it invalidates, and the way back."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from console.changes.values import both_in_words, field_name, in_words
from governance.change.core.diff import differences
from governance.change.errors import TypeUnknown
from governance.change.types import change_type
from governance.change.types.targets import COUNTS, TAKES_EFFECT

if TYPE_CHECKING:
    from ledger.core.types import JSONObject

_WAYS = {
    "loosens": "loosens: gives power or takes a safeguard away",
    "tightens": "tightens: takes power or adds a safeguard",
    "neutral": "neutral: neither gives nor takes power",
}
_NO_WAY_BACK = "There is none: what this does cannot be undone by another change."


def effect_card(
    title: str, effect: Any, names: Mapping[str, str]
) -> dict[str, Any]:  # `effect` is a RevisionView or an Effect: base, result, direction, invalidates, way_back
    """What `ui/_effect.html` shows."""
    way = str(effect.direction)
    return {
        "title": title,
        "way": way,
        "way_words": _WAYS[way],
        "lines": effect_lines(effect.base, effect.result, names),
        "invalidates": [one for one in effect.invalidates if one not in COUNTS],
        "counts": next((one for one in effect.invalidates if one in COUNTS), ""),
        "way_back": way_back_words(effect.way_back),
    }


def effect_lines(base: JSONObject, result: JSONObject, names: Mapping[str, str]) -> list[dict[str, str | None]]:
    """One line for each field that differs; of a document that comes or goes as a whole, one for each of its fields."""
    return [_line(one, names) for row in differences(base, result) for one in _spread(row)]


def _spread(row: Any) -> Iterator[dict[str, str | None]]:
    sides: dict[str, Any] = {side: None if row[side] is None else json.loads(row[side]) for side in ("old", "new")}
    there = [side for side, value in sides.items() if isinstance(value, dict) and value]
    gone = [side for side, value in sides.items() if value is None]
    if not there or not gone:
        yield row
        return
    for name, value in sides[there[0]].items():
        inner = name.replace("~", "~0").replace("/", "~1")
        yield {"path": f"{row['path']}/{inner}", gone[0]: None, there[0]: json.dumps(value, ensure_ascii=False)}


def way_back_words(way_back: JSONObject | None) -> str:
    """What would undo it."""
    if way_back is None:
        return _NO_WAY_BACK
    try:
        return f"{change_type(str(way_back['type'])).words}, back to what is there now."
    except TypeUnknown:
        return _NO_WAY_BACK


def _line(row: Any, names: Mapping[str, str]) -> dict[str, str | None]:
    path = str(row["path"])
    old, new, stay = _sides(path, row["old"], row["new"], names)
    return {"name": field_name(path), "path": path, "old": old, "new": new, "stay": stay}


def _sides(path: str, old: str | None, new: str | None, names: Mapping[str, str]) -> tuple[str | None, str | None, str]:
    if old is not None and new is not None:
        return both_in_words(path, json.loads(old), json.loads(new), names)
    told = (None if one is None else in_words(path, json.loads(one), names) for one in (old, new))
    return next(told), next(told), ""


def findings_rows(findings: Sequence[Any]) -> list[dict[str, str]]:
    """Preflight checks as rows: state, words, and what to do next; the card itself says when it counts."""
    return [
        {"state": str(one.state), "words": one.words, "next": one.next, "code": one.code}
        for one in findings
        if one.code != TAKES_EFFECT
    ]
