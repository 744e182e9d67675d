"""`governance_export`: the whole log of decisions as a bundle that anybody judges again offline."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from governance.change.core.judging import judge
from governance.change.selectors.deployment import CHANGES, changes_stream
from ledger.core.report import Report
from ledger.core.trust import Reader, ReaderTrust
from ledger.core.verify import verify_governance
from ledger.core.witness_policy import parse_policy
from ledger.management.commands.bundle_export import Command as BundleExport
from ledger.selectors.health import policy_in_force
from ledger.services.seal import seal_window


class Command(BundleExport):
    """Export decisions."""

    help = (
        "Export the log of decisions from its first leaf on, with every signed word and policy text, and judge each "
        "decision again before it is handed out. Readers do the same: python -m ledger.verify governance FILE."
    )
    example = "governance_export --out governance.tar.gz"

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to."""
        parser.add_argument("--out", required=True, type=Path, metavar="FILE")

    def act(self, options: dict[str, Any]) -> dict[str, Any]:
        """Seal, export, judge; the export is refused as any bundle, the verdict is told."""
        seal_window(changes_stream().id, reason="request")
        stream = changes_stream()
        asked = {"stream": f"{CHANGES[0]}/{stream.name}", "first": None, "last": None, "since": None, "until": None}
        told = super().act({**options, **asked, "hide": []})
        report = _judged(options["out"], stream.origin, policy_in_force(stream))
        codes = sorted({problem.code for problem in report.problems})
        return {**told, "decisions": report.outcome, "judged": report.counts.get("decisions", 0), "codes": codes}

    def words(self, told: dict[str, Any]) -> str:
        """The bundle's line, and the verdict's."""
        why = f" ({', '.join(told['codes'])})" if told["codes"] else ""
        return f"{super().words(told)}\n{told['judged']:,} decisions judged again: {told['decisions']}{why}"


def _judged(file: Path, origin: str, policy: str) -> Report:
    reader = Reader(parse_policy(policy.encode()), ReaderTrust(governance_origin=origin), int(time.time()))
    with file.open("rb") as source, tempfile.TemporaryFile() as scratch:
        return verify_governance(source, scratch, reader, judge)
