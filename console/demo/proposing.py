"""One change at each stage, so that whoever opens the demo sees what becomes of a proposal, and can go on with one."""

from __future__ import annotations

from dataclasses import dataclass

from console.demo.cast import CHANGES, DECISIONS
from console.demo.governing import Governor, founders_row, session
from console.demo.plan import CODE_OR_DATA, COMMITS, FILES, PACKAGES, Place
from governance.change.actions.draft import draft_change
from governance.change.actions.hold import hold_change
from governance.change.actions.settle import settle_all
from governance.change.actions.submit import submit_change
from governance.change.actions.withdraw import withdraw_change
from governance.change.core.verbs import Verb
from governance.change.models import Change
from governance.identity.models import Tenant
from ledger.core.types import JSONObject
from ledger.selectors.streams import stream

AUTHOR, ONE, TWO, EXECUTOR = "author", "approver-2", "approver-3", "executor"


@dataclass(frozen=True)
class Proposer:
    """Proposes and signs as the demo's people do."""

    governor: Governor

    def propose(self) -> None:
        """Everything, unless it was begun before."""
        if Change.objects.exclude(type="genesis").exists():
            return
        self._draft("role.grant", self._role(DECISIONS.slug), "The reviewers of December need to read decisions.")
        self._submitted("tenant.state", self._state(CHANGES.slug), "A trial of the suspension, agreed for Monday.")
        self._waiting_for_one()
        self._locked()
        self._ready()
        stale = self._submitted("stream.retention", _kept(PACKAGES, 30), "A month is enough for packages.")
        self._applied()
        self._ended()
        settle_all(at=self.governor.moment())
        stale.refresh_from_db()

    def _waiting_for_one(self) -> None:
        row = self._submitted("stream.publicity", _tiles(FILES), "Auditors follow this log's checkpoints on their own.")
        self._say(row, Verb.APPROVE, ONE)

    def _locked(self) -> None:
        body: JSONObject = {"stream": origin(COMMITS), "use": "receipt", "alg": "ed25519"}
        self._approved(self._submitted("log_key.rotate", body, "The yearly rotation."))

    def _ready(self) -> None:
        self._approved(self._submitted("stream.publicity", _tiles(PACKAGES), "The list of packages is no secret."))

    def _applied(self) -> None:
        row = self._submitted("stream.retention", _kept(PACKAGES, 3_650), "Ten years, as the archive asks.")
        self._say(row, Verb.APPROVE, ONE)
        self._say(row, Verb.EXECUTE, EXECUTOR)

    def _ended(self) -> None:
        rejected = self._submitted("tenant.state", self._state(DECISIONS.slug), "A test of whether anybody objects.")
        self._say(rejected, Verb.REJECT, ONE)
        held = self._submitted("role.grant", self._role(CHANGES.slug), "A second reader of the change history.")
        by = session(founders_row(EXECUTOR), self.governor.moment())
        hold_change(held.key, "Who is to read it is not agreed yet.", by=by, at=self.governor.moment())
        taken_back = self._submitted("stream.publicity", _tiles(CODE_OR_DATA), "Too early: the model is still trained.")
        at = self.governor.moment()
        withdraw_change(taken_back.key, by=session(founders_row(AUTHOR), at), at=at)

    def _draft(self, kind: str, body: JSONObject, reason: str) -> Change:
        at = self.governor.moment()
        return draft_change(kind, body, reason, by=session(founders_row(AUTHOR), at), at=at)

    def _submitted(self, kind: str, body: JSONObject, reason: str) -> Change:
        row, at = self._draft(kind, body, reason), self.governor.moment()
        return submit_change(row.key, revision=row.revision, by=session(founders_row(AUTHOR), at), at=at)

    def _approved(self, row: Change) -> None:
        for name in (ONE, TWO):
            self._say(row, Verb.APPROVE, name)

    def _say(self, row: Change, verb: Verb, name: str) -> None:
        self.governor.say(row, verb, founders_row(name))

    def _role(self, slug: str) -> JSONObject:
        who = founders_row("executor-2")
        place = str(Tenant.objects.get(slug=slug).public_id)
        return {
            "person": str(who.public_id), "role": "compliance_officer", "tenant": place, "expires": None,
            "group": None,
        }  # fmt: skip

    def _state(self, slug: str) -> JSONObject:
        return {"tenant": str(Tenant.objects.get(slug=slug).public_id), "state": "suspended"}


def origin(place: Place) -> str:
    """The origin of one of the demo's logs."""
    return stream(place.namespace, place.name).origin


def _tiles(place: Place) -> JSONObject:
    return {"stream": origin(place), "tiles": True, "entries": False}


def _kept(place: Place, days: int) -> JSONObject:
    return {"stream": origin(place), "attrs_days": None, "payload_days": days}
