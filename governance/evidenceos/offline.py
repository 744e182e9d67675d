"""The door of the offline verifier of EvidenceOS: `python -m governance.evidenceos`.

Guarantees that it reads files and the clock and nothing else: no network, no database, no framework, and nothing is
written. Everything it decides is decided in `governance.evidenceos.core`, as on the pages.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from time import time
from typing import TYPE_CHECKING, Any, Final, NoReturn

from governance.evidenceos.core import claim_files
from governance.evidenceos.core.directory import UNREAD, Asked, file_rows
from governance.evidenceos.core.importing import read_directory
from governance.evidenceos.files.reading import read
from ledger.core.report import EXIT_CODES
from ledger.errors import LedgerError

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_BYTES: Final = 64 << 20
_WHICH: Final = "no file is an answer of FetchCapsule, or several are: name the claim with --claim-id"


class _Unusable(Exception):
    """Arguments or files that no verification can begin with."""


class _Parser(argparse.ArgumentParser):
    """Ends with 64 for wrong arguments: 1 and 2 are verdicts."""

    def error(self, message: str) -> NoReturn:
        raise _Unusable(message)


def main(argv: list[str] | None = None) -> int:
    """Verify what the arguments name; returns 0 verified, 1 rejected, 2 incomplete, 64 unusable.

    The answer is JSON on standard output: on one line with `--json`, indented without.
    """
    words = sys.argv[1:] if argv is None else argv
    try:
        arguments = _parser().parse_args(words)
        outcome, told = arguments.act(arguments)
    except (_Unusable, LedgerError, OSError) as error:
        outcome, told = "unusable", {"outcome": "unusable", "why": str(error)[:500]}
    except Exception as error:  # noqa: BLE001 - a traceback would end with 1, which means rejected
        outcome, told = "unusable", {"outcome": "unusable", "why": f"a fault of this program: {error!r}"[:500]}
    sys.stdout.write(json.dumps(told, indent=None if "--json" in words else 2, ensure_ascii=False) + "\n")
    return EXIT_CODES[outcome]


def _parser() -> _Parser:
    parser = _Parser(prog="python -m governance.evidenceos", description=__doc__)
    kinds = parser.add_subparsers(required=True, metavar="KIND")
    claim = _kind(kinds, "claim", "A claim, from what its daemon answered: capsule, proof, head, revocations.", _claim)
    claim.add_argument("files", nargs="+", type=Path, metavar="FILE", help="as grpcurl prints them, in any order")
    claim.add_argument("--key", action="append", default=[], help="a public key of the log: hexadecimal or Base64")
    claim.add_argument("--claim-id", default=None, metavar="HEX", help="which claim, where the files hold several")
    whole = _kind(kinds, "directory", "A data directory or a copy of one: every file, and what is wrong.", _directory)
    whole.add_argument("directory", type=Path, metavar="DIR")
    whole.add_argument("--epoch", type=int, default=None, metavar="N", help="the logical epoch; else the forced one")
    return parser


def _kind(kinds: Any, name: str, words: str, act: Callable[[argparse.Namespace], Any]) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = kinds.add_parser(name, help=words, description=words)
    parser.add_argument("--json", action="store_true", help="on one line")
    parser.set_defaults(act=act)
    return parser


def _claim(arguments: argparse.Namespace) -> tuple[str, dict[str, Any]]:
    found = claim_files.sorted_out((path.name, _bytes(path)) for path in arguments.files)
    report = claim_files.judged(found, claim_files.keys_of("\n".join(arguments.key)), arguments.claim_id)
    if report is None:
        raise _Unusable(_WHICH)
    shown = [
        {"name": one.name, "what": one.what, "size": one.size, "sha256": one.digest, "problem": one.problem}
        for one in found.shown
    ]  # fmt: skip
    told = {**report.to_json(), "answer": claim_files.ANSWERS[report.outcome], "files": shown}
    return report.outcome, told


def _directory(arguments: argparse.Namespace) -> tuple[str, dict[str, Any]]:
    files = read(arguments.directory.resolve(), whole=True)
    found = read_directory(files.files, Asked(now=int(time()), epoch=arguments.epoch), files.refused)
    if all(row.kind in UNREAD for row in found.files):
        raise _Unusable(f"{arguments.directory} holds none of the files of a data directory")
    return found.verdict, {"outcome": found.verdict, "files": file_rows(found)}


def _bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise _Unusable(f"{path.name} is larger than {MOST_BYTES:,} bytes")
    return data
