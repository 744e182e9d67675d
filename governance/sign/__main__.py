"""`python -m governance.sign`: the door of the command-line signer."""

from __future__ import annotations

import json
import sys
from typing import Any

from governance.sign.arguments import parser_of
from governance.sign.commands import COMMANDS
from governance.sign.errors import ArgumentsWrong, FileUnusable
from ledger.errors import LedgerError

REFUSED, UNUSABLE = 1, 64


def main(argv: list[str] | None = None) -> int:
    """Run one command; returns 0 done, 1 refused, 64 unusable arguments or files."""
    words = sys.argv[1:] if argv is None else argv
    as_json = "--json" in words
    try:
        arguments = parser_of().parse_args(words)
        told, text = COMMANDS[arguments.command](arguments)
    except LedgerError as error:
        return _refused(error, as_json=as_json)
    _say(json.dumps(told, sort_keys=True) if as_json else text, sys.stdout)
    return 0


def _refused(error: LedgerError, *, as_json: bool) -> int:
    fields: dict[str, Any] = {
        "code": error.code, "what": error.what, "why": error.why, "next": error.next_step, "path": error.path,
    }  # fmt: skip
    if as_json:
        _say(json.dumps({"error": fields}, sort_keys=True), sys.stdout)
    else:
        place = f" at {error.path}" if error.path else ""
        _say(f"refused: {error.what}{place} ({error.code})", sys.stderr)
        _say(f"why: {error.why or 'no more is known'}\nnext: {error.next_step}", sys.stderr)
    return UNUSABLE if isinstance(error, ArgumentsWrong | FileUnusable) else REFUSED


def _say(text: str, stream: Any) -> None:
    stream.buffer.write(text.encode("utf-8", "backslashreplace") + b"\n")
    stream.flush()


if __name__ == "__main__":
    sys.exit(main())
