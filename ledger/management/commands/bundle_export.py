"""`bundle_export NS/NAME --from I --to J --out FILE`: a bundle of a range of leaves, written and verified."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.db import connections

from ledger.core.bundle import Period
from ledger.errors import ExportFailed, RangeInvalid
from ledger.management.command import LedgerCommand, stream_name
from ledger.management.progress import Progress
from ledger.selectors import bundles, jobs
from ledger.selectors.jobs import JobView
from ledger.selectors.streams import StreamView, stream
from ledger.services import exports

ACTOR = "command:bundle_export"
LOOK_EVERY_S = 0.2


class Command(LedgerCommand):
    """Export a bundle."""

    help = (
        "Export a bundle: leaves with their proofs, receipts and, unless --hide is given, attributes and "
        "payloads. It is verified before it is handed out; the exit code is 0 only for a verified one."
    )
    example = "bundle_export acme/decisions --from 0 --to 99 --out decisions.tar.gz"

    def add_arguments(self, parser: CommandParser) -> None:
        """Stream, range or period, and where to."""
        parser.add_argument("stream", metavar="NS/NAME")
        parser.add_argument("--from", dest="first", type=int, metavar="I", help="first leaf; 0 unless given")
        parser.add_argument(
            "--to", dest="last", type=int, metavar="J", help="last leaf; the newest signed one unless given"
        )
        parser.add_argument(
            "--since",
            metavar="TIME",
            help="instead: leaves recorded from this time on (2026-03-01T00:00:00.000000Z)",
        )
        parser.add_argument("--until", metavar="TIME", help="and before this time")
        parser.add_argument(
            "--hide",
            choices=["attrs", "payload"],
            action="append",
            default=[],
            help="leave these objects out",
        )
        parser.add_argument("--out", required=True, type=Path, metavar="FILE")

    def act(self, options: dict[str, Any]) -> dict[str, Any]:
        """Ask, write, verify, copy; raises what the export raised, and ExportFailed where it is not
        verified.
        """
        target = stream(*stream_name(options["stream"]))
        asked, job = _asked(target, options)
        _run(job, Progress(job.total or 0, "leaves", silent=options["json"]))
        ended = jobs.job(job.public_id)
        if ended.error is not None:
            raise ExportFailed(ended.error["what"], why=ended.error["why"], next_step=ended.error["next"])
        view = bundles.bundle(asked.public_id)
        if not view.file:
            raise ExportFailed("The export ended without a file", why=f"its job is {ended.state}")
        _copied(view, options["out"])
        if view.outcome != "verified":
            codes = sorted({problem["code"] for problem in (view.report or {}).get("problems", [])})
            raise ExportFailed(
                f"The bundle is {view.outcome}", why=", ".join(codes), next_step="Read docs/problem-codes.md."
            )
        return {
            "id": str(view.public_id),
            "bundle": view.bundle_id,
            "sha256": view.file_sha256,
            "bytes": view.file_size,
            "from": view.first,
            "to": view.last,
            "head_size": view.head_size,
            "outcome": view.outcome,
            "out": str(options["out"]),
        }

    def words(self, told: dict[str, Any]) -> str:
        """What was written, and its digest."""
        range_ = f"leaves {told['from']:,} to {told['to']:,} under a head of {told['head_size']:,} leaves"
        file = f"{told['bytes']:,} bytes in {told['out']}"
        digests = f"SHA-256 of the file {told['sha256']}\nbundle id {told['bundle']}"
        return f"{told['outcome']}: {range_}, {file}\n{digests}"


def _asked(target: StreamView, options: dict[str, Any]) -> tuple[bundles.BundleView, JobView]:
    disclose = [role for role in ("attrs", "payload") if role not in options["hide"]]
    period = options["since"] or options["until"]
    if period and (options["first"] is not None or options["last"] is not None):
        raise RangeInvalid(
            "A range and a period exclude each other", next_step="Leave --from/--to or --since/--until out."
        )
    if period:
        asked = Period("recorded", options["since"], options["until"])
        return exports.request_period(target, asked, actor=ACTOR, disclose=disclose)
    first = options["first"] or 0
    last = target.signed_size - 1 if options["last"] is None else options["last"]
    return exports.request_bundle(target, first, last + 1, actor=ACTOR, disclose=disclose)


def _run(job: JobView, bar: Progress) -> None:
    """Carry the job out beside the bar; a worker that was faster is waited for."""
    thread = threading.Thread(target=_export, args=(job,), daemon=True)
    thread.start()
    while thread.is_alive() or jobs.job(job.public_id).state in {"queued", "running"}:
        thread.join(LOOK_EVERY_S)
        bar.show(jobs.job(job.public_id).done)


def _export(job: JobView) -> None:
    try:
        exports.run_export(job.public_id)
    finally:
        connections.close_all()


def _copied(view: bundles.BundleView, target: Path) -> None:
    try:
        with bundles.open_file(view) as source, target.open("wb") as file:
            shutil.copyfileobj(source, file, 1 << 20)
    except OSError as error:
        raise ExportFailed("The file cannot be written", why=str(error), next_step="Choose another --out.") from error
