"""Native artefacts as text for a terminal or for paper: every value from its own bytes, and its short code."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from governance.change.core.native import EXECUTOR, Artefact, Declared
from governance.change.core.native_forms import DOMAINS, EPOCH, EVENT, NULLSPEC, RECORD
from governance.sign.reading import Received
from ledger.core.types import JSON

NATIVE_KINDS: Final = {
    NULLSPEC: "NullSpec contract",
    RECORD: "Operator record of an oracle",
    EPOCH: "Epoch control",
    EVENT: "Line of the governance event log",
}
_LEFT: Final = "whoever carries the change out signs it, with the time and the key's name that are left out here"


def told_natively(received: Received) -> list[str]:
    """What the change lists beside its statement, line by line."""
    return [row for listed, made in received.native for row in _rows(received, listed, made)]


def facts_of(received: Received) -> list[JSON]:
    """The same for a program: kind, whether it is signed here, short code, and every line."""
    return [
        {
            "kind": made.kind, "signed": listed.is_signed_with(received.statement.verb), "code": made.code,
            "lines": [[line.path, line.text, line.suspect] for line in made.lines()],
        }
        for listed, made in received.native
    ]  # fmt: skip


def _rows(received: Received, listed: Declared, made: Artefact) -> Iterator[str]:
    signs = listed.is_signed_with(received.statement.verb)
    yield f"{'SIGNED BESIDE IT' if signs else 'LISTED BESIDE IT'}: {NATIVE_KINDS[made.kind]}"
    if not signs:
        yield f"  {_LEFT if listed.by == EXECUTOR else 'its author signs it with a native key; you do not'}"
    elif made.kind in DOMAINS:
        yield f"  signed is SHA-256 of {DOMAINS[made.kind]} and this text, computed here"
    else:
        more = "; then the registry's signature, over it with its id and your signature in it"
        yield f"  signed is this text as it is{more if made.kind == NULLSPEC else ''}"
    yield from (f"  {line.path}: {line.text}" for line in made.lines())
    if signs:
        yield f"  its short code: {made.code}"
