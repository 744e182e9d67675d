"""`python -m tests.support.signer_tables`: the tables of the browser's signer, written from those of Python's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from governance.change.core import rendering, statement
from governance.change.core.characters import HIDDEN, UNASSIGNED
from governance.change.core.verbs import Verb
from governance.sign import keyfile
from governance.sign.reading import POSSESSION, UNTYPED
from governance.sign.telling import DIRECTIONS, MEANINGS
from governance.sign.telling_native import NATIVE_KINDS
from ledger.core.short_words import WORDS

TABLES: Final = Path(__file__).resolve().parents[2] / "static/js/sign/tables.js"
_HEAD: Final = """\
// Verbs, words and characters of statements: the same tables as the command line's; a test holds them together.
"""


def text() -> str:
    """The whole file."""
    tables: dict[str, object] = {
        "VERSION": statement.VERSION,
        "MOST_BYTES": statement.MOST_BYTES,
        "CODE_WORDS": statement.CODE_WORDS,
        "ORDER": rendering.ORDER,
        "UNTYPED": sorted(UNTYPED),
        "POSSESSION": [verb.value for verb in POSSESSION],
        "PAYLOAD_TYPES": {verb.value: verb.payload_type for verb in Verb},
        "MEANINGS": {verb.value: MEANINGS[verb] for verb in Verb},
        "DIRECTIONS": DIRECTIONS,
        "NATIVE_KINDS": NATIVE_KINDS,
        "KEY_VERSION": keyfile.VERSION,
        "ITERATIONS": keyfile.ITERATIONS,
        "MOST_ITERATIONS": keyfile.MOST_ITERATIONS,
        "HIDDEN": " ".join(HIDDEN.split()),
        "UNASSIGNED": " ".join(UNASSIGNED.split()),
        "WORDS": " ".join(WORDS),
    }
    return _HEAD + "".join(_table(name, value) for name, value in tables.items())


def _table(name: str, value: object) -> str:
    if isinstance(value, dict):
        rows = "".join(f"  {json.dumps(key)}: {json.dumps(one, ensure_ascii=False)},\n" for key, one in value.items())
        return f"export const {name} = {{\n{rows}}};\n"
    return f"export const {name} = {json.dumps(value, ensure_ascii=False)};\n"


if __name__ == "__main__":
    TABLES.write_text(text(), encoding="utf-8")
