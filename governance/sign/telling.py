"""The statement as text for a terminal or for paper: what is asked first, then every value, then the short code."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence
from typing import Any, Final

from governance.change.core.rendering import as_text, lines, shown
from governance.change.core.statement import Statement
from governance.change.core.verbs import Verb
from governance.sign.reading import code_is_asked, is_possession, tier_of
from ledger.core.canonical import canonical

DIRECTIONS: Final = {
    "loosens": "THIS CHANGE WEAKENS what protects the system.",
    "tightens": "This change strengthens what protects the system.",
    "neutral": "This change neither weakens nor strengthens what protects the system.",
}
MEANINGS: Final = {
    Verb.SUBMIT: "You put this change forward for review.",
    Verb.APPROVE: "You approve that this change, and its way back, are carried out.",
    Verb.REJECT: "You say no to this change in this revision.",
    Verb.REVOKE_APPROVAL: "You take back your approval; the change waits for another.",
    Verb.VETO: "You stop this change for good.",
    Verb.EXECUTE: "You carry this change out: it takes effect.",
    Verb.REVERT: "You carry out the declared way back.",
    Verb.ENROL_KEY: "You prove that this new key is in your hands.",
    Verb.ROTATE_KEY: "You replace a key by another.",
    Verb.REVOKE_KEY: "You take the power from a key, at once.",
    Verb.FOUND: "You found this deployment with these people, keys and rules.",
    Verb.FREEZE: "You stop what the change names, at once.",
    Verb.THAW: "You let what was frozen go on.",
    Verb.EMERGENCY: "You apply this without waiting; it must be ratified.",
    Verb.ACKNOWLEDGE_EMERGENCY: "You take note of what was applied in an emergency.",
}
_WIDTH: Final = 100
_PLAIN: Final = re.compile(r"[A-Za-z0-9_./:~@-]+", re.ASCII)


def told(statement: Statement, beside: Sequence[str] = ()) -> str:
    """The whole: head, effect, what stands `beside` it, every value of the signed bytes, and the code."""
    rule = "-" * _WIDTH
    rows = [*_head(statement), "", *_effect(statement), *beside, rule, "EVERYTHING THAT IS SIGNED"]
    return "\n".join([*rows, as_text(statement)])


def suspects(statement: Statement) -> list[str]:
    """Paths of the values that hold characters which were written out."""
    return [line.path for line in lines(statement) if line.suspect]


def _head(statement: Statement) -> Iterator[str]:
    fields: dict[str, Any] = statement.fields
    change, effect = fields["change"], fields["effect"]
    about = f"({named(change['id'])}, revision {change['revision']})"
    yield f"{statement.verb.value.upper()}  {named(change['type'])}  {about}"
    yield MEANINGS.get(statement.verb, "")
    yield DIRECTIONS[effect["direction"]]
    yield f"tier: {_tier(statement)}"
    yield f"signed by {named(fields['signer']['person'])} with key {named(fields['signer']['key'])}"
    if found := suspects(statement):
        yield from textwrap.wrap(
            f"Characters that cannot be seen are written out as <U+...> in: {', '.join(found)}", _WIDTH
        )
    if fields["client"]["kind"] == "browser":
        yield "Note: this statement says that it is signed in a browser."


def _effect(statement: Statement) -> Iterator[str]:
    effect: Any = statement.fields["effect"]
    yield "WHAT CHANGES"
    for row in effect["diff"]:
        yield f"  {named(row['path']) if row['path'] else '(the whole)'}: {_side(row['old'])}  ->  {_side(row['new'])}"
    if not effect["diff"]:
        yield "  nothing"
    yield "WHAT IT INVALIDATES"
    yield from [f"  {shown(canonical(one).decode())}" for one in effect["invalidates"]] or ["  nothing"]
    yield "THE WAY BACK"
    way = effect["way_back"]
    yield "  THERE IS NONE: this cannot be undone." if way is None else f"  {shown(canonical(way).decode())}"


def _tier(statement: Statement) -> str:
    if is_possession(statement):
        return "none: it proves that a key is held, and decides nothing"
    return named(tier_of(statement)) if tier_of(statement) else "not told: taken as critical"


def _side(value: str | None) -> str:
    return "(not there)" if value is None else shown(value)


def named(text: str) -> str:
    """A name as it is where it is plain; else in quotes, so that it cannot imitate the words around it."""
    return text if _PLAIN.fullmatch(text) else shown(canonical(text).decode())


def asked_words(statement: Statement) -> str:
    """What the terminal asks for before a signature."""
    return "Type the six words of the short code to sign: " if code_is_asked(statement) else ""
