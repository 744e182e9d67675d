"""`governance_verify`: replay the record of decisions from the founding, and compare it with the database."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError

from governance.change.selectors.replaying import replayed
from ledger.core.types import JSON
from ledger.management.command import REFUSED, LedgerCommand

MOST_SHOWN = 20


class Command(LedgerCommand):
    """Prove that the database shows what the record explains."""

    help = (
        "Judge `_governance/changes` from the founding as a reader's verifier does, and compare the outcome "
        "with roles, keys, policy, states of tenants and streams, and the rows of changes. Exit 0 where they are the "
        "same, 1 where something contradicts (or nothing was founded)."
    )
    example = "governance_verify --json"
    matches = True

    def handle(self, *args: Any, **options: Any) -> None:
        """Tell the outcome, and exit by it."""
        super().handle(*args, **options)
        if not self.matches:
            raise CommandError(
                "Record and database contradict each other. Next: keep everything as it is and read the report.",
                returncode=REFUSED,
            )

    def act(self, options: dict[str, Any]) -> dict[str, Any]:
        """Replay and compare."""
        del options
        report = replayed()
        self.matches = report.matches
        found: list[JSON] = [
            {"code": one.code, "index": one.index, "words": one.words} for one in report.contradictions
        ]
        return {
            "outcome": "same" if report.matches else "different", "events": report.events, "effects": report.effects,
            "signatures": report.words, "documents": report.documents, "changes": report.changes,
            "untimed": report.untimed,
            "contradictions": found, "not_evaluated": [*report.not_evaluated],
        }  # fmt: skip

    def words(self, told: dict[str, Any]) -> str:
        """The counts, each contradiction, and what nobody looked at."""
        counts = (
            f"{told['events']:,} events, {told['effects']:,} effects, {told['signatures']:,} signatures, "
            f"{told['documents']:,} documents, {told['changes']:,} changes: {told['outcome']}."
        )
        lines = [f"{one['code']} at {one['index']}: {one['words']}" for one in told["contradictions"][:MOST_SHOWN]]
        more = len(told["contradictions"]) - MOST_SHOWN
        open_ = [f"not evaluated: {one}" for one in told["not_evaluated"]]
        return "\n".join([counts, *lines, *([f"and {more:,} more"] if more > 0 else []), *open_])
