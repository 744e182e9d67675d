"""`ledger_import NS/NAME FILE`: a file of JSON lines into a stream."""

from __future__ import annotations

import gzip
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, cast

from django.core.management.base import CommandParser

from ledger.errors import NotThere, RequestError
from ledger.management.command import LedgerCommand, stream_name
from ledger.management.progress import Progress
from ledger.selectors.streams import stream
from ledger.services import import_jobs
from ledger.services.import_formats import FORMATS, Reader, payload_of
from ledger.services.importing import Imported, import_lines

ACTOR = "command:ledger_import"


class Command(LedgerCommand):
    """Import a file."""

    help = (
        "Import a file of JSON lines (also gzipped). Run it again after an interruption: what is in the "
        "stream already is found by source and id."
    )
    example = "ledger_import acme/webhooks github-webhooks.ndjson --format github"

    def add_arguments(self, parser: CommandParser) -> None:
        """Stream, file and how to read it."""
        parser.add_argument("stream", metavar="NS/NAME")
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument("--format", choices=sorted(FORMATS), default="ndjson")
        parser.add_argument("--type", help="lines are bare payloads of events of this type (with --format ndjson)")
        parser.add_argument("--source", help="source of events that name none; `urn:file:<name>` unless given")

    def act(self, options: dict[str, Any]) -> dict[str, Any]:
        """Count the lines, append their events, tell the exact count."""
        target, file = stream(*stream_name(options["stream"])), options["file"]
        began, total = time.monotonic(), import_jobs.count_lines(file)
        bar = Progress(total, "lines", silent=options["json"])
        read = _reader(options)
        with _opened(file) as lines, import_jobs.told(target, file.name, total, actor=ACTOR) as tell:
            done = import_lines(
                target, lines, read, actor=ACTOR, source=options["source"] or f"urn:file:{file.name}",
                tell=_both(bar, tell),
            )  # fmt: skip
        return _told(done, total, stream(target.namespace, target.name).size, time.monotonic() - began)

    def words(self, told: dict[str, Any]) -> str:
        """The count, to the event."""
        return (
            f"{told['appended'] + told['replayed']:,} events from {told['lines']:,} lines: "
            f"{told['appended']:,} appended, {told['replayed']:,} were there already. "
            f"The stream has {told['size']:,} leaves."
        )


def _both(bar: Progress, tell: Callable[[Imported], None]) -> Callable[[Imported], None]:
    """On the terminal and on the page of the job."""

    def told(so_far: Imported) -> None:
        bar.show(so_far.lines)
        tell(so_far)

    return told


def _told(done: Imported, lines: int, size: int, seconds: float) -> dict[str, Any]:
    return {
        "lines": lines, "appended": done.appended, "replayed": done.replayed, "size": size,
        "seconds": round(seconds, 3),
    }  # fmt: skip


def _reader(options: dict[str, Any]) -> Reader:
    if options["type"] is None:
        return FORMATS[options["format"]]
    if options["format"] != "ndjson":
        raise RequestError("--type goes with --format ndjson", next_step="Leave one of them out.")
    return payload_of(options["type"])


def _opened(file: Path) -> IO[bytes]:
    """The file's bytes, unpacked where it is gzipped; raises NotThere."""
    try:
        with file.open("rb") as packed:
            zipped = packed.read(2) == b"\x1f\x8b"
        return cast("IO[bytes]", gzip.open(file, "rb")) if zipped else file.open("rb")
    except OSError as error:
        raise NotThere("The file cannot be read", why=str(error), next_step="Name a readable file.") from error
