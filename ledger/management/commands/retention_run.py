"""`retention_run [NS/NAME]`: erase what is older than its stream declares, or say what that would be."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from ledger.management.command import LedgerCommand, stream_name
from ledger.selectors.jobs import job
from ledger.selectors.retention import streams_with_terms
from ledger.selectors.streams import StreamView, stream, stream_by_id
from ledger.services.retention import plans_of, request_run, run_retention

ACTOR = "command:retention_run"


class Command(LedgerCommand):
    """Run retention."""

    help = "Erase what is older than declared, in batches of 10,000 events; held events stay. Of one stream, or of all."
    example = "retention_run acme/decisions --dry-run"

    def add_arguments(self, parser: CommandParser) -> None:
        """One stream or all, and whether to do it."""
        parser.add_argument("stream", metavar="NS/NAME", nargs="?")
        parser.add_argument("--dry-run", action="store_true", help="only say what would go, and what is held")

    def act(self, options: dict[str, Any]) -> dict[str, Any]:
        """Plan, or carry out as a job here and now."""
        named = options["stream"]
        found = [stream(*stream_name(named))] if named else [stream_by_id(one) for one in streams_with_terms()]
        rows = [_planned(one) if options["dry_run"] else _done(one) for one in found]
        return {"dry_run": options["dry_run"], "streams": rows}

    def words(self, told: dict[str, Any]) -> str:
        """A line for each rule or run."""
        if not told["streams"]:
            return "No stream declares a retention."
        tell = _plan_words if told["dry_run"] else _run_words
        return "\n".join(line for row in told["streams"] for line in tell(row))


def _planned(found: StreamView) -> dict[str, Any]:
    return {"stream": f"{found.namespace}/{found.name}", "rules": [plan.to_json() for plan in plans_of(found)]}


def _done(found: StreamView) -> dict[str, Any]:
    asked = request_run(found, actor=ACTOR)
    run_retention(asked.public_id)
    ended = job(asked.public_id)
    told = {"stream": f"{found.namespace}/{found.name}", "job": str(ended.public_id), "state": ended.state}
    return {**told, "result": ended.result, "error": ended.error}


def _plan_words(row: dict[str, Any]) -> list[str]:
    lines = []
    for rule in row["rules"]:
        line = f"{row['stream']}: {' and '.join(rule['parts'])} older than {rule['days']:,} days: "
        line += f"{rule['events']:,} events, {rule['bytes']:,} bytes"
        line += f", recorded from {rule['oldest']} to {rule['newest']}" if rule["events"] else ""
        lines.append(line)
        lines += [f"  held under {one['case']}: {one['events']:,} events stay" for one in rule["held"]]
    return lines or [f"{row['stream']}: nothing is declared, everything is kept"]


def _run_words(row: dict[str, Any]) -> list[str]:
    told = row["result"]
    if told is None:
        return [f"{row['stream']}: the run is {row['state']}: {(row['error'] or {}).get('what', '')}"]
    done = f"{told['events']:,} events erased by {told['leaves']:,} leaves"
    return [f"{row['stream']}: {done}; {told['held']:,} are held"]
