"""`python -m tests.support.verifier_tables`: the tables of the browser's verifier, written from those of Python's."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from ledger.core.codes import CODES
from ledger.core.steps import NONE, REQUIRED, STEPS, UNITS

TABLES: Final = Path(__file__).resolve().parents[2] / "static/js/verify/tables.js"
_HEAD: Final = """\
// The verifier's words: problem codes with what they do to the outcome and what to do next, and the steps.
// The same tables as the Python verifier's; a test holds them together.
"""


def text() -> str:
    """The whole file."""
    codes = {name: [code.effect.value, code.next] for name, code in CODES.items()}
    tables: dict[str, Mapping[str, object]] = {
        "CODES": codes,
        "STEPS": STEPS,
        "UNITS": UNITS,
        "NONE": NONE,
        "REQUIRED": REQUIRED,
    }
    return _HEAD + "\n".join(_table(name, rows) for name, rows in tables.items())


def _table(name: str, rows: Mapping[str, object]) -> str:
    lines = (f"  {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)},\n" for key, value in rows.items())
    return f"export const {name} = {{\n{''.join(lines)}}};\n"


if __name__ == "__main__":
    TABLES.write_text(text(), encoding="utf-8")
