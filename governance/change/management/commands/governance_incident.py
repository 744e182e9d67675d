"""`governance_incident`: open an incident at the server, add to its timeline, close it, or list those that are open."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from governance.change.actions.own_incident import open_incident, tend_incident
from governance.change.errors import BodyMalformed
from governance.change.selectors.last_moment import IncidentView, incidents
from governance.identity.management.command import IdentityCommand, tenant_of


class Command(IdentityCommand):
    """The record of what is looked into."""

    help = (
        "Open an incident (--kind and --reason), add to the timeline of one (--incident and --text), or close it "
        "(--close beside them). An incident gives no power; a canary is reset under an open one alone. What is done "
        "here is recorded as done at the server. Without any of these, list the incidents that are open."
    )
    example = "governance_incident --kind 'canary drift' --reason 'settle on holdout-a is frozen'"

    def add_arguments(self, parser: CommandParser) -> None:
        """Opening, going on, closing."""
        parser.add_argument("--kind", default="", help="what it is, in a few words: opens one")
        parser.add_argument("--reason", default="", help="what was seen")
        parser.add_argument("--tenant", default="", metavar="SLUG", help="whose it is; the platform's without")
        parser.add_argument("--incident", default="", metavar="ID", help="go on with this one")
        parser.add_argument("--text", default="", help="what happened since")
        parser.add_argument("--close", action="store_true", help="the text is the last entry")

    def act(self, options: dict[str, Any]) -> dict[str, Any]:
        """One step, or the list."""
        if options["kind"] and options["incident"]:
            raise BodyMalformed("One is opened or gone on with", next_step="Leave --kind or --incident out.")
        if options["kind"]:
            tenant = str(tenant_of(options["tenant"]).public_id) if options["tenant"] else None
            row = open_incident(options["kind"], options["reason"], tenant=tenant, by=self.by, at=self.moment())
            return {"opened": str(row.public_id), "index": row.index}
        if options["incident"]:
            tend_incident(
                options["incident"], options["text"], closes=options["close"], by=self.by, at=self.moment()
            )  # fmt: skip
            return {"incident": options["incident"], "closed": options["close"]}
        return {"open": [_told(one) for one in incidents(is_open=True)]}

    def words(self, told: dict[str, Any]) -> str:
        """A line for each."""
        if "opened" in told:
            return f"Incident {told['opened']} is open, by leaf {told['index']}."
        if "incident" in told:
            return f"Incident {told['incident']} {'is closed' if told['closed'] else 'has one more entry'}."
        rows = [f"{one['id']}  {one['kind']}: {one['reason']}" for one in told["open"]]
        return "\n".join(rows) or "No incident is open."


def _told(one: IncidentView) -> dict[str, Any]:
    return {
        "id": one.id, "kind": one.kind, "reason": one.reason, "by": one.by, "tenant": one.tenant,
        "change": one.change or None, "index": one.index, "opened": one.opened.isoformat(),
        "entries": [{"at": at.isoformat(), "by": who, "text": text, "index": index}
                    for at, who, text, index in one.entries],
    }  # fmt: skip
