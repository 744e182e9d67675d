"""The door of the offline verifier: `python -m ledger.verify`, `countersign-verify`, and the single file.

Guarantees that it reads files and the clock and nothing else: no network, no database, no writing but the
report that was asked for. Everything it decides is decided in `ledger.core`.
"""

from __future__ import annotations

import importlib
import sys
import tempfile
from datetime import datetime
from pathlib import Path
from time import time
from typing import TYPE_CHECKING, NoReturn, cast

from ledger.core.canonical import canonical
from ledger.core.report import EXIT_CODES, Findings, Report
from ledger.core.tar import Limits
from ledger.core.trust import Reader, ReaderTrust, parse_trust
from ledger.core.verify import (
    verify_bundle,
    verify_checkpoint,
    verify_governance,
    verify_proof,
    verify_receipt,
)
from ledger.core.verify.guarded import own_fault
from ledger.core.verify.words import in_words
from ledger.core.witness_policy import Policy, parse_policy
from ledger.errors import LedgerError
from ledger.verify_arguments import ArgumentsWrong, parser_of, version_line
from ledger.verify_processes import in_processes

if TYPE_CHECKING:
    from argparse import Namespace

    from ledger.core.verify.judging import Judge

JUDGE = "governance.change.core.judging"
MAX_INPUT_BYTES = 64 << 20
"""Limit of everything but bundles, which are read as a stream."""


class _Unusable(Exception):
    """Input or arguments that no verification can begin with."""

    def __init__(self, code: str, path: str, message: str) -> None:
        super().__init__(message)
        self.code, self.path, self.message = code, path, message


def main(argv: list[str] | None = None, own_file: str | None = None) -> int:
    """Verify what the arguments name; returns 0 verified, 1 rejected, 2 incomplete, 64 unusable.

    `own_file` is the path of the single file this runs from, where it does.
    """
    words = sys.argv[1:] if argv is None else argv
    if "--version" in words[:1]:
        sys.stdout.write(version_line(own_file))
        return 0
    try:
        arguments = parser_of().parse_args(words)
    except ArgumentsWrong as error:
        return _told(_unusable("arguments", "command line", str(error)), as_json="--json" in words)
    try:
        report = _verified(arguments)
        _written(arguments, report)
    except _Unusable as error:
        report = _unusable(error.code, error.path, error.message)
    except Exception as error:  # noqa: BLE001 - a traceback would end with 1, which means rejected
        report = _unusable("not_evaluated", arguments.kind, own_fault(error))
    return _told(report, as_json=arguments.json)


def _verified(arguments: Namespace) -> Report:
    reader = Reader(_policy(arguments), _trust(arguments), _now(arguments.now))
    if arguments.kind in {"bundle", "governance"}:
        return _bundle(arguments, reader)
    data = _read(arguments.file)
    if arguments.kind == "proof":
        return verify_proof(data, _read(arguments.leaf) if arguments.leaf else None, reader)
    single = {"checkpoint": verify_checkpoint, "receipt": verify_receipt}
    return single[arguments.kind](data, reader)


def _bundle(arguments: Namespace, reader: Reader) -> Report:
    tell = _tick if sys.stderr.isatty() and not arguments.json else str
    try:
        with Path(arguments.file).open("rb") as source, tempfile.TemporaryFile() as scratch:
            limits = Limits(tar_bytes=arguments.max_bytes)
            judge = found_judge()
            if arguments.kind == "governance":
                return verify_governance(source, scratch, reader, judge, limits, tell, in_processes)
            return verify_bundle(source, scratch, reader, limits, tell, in_processes, judge)
    except OSError as error:
        raise _Unusable("input_unreadable", arguments.file, str(error)) from error


def found_judge() -> Judge | None:
    """What judges decisions, where it is installed beside the ledger or stands in the single file; else None.

    Found by its name: the ledger stands below governance and imports nothing of it.
    """
    try:
        return cast("Judge", importlib.import_module(JUDGE).judge)
    except ModuleNotFoundError:
        return None


def _tick(step: str) -> None:
    sys.stderr.write(f"\r\033[K{step} ...")
    sys.stderr.flush()


def _policy(arguments: Namespace) -> Policy:
    if arguments.policy is None:
        raise _Unusable("arguments", "--policy", "A policy that you hold yourself is needed: --policy trust.policy")
    try:
        return parse_policy(_read(arguments.policy))
    except LedgerError as error:
        raise _Unusable("policy_invalid", arguments.policy, str(error)) from error


def _trust(arguments: Namespace) -> ReaderTrust:
    if arguments.trust is None:
        return ReaderTrust()
    try:
        return parse_trust(_read(arguments.trust))
    except LedgerError as error:
        raise _Unusable("trust_invalid", arguments.trust, str(error)) from error


def _now(text: str | None) -> int:
    if text is None:
        return int(time())
    try:
        if text.isascii() and text.isdigit():
            return int(datetime.fromtimestamp(int(text)).astimezone().timestamp())
        moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        _refuse_time(text)
    if moment.tzinfo is None:
        _refuse_time(text)
    return int(moment.timestamp())


def _refuse_time(text: str) -> NoReturn:
    raise _Unusable("arguments", "--now", f"Neither POSIX seconds nor a time with its zone: {text[:60]!a}")


def _read(path: str) -> bytes:
    try:
        with Path(path).open("rb") as file:
            data = file.read(MAX_INPUT_BYTES + 1)
    except (OSError, ValueError) as error:
        raise _Unusable("input_unreadable", path, str(error)) from error
    if len(data) > MAX_INPUT_BYTES:
        raise _Unusable("input_unreadable", path, f"It is longer than {MAX_INPUT_BYTES:,} bytes")
    return data


def _written(arguments: Namespace, report: Report) -> None:
    if arguments.report is None:
        return
    try:
        Path(arguments.report).write_bytes(canonical(report.to_json()) + b"\n")
    except OSError as error:
        raise _Unusable("input_unreadable", arguments.report, f"The report cannot be written: {error}") from error


def _unusable(code: str, path: str, message: str) -> Report:
    findings = Findings("unusable")
    findings.problem(code, path, message)
    return findings.report()


def _told(report: Report, *, as_json: bool) -> int:
    if sys.stderr.isatty() and not as_json:
        sys.stderr.write("\r\033[K")
    text = canonical(report.to_json()).decode() + "\n" if as_json else in_words(report)
    try:
        sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace"))
        sys.stdout.flush()
    except OSError:
        return EXIT_CODES["unusable"]
    return report.exit_code


if __name__ == "__main__":
    sys.exit(main())
