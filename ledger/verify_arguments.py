"""The command line of the offline verifier, and what `--version` says."""

from __future__ import annotations

import platform
from argparse import ArgumentParser, ArgumentTypeError, RawDescriptionHelpFormatter
from hashlib import sha256
from pathlib import Path
from typing import Final, NoReturn

from ledger.core.short_words import spoken
from ledger.core.tar import DEFAULT_TAR_BYTES
from ledger.core.version import VERSION

_MAX_DIGITS: Final = 15
_ABOUT: Final = """\
Verify evidence of a Countersign log offline: no network, no account, no trust in the server.
Trust comes from the policy (C2SP tlog-policy) that you hold, never from the file.
"""
_EXAMPLE: Final = """\
example:
  countersign-verify bundle export.tar.gz --policy trust.policy --trust trust.json --report report.json
  with trust.policy:   log example.org/log/acme/decisions+1a2b3c4d+AQ...
                       quorum none
exit codes: 0 verified, 1 rejected, 2 incomplete, 64 unusable input or arguments
"""
_KINDS: Final = {
    "bundle": "an exported bundle, .tar.gz or .tar",
    "receipt": "a receipt: the append API's answer, or the signed receipt alone",
    "checkpoint": "a signed checkpoint (C2SP tlog-checkpoint)",
    "proof": "an inclusion proof (C2SP tlog-proof)",
    "governance": "a governance export: the log of decisions, each judged again",
}


class ArgumentsWrong(Exception):
    """What argparse would have printed before it ended the process."""


class _Parser(ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise ArgumentsWrong(message)


def parser_of() -> ArgumentParser:
    """The parser: one subcommand for each kind of evidence."""
    parser = _Parser(
        prog="countersign-verify",
        description=_ABOUT,
        epilog=_EXAMPLE,
        formatter_class=RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="store_true", help="version, and the SHA-256 of the single file")
    kinds = parser.add_subparsers(dest="kind", required=True, metavar="KIND", parser_class=_Parser)
    for kind, words in _KINDS.items():
        one = kinds.add_parser(
            kind, help=words, description=words, epilog=_EXAMPLE, formatter_class=RawDescriptionHelpFormatter
        )
        _arguments(one, kind)
    return parser


def _arguments(parser: ArgumentParser, kind: str) -> None:
    parser.add_argument("file", metavar="FILE", help="what to verify")
    parser.add_argument("--policy", metavar="FILE", help="your C2SP tlog-policy (needed)")
    parser.add_argument("--trust", metavar="FILE", help="your trust.json: pinned genesis, remembered heads, demands")
    parser.add_argument(
        "--now", metavar="TIME", help="the time to judge by (RFC 3339 or POSIX seconds); else the clock"
    )
    parser.add_argument("--report", metavar="FILE", help="write the report as JSON")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    parser.set_defaults(leaf=None, max_bytes=DEFAULT_TAR_BYTES)
    if kind in {"bundle", "governance"}:
        parser.add_argument(
            "--max-bytes",
            metavar="N",
            type=_size,
            help=f"how large the unpacked tar may be; it lies in a temporary file (default {DEFAULT_TAR_BYTES:,})",
        )
    if kind == "proof":
        parser.add_argument("--leaf", metavar="FILE", help="the leaf's bytes; else those that the proof carries")


def _size(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS):
        raise ArgumentTypeError(f"not a number of bytes: {text[:40]!a}")
    return int(text)


def version_line(own_file: str | None) -> str:
    """Version, Python, and the SHA-256 of the single file to compare with the trust sheet."""
    head = f"countersign-verify {VERSION} (Python {platform.python_version()})"
    if own_file is None:
        return f"{head} from the installed package\n"
    digest = sha256(Path(own_file).read_bytes())
    return f"{head}\nSHA-256 {digest.hexdigest()}\nin words: {spoken(digest.digest())}\n"
