"""Event leaves in their usual form, read in one match: most leaves of every log.

Guarantees that what matches is canonical and has the schema of an event leaf: every member in its place, hashes in
lowercase hex, an index from 1 below 10^15, an existing time, origin and type in ASCII that JSON never escapes.
Whatever differs in one byte is left to the strict parser, which decides and names the fault.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from ledger.core.schemas import MAX_ORIGIN_BYTES, MAX_TYPE_BYTES, VERSION
from ledger.core.times import parse_time
from ledger.core.types import JSONObject
from ledger.errors import LeafSchema

_HASH: Final = "([0-9a-f]{64})"
_INDEX: Final = "([1-9][0-9]{0,14})"
_UNESCAPED: Final = r"[ !#-\[\]-~]"
_FORM: Final = re.compile(
    rf'\{{"attrs":"{_HASH}","index":{_INDEX},"kind":"event",'
    rf'"origin":"({_UNESCAPED}{{1,{MAX_ORIGIN_BYTES}}})","payload":"{_HASH}","prev":"{_HASH}",'
    rf'"recorded":"([0-9T:.Z-]{{27}})","type":"({_UNESCAPED}{{1,{MAX_TYPE_BYTES}}})","v":"{re.escape(VERSION)}"\}}',
    re.ASCII,
)


def usual_event(raw: bytes) -> JSONObject | None:
    """The fields of an event leaf in its usual form; None for any other bytes, valid or not."""
    found = _FORM.fullmatch(raw.decode()) if raw.isascii() else None
    if found is None:
        return None
    attrs, index, origin, payload, prev, recorded, kind = found.groups()
    try:
        parse_time(recorded)
    except LeafSchema:
        return None
    return {
        "attrs": attrs, "index": int(index), "kind": "event", "origin": origin, "payload": payload, "prev": prev,
        "recorded": recorded, "type": kind, "v": VERSION,
    }  # fmt: skip


_ORIGIN: Final = re.compile(rf"{_UNESCAPED}{{1,{MAX_ORIGIN_BYTES}}}")


@lru_cache(maxsize=16)
def usual_lines(origin: str | None) -> re.Pattern[bytes] | None:
    """What matches every line, newline inside; None where `origin` has no usual form.

    A usual event leaf of `origin` stands in groups 1 to 6 (the leaf, `attrs`, index, `payload`, `prev`, `recorded`),
    any other line in group 7. Left to the caller: that the three hashes are in lowercase hex, and that the time exists.
    """
    if origin is None or _ORIGIN.fullmatch(origin) is None:
        return None
    form = (
        rf'(\{{"attrs":"(.{{64}})","index":{_INDEX},"kind":"event","origin":"{re.escape(origin)}",'
        rf'"payload":"(.{{64}})","prev":"(.{{64}})","recorded":"(.{{27}})","type":"{_UNESCAPED}{{1,{MAX_TYPE_BYTES}}}",'
        rf'"v":"{re.escape(VERSION)}"\}})\n|([^\n]*)\n'
    )
    return re.compile(form.encode())
